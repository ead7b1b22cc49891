package diff

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// most is how many changes of a kind, and units, are named; all are in the JSON.
const most = 10

// kind is one of the three kinds of changes.
type kind struct {
	zh, en string
	list   []Change
}

func (r *Risk) kinds() []kind {
	return []kind{{"新增", "gained", r.Gained}, {"失去", "lost", r.Lost}, {"移动", "moved", r.Moved}}
}

// came counts the changes by what became of their rows.
func (k kind) came() (yes, no, open int) {
	for _, c := range k.list {
		switch c.told().Verdict {
		case "true":
			yes++
		case "false":
			no++
		default:
			open++
		}
	}
	return yes, no, open
}

// figure is one line of before and after.
type figure struct{ zh, en, before, after string }

func (r *Risk) figures() []figure {
	line := func(zh, en string, of func(*Figures) string) figure {
		f := figure{zh, en, "–", "–"}
		if r.Before != nil {
			f.before = of(r.Before)
		}
		if r.After != nil {
			f.after = of(r.After)
		}
		return f
	}
	return []figure{
		line("件数", "cases", func(f *Figures) string { return fmt.Sprint(f.Cases) }),
		line("发生", "outcomes", func(f *Figures) string { return fmt.Sprint(f.Outcomes) }),
		line("预警", "warned", func(f *Figures) string { return fmt.Sprint(f.Warned) }),
		line("应验", "true", func(f *Figures) string { return fmt.Sprint(f.True) }),
		line("准确率", "precision", func(f *Figures) string { return percent(f.Precision) }),
		line("召回率", "recall", func(f *Figures) string { return percent(f.Recall) }),
		line("每日预警", "warnings per day", func(f *Figures) string { return fmt.Sprintf("%.2f", f.WarningsPerDay) }),
	}
}

// Print writes the diff for an analyst, at most 100 columns wide.
func (d *Diff) Print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "规则对比 diff  %s – %s（%s），每 every %s，级别 level %s\n", d.minute(d.From), d.minute(d.To), d.zone, d.Step, d.Level)
	fmt.Fprintf(&b, "A %s（%s）\nB %s（%s）\n", d.A.Name, d.A.RuleSet, d.B.Name, d.B.RuleSet)
	for _, r := range d.Risks {
		r.print(&b, d)
	}
	before, after := d.PerDay()
	fmt.Fprintf(&b, "合计每日预警 warnings per day of all risks: %.2f → %.2f\n", before, after)
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Risk) print(b *strings.Builder, d *Diff) {
	fmt.Fprintf(b, "\n━━ %s %s（%s）\n", r.Name.ZH, r.Name.EN, r.ID)
	if r.Redefined {
		fmt.Fprintln(b, redefinedNote)
	}
	t := newTable("", "A", "B")
	for _, f := range r.figures() {
		t.AppendRow(table.Row{f.zh + " " + f.en, f.before, f.after})
	}
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 2, Align: text.AlignRight, WidthMax: 30}, {Number: 3, Align: text.AlignRight, WidthMax: 30}})
	put(b, t)
	for _, k := range r.kinds() {
		k.print(b, d)
	}
	r.printUnits(b)
}

const redefinedNote = "注意：两边的对象、期限、结果或范围定义不同，数字不可直接相比\n" +
	"note: over, horizon, outcome or cohort is not the same on both sides; their figures are of different things"

func (k kind) print(b *strings.Builder, d *Diff) {
	yes, no, open := k.came()
	fmt.Fprintf(b, "%s %s %d（应验 true %d，落空 false %d，未决 undecided %d）\n", k.zh, k.en, len(k.list), yes, no, open)
	if len(k.list) == 0 {
		return
	}
	t := newTable("编号\nref", "A", "B", "结果\nverdict", "单位\nunit")
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 1, WidthMax: 22}, {Number: 5, WidthMax: 16}})
	for _, c := range k.list[:min(len(k.list), most)] {
		t.AppendRow(table.Row{c.Ref, d.short(c.Before), d.short(c.After), c.verdict(), unitName(c.Unit)})
	}
	put(b, t)
	if more := len(k.list) - most; more > 0 {
		fmt.Fprintf(b, "另有 %d 件，见 --json / %d more in --json\n", more, more)
	}
}

func (r *Risk) printUnits(b *strings.Builder) {
	if len(r.Units) == 0 {
		return
	}
	fmt.Fprintln(b, "各单位每日预警 warnings per day by unit")
	t := newTable("单位 unit", "A", "B")
	t.SetColumnConfigs([]table.ColumnConfig{{Number: 1, WidthMax: 40}, {Number: 2, Align: text.AlignRight}, {Number: 3, Align: text.AlignRight}})
	for _, l := range r.Units[:min(len(r.Units), most)] {
		t.AppendRow(table.Row{unitName(l.Unit), fmt.Sprintf("%.2f", l.Before), fmt.Sprintf("%.2f", l.After)})
	}
	put(b, t)
	if more := len(r.Units) - most; more > 0 {
		fmt.Fprintf(b, "另有 %d 个单位，见 --json / %d more units in --json\n", more, more)
	}
}

func newTable(header ...any) table.Writer {
	t := table.NewWriter()
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	style.Options.DrawBorder = false
	t.SetStyle(style)
	t.AppendHeader(header)
	return t
}

func put(b *strings.Builder, t table.Writer) { fmt.Fprintf(b, "%s\n\n", t.Render()) }

// short is when a warning came and at which score: 2026-03-01 00:00 72 orange.
func (d *Diff) short(w *Warning) string {
	if w == nil {
		return "–"
	}
	return fmt.Sprintf("%s %d %s", d.minute(w.At), w.Score, w.Level)
}

// verdict is what became of the row; where the sides judge it otherwise, of both.
func (c Change) verdict() string {
	if c.Before != nil && c.After != nil && c.Before.Verdict != c.After.Verdict {
		return string(c.Before.Verdict + " → " + c.After.Verdict)
	}
	return string(c.told().Verdict)
}

// minute writes a time in the zone of the first risk.
func (d *Diff) minute(t time.Time) string { return t.In(d.zone).Format("2006-01-02 15:04") }

func unitName(unit string) string { return cmp.Or(unit, "（未知 unknown）") }

func percent(v *float64) string {
	if v == nil {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100**v)
}
