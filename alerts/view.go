package alerts

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"yujing/rules"
	"yujing/scorer"
)

// view is what the templates show: everything ready to print.
type view struct {
	Kind     string // single, bundle, first, late, test
	Receiver rules.Text
	Title    rules.Text
	Items    []item
	Counts   []levelCount // of a list, most urgent first
	More     int          // items that the list leaves out
	Dispute  rules.Text
	Colour   string // of the head, #rrggbb
	Zone     string
}

// item is one alert in a message.
type item struct {
	ID       string
	Risk     rules.Text
	Safety   bool
	System   bool // about the warning system itself, a silent feed say: no matter, no score
	Level    rules.Text
	Colour   string
	Was      rules.Text // before a raise; empty otherwise
	Score    int
	Ref      string // the upstream number, without the source
	Source   string
	Unit     string
	Place    string
	Category string
	Channel  rules.Text // safety
	Contacts int
	First    string
	Last     string
	At       string
	Accused  bool // an accusation: must not be passed on to the accused
	Rules    []rules.Fired
	RuleSet  string
	Calendar string
	Odds     rules.Text // what became of what scored alike; empty if nobody knows
	Fallback bool       // the receiver is told because nobody else was left
	URL      string
}

type levelCount struct {
	Level  rules.Text
	Colour string
	N      int
}

// listed is how many alerts a bundle or digest lists before it only counts.
const listed = 100

func hexColour(l rules.Level) string {
	return []string{"#5f6368", "#1a56b0", "#8a6100", "#b34700", "#b3151b"}[min(l, rules.Red)]
}

// viewOf gathers what a parcel's message shows.
func viewOf(r *Receiver, p *parcel, cfg *Config, zone *time.Location) *view {
	v := &view{Kind: p.kind, Receiver: r.Names, Dispute: cfg.Dispute, Zone: zone.String(), Colour: hexColour(p.level)}
	last := lastOfEach(p.notices)
	counts := map[rules.Level]int{}
	for _, n := range last {
		counts[n.event.Level]++
		if len(v.Items) == listed {
			v.More++
			continue
		}
		v.Items = append(v.Items, itemOf(n.event, cfg, zone))
	}
	for l := rules.Red; l > rules.None; l-- {
		if counts[l] > 0 {
			v.Counts = append(v.Counts, levelCount{l.Name(), hexColour(l), counts[l]})
		}
	}
	v.Title = v.title()
	return v
}

// lastOfEach keeps each alert's last notice, most urgent first.
func lastOfEach(notices []*notice) []*notice {
	last := map[ID]*notice{}
	for _, n := range notices {
		if have := last[n.event.Alert]; have == nil || have.event.Seq < n.event.Seq {
			last[n.event.Alert] = n
		}
	}
	out := make([]*notice, 0, len(last))
	for _, n := range last {
		out = append(out, n)
	}
	slices.SortFunc(out, func(a, b *notice) int {
		if a.event.Score != b.event.Score && rank(a) == rank(b) {
			return b.event.Score - a.event.Score
		}
		return moreUrgent(a, b)
	})
	return out
}

func itemOf(e *Event, cfg *Config, zone *time.Location) item {
	d := e.Detail
	m := &d.Matter
	source, ref, ok := strings.Cut(m.Ref, ":")
	if !ok || ref == "" {
		source, ref = "", strings.TrimSuffix(m.Ref, ":")
	}
	it := item{
		ID: e.Alert.String(), Risk: d.Name, Safety: e.Risk == SafetyRisk, System: m.Contacts == 0, Level: e.Level.Name(), Colour: hexColour(e.Level), Score: e.Score,
		Ref: ref, Source: source, Unit: present(m), Place: m.Place, Category: joined(m), Channel: channelName(d.Channel), Contacts: m.Contacts,
		First: clock(m.First, zone), Last: clock(m.Last, zone), At: clock(e.At, zone), Accused: m.Accusation,
		Rules: inBothLanguages(d.Rules), RuleSet: d.RuleSet, Calendar: d.Calendar, Odds: d.Odds.Words(d.Name), Fallback: d.Note != "",
	}
	if e.Kind == Raised {
		it.Was = d.Was.Name()
	}
	if cfg.URL != "" {
		it.URL = strings.ReplaceAll(cfg.URL, "{id}", it.ID)
	}
	return it
}

// inBothLanguages lets a rule that speaks one language only stand in for the other.
func inBothLanguages(fired []rules.Fired) []rules.Fired {
	out := slices.Clone(fired)
	for i := range out {
		setDefault(&out[i].Name.ZH, out[i].ID)
		for _, t := range []*rules.Text{&out[i].Name, &out[i].Because, &out[i].Advise} {
			setDefault(&t.EN, t.ZH)
			setDefault(&t.ZH, t.EN)
		}
	}
	return out
}

func joined(m *scorer.Matter) string {
	var parts []string
	for _, c := range m.Category {
		if c != "" {
			parts = append(parts, c)
		}
	}
	return strings.Join(parts, "/")
}

func clock(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04")
}

func channelName(channel string) rules.Text {
	names := map[string]string{"hotline": "来电", "online": "网信", "mailbox": "领导信箱", "letter": "来信", "visit": "来访"}
	return rules.Text{ZH: names[channel], EN: channel}
}

// title is the subject line of a message.
func (v *view) title() rules.Text {
	n := len(v.Items) + v.More
	switch {
	case v.Kind == DigestFirst:
		return rules.Text{ZH: fmt.Sprintf("【预警汇总】首次启动前已达预警的 %d 件", n), EN: fmt.Sprintf("%d matters stood at a level before the first start", n)}
	case v.Kind == DigestLate:
		return rules.Text{ZH: fmt.Sprintf("【预警汇总】停机期间漏报补报 %d 件", n), EN: fmt.Sprintf("%d alerts found late, after downtime", n)}
	case v.Kind == "bundle":
		return rules.Text{ZH: fmt.Sprintf("【预警汇总】本小时其余 %d 件", n), EN: fmt.Sprintf("the hour's other %d alerts in one", n)}
	case len(v.Items) == 0:
		return rules.Text{ZH: "【预警】", EN: "alert"}
	}
	it := &v.Items[0]
	if it.Safety {
		return rules.Text{ZH: "【安全】疑有伤害自己或他人的表示 编号 " + it.Ref, EN: "threat of harm to self or others, " + it.Ref}
	}
	if it.System {
		return rules.Text{ZH: fmt.Sprintf("【%s预警】%s %s", it.Level.ZH, it.Risk.ZH, it.Ref), EN: fmt.Sprintf("%s: %s, %s", it.Level.EN, it.Risk.EN, it.Ref)}
	}
	zh := fmt.Sprintf("【%s预警】%s %d分 编号 %s", it.Level.ZH, it.Risk.ZH, it.Score, it.Ref)
	en := fmt.Sprintf("%s: %s, %d points, %s", it.Level.EN, it.Risk.EN, it.Score, it.Ref)
	if it.Was.ZH != "" {
		zh = fmt.Sprintf("【%s预警·升级】%s %d分 编号 %s", it.Level.ZH, it.Risk.ZH, it.Score, it.Ref)
		en = fmt.Sprintf("raised to %s: %s, %d points, %s", it.Level.EN, it.Risk.EN, it.Score, it.Ref)
	}
	return rules.Text{ZH: zh, EN: en}
}
