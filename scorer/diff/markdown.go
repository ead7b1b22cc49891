package diff

import (
	"fmt"
	"io"
	"strings"
)

// Markdown writes the diff short enough for a merge request: the ten changes of
// each kind that weigh most, and how many there are.
func (d *Diff) Markdown(w io.Writer) error {
	var b strings.Builder
	before, after := d.PerDay()
	fmt.Fprintf(&b, "### 规则对比 `%s` → `%s`\n\n", code(d.A.Name), code(d.B.Name))
	fmt.Fprintf(&b, "%s – %s (%s), level %s; 合计每日预警 warnings per day %.2f → %.2f\n", d.minute(d.From), d.minute(d.To), d.zone, d.Level, before, after)
	for _, r := range d.Risks {
		r.markdown(&b, d)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Risk) markdown(b *strings.Builder, d *Diff) {
	fmt.Fprintf(b, "\n#### %s %s\n\n", escape(r.Name.ZH), escape(r.Name.EN))
	if r.Redefined {
		fmt.Fprintf(b, "> %s\n\n", strings.ReplaceAll(redefinedNote, "\n", "  \n> "))
	}
	fmt.Fprint(b, "| | A | B |\n|---|--:|--:|\n")
	for _, f := range r.figures() {
		fmt.Fprintf(b, "| %s %s | %s | %s |\n", f.zh, f.en, f.before, f.after)
	}
	for _, k := range r.kinds() {
		k.markdown(b, d)
	}
}

func (k kind) markdown(b *strings.Builder, d *Diff) {
	if len(k.list) == 0 {
		fmt.Fprintf(b, "\n%s %s: 0\n", k.zh, k.en)
		return
	}
	yes, no, open := k.came()
	fmt.Fprintf(b, "\n<details><summary>%s %s: %d (true %d, false %d, undecided %d)</summary>\n\n", k.zh, k.en, len(k.list), yes, no, open)
	fmt.Fprint(b, "| ref | A | B | verdict | unit |\n|---|---|---|---|---|\n")
	for _, c := range k.list[:min(len(k.list), most)] {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", escape(c.Ref), d.short(c.Before), d.short(c.After), c.verdict(), escape(unitName(c.Unit)))
	}
	if more := len(k.list) - most; more > 0 {
		fmt.Fprintf(b, "\n… %d more\n", more)
	}
	fmt.Fprint(b, "\n</details>\n")
}

// escape keeps a text in its cell and plain: a ref or a unit is data of a feed.
func escape(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "\r", " ", "<", "&lt;", "&", "&amp;", "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "@", "@\u200b").Replace(s)
}

func code(s string) string { return strings.ReplaceAll(s, "`", "'") }
