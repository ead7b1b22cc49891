package diff

import (
	_ "embed"
	"html/template"
	"io"
)

//go:embed diff.html
var page string

// mostInPage is how many changes of a kind the page names, so that a browser can show it.
const mostInPage = 500

// shownKind is a kind of changes as the page shows it.
type shownKind struct {
	ZH, EN                 string
	Total, Rest            int
	True, False, Undecided int
	List                   []shownChange
}

type shownChange struct{ Ref, Row, Before, After, Verdict, Unit string }

// shownRisk is a risk as the page shows it.
type shownRisk struct {
	*Risk
	Figures []shownFigure
	Kinds   []shownKind
}

type shownFigure struct{ Name, Before, After string }

// HTML writes one self-contained page.
func (d *Diff) HTML(w io.Writer) error {
	t, err := template.New("diff").Funcs(template.FuncMap{"minute": d.minute, "unit": unitName}).Parse(page)
	if err != nil {
		return err
	}
	var risks []shownRisk
	for _, r := range d.Risks {
		risks = append(risks, r.shown(d))
	}
	before, after := d.PerDay()
	return t.Execute(w, map[string]any{"Diff": d, "Risks": risks, "Before": before, "After": after, "Zone": d.zone})
}

func (r *Risk) shown(d *Diff) shownRisk {
	s := shownRisk{Risk: r}
	for _, f := range r.figures() {
		s.Figures = append(s.Figures, shownFigure{f.zh + " " + f.en, f.before, f.after})
	}
	for _, k := range r.kinds() {
		one := shownKind{ZH: k.zh, EN: k.en, Total: len(k.list), Rest: max(len(k.list)-mostInPage, 0)}
		one.True, one.False, one.Undecided = k.came()
		for _, c := range k.list[:min(len(k.list), mostInPage)] {
			one.List = append(one.List, shownChange{c.Ref, c.Row, d.short(c.Before), d.short(c.After), c.verdict(), unitName(c.Unit)})
		}
		s.Kinds = append(s.Kinds, one)
	}
	return s
}
