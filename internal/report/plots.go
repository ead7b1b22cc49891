package report

import (
	"fmt"
	"time"

	"gonum.org/v1/plot/plotter"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// key is a line of a legend.
type key struct {
	Mark string // a class of the style sheet
	Text rules.Text
}

// figures are the four plots of a risk.
func figures(in *Input, every time.Duration, risk *rules.Risk, f *backtest.Figures) ([]figure, error) {
	first := in.Report.From.In(risk.Zone)
	all := make([]figure, 4)
	for i, draw := range []func(*figure) error{
		func(fig *figure) error { return tradeOff(fig, f, in.Report.Level) },
		func(fig *figure) error { return calibration(fig, f) },
		func(fig *figure) error { return daily(fig, f, first, every) },
		func(fig *figure) error { return leads(fig, f) },
	} {
		if err := draw(&all[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", risk.ID, err)
		}
	}
	return all, nil
}

func baseKey() key {
	return key{"dash", text("基础率（随便抽查）", "base rate, picking at random")}
}

// daily is the warnings of each instant from the second on.
func daily(fig *figure, f *backtest.Figures, first time.Time, every time.Duration) error {
	from, step := date(first), stepWords(every)
	fig.Title = text("每天有多少预警", "Warnings per day")
	fig.Caption = text("竖：每个评估时点新发出的预警，从 "+from+" 起，每 "+step.ZH+"一次。", "Up: new warnings at each instant, from "+from+" on, one every "+step.EN+".")
	fig.Legend = []key{{"bar", text("每个时点", "each instant")}, {"dash", textf("每天平均 %s", "average of %s a day", decimal(f.WarningsPerDay))}}
	fig.Data = dailyTable(f, first, every)
	if len(f.Daily) == 0 {
		return nil
	}
	h, most := &plotter.Histogram{Width: 1, FillColor: inks()["main"]}, 0
	for i, n := range f.Daily {
		most = max(most, n)
		h.Bins = append(h.Bins, plotter.HistogramBin{Min: float64(i), Max: float64(i) + 1, Weight: float64(n)})
	}
	s := newSketch()
	countAxis(&s.Y, float64(most))
	dateAxis(&s.X, first, every, len(f.Daily))
	s.grid(false)
	s.Add(h)
	mean := f.WarningsPerDay * every.Hours() / 24
	s.level(&mean)
	var err error
	fig.SVG, err = s.write(textf("每个时点的新预警：%d 个时点，最多 %d 条。", "New warnings at each of %d instants, at most %d.", len(f.Daily), most))
	return err
}

func dailyTable(f *backtest.Figures, first time.Time, every time.Duration) table {
	t := table{Caption: text("每个时点的预警", "warnings at each instant"), Columns: columns(1, text("时点", "instant"), text("新预警", "new warnings"))}
	for i, n := range f.Daily {
		t.Rows = append(t.Rows, row{Cells: []cell{words(text(clock(first.Add(time.Duration(i+1)*every)), "")), number(n)}})
	}
	return t
}

// leads is the histogram of lead times.
func leads(fig *figure, f *backtest.Figures) error {
	fig.Title = text("提前多久", "How long before")
	fig.Caption = text("横：预警比事情提前的天数；竖：应验的预警数。", "Across: days from the warning to the outcome. Up: warnings that came true.")
	fig.Data = table{Caption: text("提前天数", "lead days"), Columns: columns(1, text("提前天数", "lead days"), text("应验的预警", "came true"))}
	if len(f.LeadHours) == 0 {
		return nil
	}
	h, most := leadBins(f.LeadHours), 0.0
	for _, b := range h.Bins {
		most = max(most, b.Weight)
		fig.Data.Rows = append(fig.Data.Rows, row{Cells: []cell{words(text(whole(b.Min)+" – "+whole(b.Max), "")), number(int(b.Weight))}})
	}
	s := newSketch()
	countAxis(&s.Y, most)
	wholeAxis(&s.X, h.Bins[len(h.Bins)-1].Max)
	s.grid(false)
	s.Add(h)
	var err error
	fig.SVG, err = s.write(textf("提前天数直方图：共 %d 条应验的预警。", "Histogram of lead days over %d warnings that came true.", len(f.LeadHours)))
	return err
}

// leadBins counts whole steps of days, at most 15 of them and the one of the longest.
func leadBins(hours []int) *plotter.Histogram {
	longest := float64(hours[len(hours)-1]) / 24
	step := niceStep(longest / 15)
	h := &plotter.Histogram{Width: step, FillColor: inks()["soft"], LineStyle: line("main", 0.8)}
	for from := 0.0; from <= longest; from += step {
		h.Bins = append(h.Bins, plotter.HistogramBin{Min: from, Max: from + step})
	}
	for _, n := range hours {
		h.Bins[int(float64(n)/24/step)].Weight++
	}
	return h
}
