package alerts

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"strings"
	"text/template"

	"yujing/rules"
)

//go:embed templates
var templates embed.FS

// pages are the parsed templates of messages.
type pages struct {
	text *template.Template
	html *htmltemplate.Template
}

func loadPages() (*pages, error) {
	text, err := template.ParseFS(templates, "templates/*.txt")
	if err != nil {
		return nil, fmt.Errorf("message templates: %w", err)
	}
	html, err := htmltemplate.ParseFS(templates, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("message templates: %w", err)
	}
	return &pages{text, html}, nil
}

// render writes a parcel's message. It always gives one: what a template could
// not show is left empty, and the error says so.
func (e *Engine) render(l *lane, p *parcel) (*Message, error) {
	e.mu.RLock()
	cfg, zone := e.cfg, e.zone
	e.mu.RUnlock()
	v := viewOf(l.receiver, p, &cfg, zone)
	m := &Message{
		Key: p.key, Receiver: l.receiver.Name, To: l.address, Level: min(p.level, rules.Red),
		Subject: v.Title.ZH, Short: v.short(&cfg),
	}
	if p.kind == "single" {
		m.Thread = p.notices[0].event.Alert.String()
	}
	return m, e.pages.fill(m, v)
}

// fill runs the templates.
func (p *pages) fill(m *Message, v *view) error {
	var text, html bytes.Buffer
	err := errors.Join(
		p.text.ExecuteTemplate(&text, "message.txt", v),
		p.html.ExecuteTemplate(&html, "message.html", v),
	)
	m.Text, m.HTML = strings.TrimSpace(text.String())+"\n", html.String()
	if err != nil {
		return fmt.Errorf("render %s: %w", m.Key, err)
	}
	return nil
}

// onePart is what one text message holds in UCS-2, which Chinese needs.
const onePart = 70

// short is the text message: Chinese, fixed words, numbers and names of offices
// only, never a citizen's or a rule's own words. It leaves out and shortens what
// it can to fit one part.
func (v *view) short(cfg *Config) string {
	sign := "【" + cfg.Sign + "】"
	if len(v.Items) == 0 {
		return sign + v.Title.ZH
	}
	it := &v.Items[0]
	if v.Kind != "single" {
		return firstFit(sign+v.shortList(it.Risk.ZH, tail(it.Ref, 18)), sign+v.shortList(it.Risk.ZH, tail(it.Ref, 12)), sign+v.shortList("", tail(it.Ref, 12)))
	}
	return firstFit(sign+it.short(cfg, it.Unit, it.Ref), sign+it.short(cfg, "", it.Ref), sign+it.short(cfg, "", tail(it.Ref, 14)), sign+it.short(cfg, "", tail(it.Ref, 10)))
}

// firstFit is the first text that fits one part, or else the last.
func firstFit(texts ...string) string {
	for _, s := range texts {
		if units(s) <= onePart {
			return s
		}
	}
	return texts[len(texts)-1]
}

func (it *item) short(cfg *Config, unit, ref string) string {
	if it.Safety {
		return fmt.Sprintf("%s件编号%s疑有伤害自己或他人的表示，%s。", it.Channel.ZH, ref, cfg.Ask[SafetyRisk].ZH)
	}
	if it.System {
		return fmt.Sprintf("%s·%s，来源%s。%s。", it.Level.ZH, it.Risk.ZH, ref, cfg.Ask[askSystem].ZH)
	}
	level := it.Level.ZH
	if it.Was.ZH != "" {
		level = "升至" + level
	}
	if unit != "" {
		unit = "责任单位：" + unit + "。"
	}
	return fmt.Sprintf("%s·%s%d分，编号%s。%s%s。", level, it.Risk.ZH, it.Score, ref, unit, cfg.Ask[it.Level.EN].ZH)
}

func (v *view) shortList(risk, ref string) string {
	what := map[string]string{DigestFirst: "首次启动汇总", DigestLate: "停机补报"}[v.Kind]
	setDefault(&what, "汇总")
	var counts strings.Builder
	for _, c := range v.Counts {
		fmt.Fprintf(&counts, "%s%d", strings.TrimSuffix(c.Level.ZH, "色"), c.N)
	}
	it := &v.Items[0]
	return fmt.Sprintf("%s%d件：%s。最急：%s%d分，编号%s。详见系统。",
		what, len(v.Items)+v.More, counts.String(), risk, it.Score, ref)
}

// tail keeps the last n characters, which tell numbers apart.
func tail(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return "…" + string(r[len(r)-n+1:])
}
