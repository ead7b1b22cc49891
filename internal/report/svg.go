package report

import (
	"bytes"
	"fmt"
	"html/template"
	"image/color"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"yujing/rules"
)

// The size of a plot in its own units. It is drawn for a phone and scaled up, so
// that its figures are never smaller than they are here.
const (
	plotWidth  = 340
	plotHeight = 230
	plotText   = 11
)

// The colours of plots stand for variables of the style sheet, which has a value
// of each for light and for dark.
func inks() map[string]color.Color {
	names := []string{"ink", "grid", "main", "soft", "base", "blue", "yellow", "orange", "red"}
	all := map[string]color.Color{}
	for i, name := range names {
		all[name] = color.RGBA{R: 1, G: 2, B: uint8(i + 1), A: 255}
	}
	return all
}

// figure is a plot with what is said of it.
type figure struct {
	Title   rules.Text
	Caption rules.Text
	Legend  []key
	SVG     template.HTML
	Data    table // the same in figures
}

// Empty stands in the place of a plot that there is nothing for.
func (f figure) Empty() rules.Text {
	return text("没有可画的数据。", "There is nothing to draw.")
}

// newPlot is an empty plot in the page's looks. What axes and marks mean is said
// beside it, in words that a narrow screen can wrap.
func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.LineStyle.Color = inks()["ink"]
		axis.Tick.LineStyle.Color = inks()["ink"]
		axis.Padding = 0
		axis.Tick.Label.Color = inks()["ink"]
		axis.Tick.Label.Font = textFont()
	}
	p.X.Tick.Length, p.Y.Tick.Length = 7, 4 // the figures at the corner stand apart
	return p
}

// textFont measures as the usual fonts of screens do; none is named in the page.
func textFont() font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: font.Points(plotText)}
}

// line is a style of lines.
func line(ink string, width vg.Length, dashes ...vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: inks()[ink], Width: width, Dashes: dashes}
}

// inline draws a plot as an element of the page that scales to its width.
func inline(p *plot.Plot, label rules.Text) (template.HTML, error) {
	canvas := vgsvg.New(plotWidth, plotHeight)
	// A margin for what stands at the ends of the axes.
	p.Draw(draw.Crop(draw.New(canvas), 2, -14, 2, -8))
	var buf bytes.Buffer
	if _, err := canvas.WriteTo(&buf); err != nil {
		return "", fmt.Errorf("draw a plot: %w", err)
	}
	_, rest, found := strings.Cut(buf.String(), "<svg ")
	_, body, closed := strings.Cut(rest, ">")
	if !found || !closed {
		return "", fmt.Errorf("draw a plot: the library wrote no <svg>")
	}
	head := fmt.Sprintf(`<svg class="plot" role="img" aria-label="%s" viewBox="0 0 %d %d">`,
		template.HTMLEscapeString(label.ZH+" "+label.EN), plotWidth, plotHeight)
	return template.HTML(head + recolour(body)), nil
}

// recolour puts the variables of the style sheet in the place of our colours, and
// lets texts have the font of the page.
func recolour(svg string) string {
	pairs := []string{"font-family:Liberation Sans;font-variant:normal;font-weight:normal;font-style:normal;", ""}
	for name, ink := range inks() {
		r, g, b, _ := ink.RGBA()
		pairs = append(pairs, fmt.Sprintf("#%02X%02X%02X", r>>8, g>>8, b>>8), "var(--"+name+")")
	}
	return strings.NewReplacer(pairs...).Replace(svg)
}
