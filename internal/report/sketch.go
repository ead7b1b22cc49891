package report

import (
	"fmt"
	"html/template"
	"math"
	"time"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"yujing/rules"
)

// sketch is a plot being made; it keeps the first mistake until it is written.
type sketch struct {
	*plot.Plot
	err error
}

func newSketch() *sketch { return &sketch{Plot: newPlot()} }

func (s *sketch) add(made plot.Plotter, err error) {
	if s.err == nil {
		s.err = err
	}
	if s.err == nil {
		s.Add(made)
	}
}

// line draws through points.
func (s *sketch) line(points plotter.XYs, style draw.LineStyle) {
	l, err := plotter.NewLine(points)
	if err == nil {
		l.LineStyle = style
	}
	s.add(l, err)
}

// marks draws one mark at each point.
func (s *sketch) marks(points plotter.XYs, style draw.GlyphStyle) {
	m, err := plotter.NewScatter(points)
	if err == nil {
		m.GlyphStyle = style
	}
	s.add(m, err)
}

// level draws a value that holds all the way across, if there is one.
func (s *sketch) level(value *float64) {
	if value != nil {
		s.line(plotter.XYs{{X: s.X.Min, Y: *value}, {X: s.X.Max, Y: *value}}, line("base", 1.2, vg.Points(5), vg.Points(3)))
	}
}

// grid draws faint lines at the ticks of the value axis, and upright ones.
func (s *sketch) grid(upright bool) {
	g := plotter.NewGrid()
	g.Horizontal, g.Vertical = line("grid", 0.5), line("grid", 0.5)
	if !upright {
		g.Vertical.Color = nil
	}
	s.Add(g)
}

// write gives the plot as an element of the page.
func (s *sketch) write(label rules.Text) (template.HTML, error) {
	if s.err != nil {
		return "", fmt.Errorf("draw a plot: %w", s.err)
	}
	return inline(s.Plot, label)
}

// dot is the mark of most plots.
func dot(radius vg.Length) draw.GlyphStyle {
	return draw.GlyphStyle{Color: inks()["main"], Radius: radius, Shape: draw.CircleGlyph{}}
}

// shareAxis is 0 to 100 %, or to 50 % where all points lie below.
func shareAxis(a *plot.Axis, most float64) {
	a.Min, a.Max = 0, 1
	step := 0.2
	if most <= 0.5 {
		a.Max, step = 0.5, 0.1
	}
	a.Tick.Marker = ticks(step, a.Max, func(v float64) string { return fmt.Sprintf("%.0f%%", 100*v) })
}

// countAxis is whole numbers from 0.
func countAxis(a *plot.Axis, most float64) {
	step := niceStep(most / 4)
	a.Min, a.Max = 0, max(step*math.Ceil(most*1.02/step), step)
	a.Tick.Marker = ticks(step, a.Max, whole)
}

// wholeAxis is 0 to an end, with at most seven ticks.
func wholeAxis(a *plot.Axis, end float64) {
	a.Min, a.Max, a.Tick.Marker = 0, end, ticks(niceStep(end/6), end, whole)
}

func whole(v float64) string { return fmt.Sprintf("%.0f", v) }

// dateAxis is n instants after the first one; it names four of them, of long
// periods by their months.
func dateAxis(a *plot.Axis, from time.Time, step time.Duration, n int) {
	layout := "01-02"
	if time.Duration(n)*step > 300*24*time.Hour {
		layout = "2006-01"
	}
	var list plot.ConstantTicks
	for i := range min(4, n) {
		at := i * n / min(4, n)
		list = append(list, plot.Tick{Value: float64(at), Label: from.Add(time.Duration(at+1) * step).Format(layout)})
	}
	a.Min, a.Max, a.Tick.Marker = 0, float64(n), list
}

func ticks(step, end float64, write func(float64) string) plot.Ticker {
	var list plot.ConstantTicks
	for i := 0; float64(i)*step <= end*(1+1e-9); i++ {
		list = append(list, plot.Tick{Value: float64(i) * step, Label: write(float64(i) * step)})
	}
	return list
}

// niceStep is the first of 1, 2, 5, 10, ... that is not below a number.
func niceStep(least float64) float64 {
	for size := 1.0; ; size *= 10 {
		for _, step := range []float64{1, 2, 5} {
			if step*size >= least {
				return step * size
			}
		}
	}
}
