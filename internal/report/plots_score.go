package report

import (
	"strings"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// threshold is what warning of every score from a number on would give.
type threshold struct {
	score, warned, came int
	precision, recall   float64
}

// thresholds are the steps of the calibration added up from the highest score
// down. Those at which nothing would be warned of have no figures, nor has any
// where nothing came.
func thresholds(f *backtest.Figures) []threshold {
	var list []threshold
	warned, came := 0, 0
	for i := len(f.Calibration) - 1; i >= 0; i-- {
		b := f.Calibration[i]
		warned, came = warned+b.Cases, came+b.Outcomes
		if warned > 0 && f.Outcomes > 0 {
			list = append(list, threshold{b.From, warned, came, float64(came) / float64(warned), float64(came) / float64(f.Outcomes)})
		}
	}
	return list
}

// tradeOff is precision against recall: what a higher threshold wins and loses.
func tradeOff(fig *figure, f *backtest.Figures, asked string) error {
	list := thresholds(f)
	fig.Title = text("准确率与召回率", "Precision and recall")
	fig.Caption = text("横：召回率，越右漏得越少；竖：准确率，越高白跑越少。线：只看得分、每 10 分一个门槛；标记：四个级别。",
		"Across: recall; to the right fewer are missed. Up: precision; higher up fewer run for nothing. Line: by score alone, a threshold every 10 points. Marks: the four levels.")
	fig.Data = thresholdTable(list)
	if len(list) == 0 {
		return nil
	}
	s, through := newSketch(), plotter.XYs{}
	shareAxis(&s.X, 1)
	shareAxis(&s.Y, highest(list, f))
	for _, t := range list {
		through = append(through, plotter.XY{X: t.recall, Y: t.precision})
	}
	s.grid(true)
	s.level(f.BaseRate)
	s.line(through, line("main", 1.5))
	s.marks(through, dot(2))
	fig.Legend = []key{{"line", text("每 10 分一个门槛", "a threshold every 10 points")}}
	said := levelMarks(s, fig, f, asked)
	fig.Legend = append(fig.Legend, baseKey())
	var err error
	fig.SVG, err = s.write(text("准确率与召回率图（准确率/召回率）："+said, "Precision against recall, by level."))
	return err
}

// highest is the highest precision that is drawn.
func highest(list []threshold, f *backtest.Figures) float64 {
	most := 0.0
	for _, t := range list {
		most = max(most, t.precision)
	}
	for _, l := range f.Levels {
		if l.Precision != nil {
			most = max(most, *l.Precision)
		}
	}
	return most
}

// levelMarks draws the four levels and says where they lie.
func levelMarks(s *sketch, fig *figure, f *backtest.Figures, asked string) string {
	var said []string
	for i, level := range colours() {
		l := f.Levels[level.String()]
		if l == nil || l.Precision == nil || l.Recall == nil {
			continue
		}
		s.marks(plotter.XYs{{X: *l.Recall, Y: *l.Precision}}, levelMark(i, level))
		said = append(said, level.Name().ZH+" "+percent(*l.Precision)+"/"+percent(*l.Recall))
		fig.Legend = append(fig.Legend, levelKey(level, asked))
	}
	return strings.Join(said, "，")
}

func thresholdTable(list []threshold) table {
	t := table{Caption: text("按得分的门槛", "by threshold of the score"), Columns: columns(1, text("得分不低于", "score at least"), text("预警", "warned"),
		text("其中发生", "came true"), text("准确率", "precision"), text("召回率", "recall"))}
	for _, l := range list {
		t.Rows = append(t.Rows, row{Cells: []cell{words(text(itoa(l.score), "")), number(l.warned), number(l.came), {Value: percent(l.precision)}, {Value: percent(l.recall)}}})
	}
	return t
}

// diamond is a mark that the library has not: its cross is too thin to be seen.
type diamond struct{}

// DrawGlyph implements draw.GlyphDrawer.
func (diamond) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	r := style.Radius * 1.2
	c.FillPolygon(style.Color, []vg.Point{{X: at.X, Y: at.Y + r}, {X: at.X + r, Y: at.Y}, {X: at.X, Y: at.Y - r}, {X: at.X - r, Y: at.Y}})
}

// levelMark has a shape of its own for each level: colour alone does not tell everybody.
func levelMark(i int, level rules.Level) draw.GlyphStyle {
	shapes := []draw.GlyphDrawer{draw.CircleGlyph{}, draw.PyramidGlyph{}, draw.BoxGlyph{}, diamond{}}
	return draw.GlyphStyle{Color: inks()[level.String()], Radius: 5.5, Shape: shapes[i]}
}

func levelKey(level rules.Level, asked string) key {
	name := level.Name()
	if level.String() == asked {
		name = text(name.ZH+"（本次所用）", name.EN+", used here")
	}
	return key{level.String(), name}
}

// calibration is the share that came, by score.
func calibration(fig *figure, f *backtest.Figures) error {
	fig.Title = text("分数说了算不算", "Does the score mean what it says")
	fig.Caption = text("横：得分；竖：这一分数段中发生的比例，竖线为 95% 区间。分数越高、比例越高才对。",
		"Across: score. Up: share of those that scored so in which it came, with the 95 % interval. A higher score should mean a higher share.")
	fig.Legend = []key{{"point", text("比例和 95% 区间", "share with 95 % interval")}, baseKey()}
	fig.Data = calibrationTable(f)
	var at steps
	most := 0.0
	for _, b := range f.Calibration {
		if b.Share != nil && b.Interval != nil {
			most = max(most, b.Interval[1])
			at.XYs = append(at.XYs, plotter.XY{X: float64(b.From+b.To) / 2, Y: *b.Share})
			at.YErrors = append(at.YErrors, struct{ Low, High float64 }{*b.Share - b.Interval[0], b.Interval[1] - *b.Share})
		}
	}
	if len(at.XYs) == 0 {
		return nil
	}
	s := newSketch()
	wholeAxis(&s.X, 100)
	shareAxis(&s.Y, most)
	s.grid(false)
	s.level(f.BaseRate)
	bars, err := plotter.NewYErrorBars(at)
	if err == nil {
		bars.LineStyle, bars.CapWidth = line("main", 1.2), vg.Points(7)
	}
	s.add(bars, err)
	s.marks(at.XYs, dot(3.5))
	fig.SVG, err = s.write(textf("校准图：%d 个分数段中发生的比例。", "Calibration: the share that came in %d steps of the score.", len(at.XYs)))
	return err
}

// steps are points with their intervals.
type steps struct {
	plotter.XYs
	plotter.YErrors
}

func calibrationTable(f *backtest.Figures) table {
	t := table{Caption: text("按得分", "by score"), Columns: columns(1, text("得分", "score"), text("数量", "cases"), text("其中发生", "outcomes"), text("比例", "share"))}
	for _, b := range f.Calibration {
		t.Rows = append(t.Rows, row{Cells: []cell{words(text(itoa(b.From)+" – "+itoa(b.To), "")), number(b.Cases), number(b.Outcomes),
			perhaps(b.Share, percent, noneScored()).between(b.Interval, percent)}})
	}
	return t
}
