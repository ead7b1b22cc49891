package backtest

// Outlier is a part of the cohort for which precision or recall is not what it is
// for the whole: the rules are blind there, or unfair.
type Outlier struct {
	By       string     `json:"by"` // channel, unit, place
	Value    string     `json:"value"`
	Figure   string     `json:"figure"` // precision, recall
	Part     float64    `json:"part"`
	Of       int        `json:"of"` // rows that it is a share of
	Interval [2]float64 `json:"interval"`
	Whole    float64    `json:"whole"`
}

// fewest is how many rows a part's figure must be of to be held against the whole's.
const fewest = 5

// outliers gives the parts whose 95 % Wilson interval does not hold the whole's
// figure, of at least five rows. Where there are many parts, one in twenty is so
// by chance.
func (f *Figures) outliers() []Outlier {
	list := []Outlier{}
	for _, by := range []struct {
		name   string
		shares []Share
	}{{"channel", f.ByChannel}, {"unit", f.ByUnit}, {"place", f.ByPlace}} {
		for _, s := range by.shares {
			list = appendOutlier(list, Outlier{By: by.name, Value: s.Value, Figure: "precision", Of: s.Warned}, s.True, f.Precision)
			list = appendOutlier(list, Outlier{By: by.name, Value: s.Value, Figure: "recall", Of: s.Outcomes}, s.True, f.Recall)
		}
	}
	return list
}

func appendOutlier(list []Outlier, o Outlier, k int, whole *float64) []Outlier {
	interval := Wilson(k, o.Of)
	if o.Of < fewest || whole == nil {
		return list
	}
	o.Part, o.Interval, o.Whole = float64(k)/float64(o.Of), *interval, *whole
	const rounding = 1e-9 // of an interval that ends at 0 or 1
	if o.Whole < o.Interval[0]-rounding || o.Whole > o.Interval[1]+rounding {
		return append(list, o)
	}
	return list
}

// Below says that the figure is lower than the whole's.
func (o Outlier) Below() bool { return o.Part < o.Whole }
