package alerts

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"yujing/rules"
)

// Reader is what listing asks of the database. It may be read while a daemon writes.
type Reader interface {
	// Events gives all events without Detail, each alert's in order.
	Events(ctx context.Context) iter.Seq2[Event, error]
	// Details gives these events whole, in no order.
	Details(ctx context.Context, events []NoticeID) ([]Event, error)
}

// Filter chooses alerts. Its zero value is every live alert.
type Filter struct {
	Closed bool        // closed ones too
	Level  rules.Level // at least
	Risk   string      // "" = any
	Ref    string      // part of SOURCE:REF; "" = any
	Limit  int         // 0 = all
}

// Listed is an alert as lists and JSON show it.
type Listed struct {
	ID         string      `json:"id"`
	Risk       string      `json:"risk"`
	RiskName   rules.Text  `json:"risk_name,omitzero"`
	Row        string      `json:"row"`
	Ref        string      `json:"ref"`
	Unit       string      `json:"unit,omitempty"`
	Place      string      `json:"place,omitempty"`
	State      State       `json:"state"`
	Level      rules.Level `json:"level"`
	Top        rules.Level `json:"top"`
	Score      int         `json:"score"`
	Opened     time.Time   `json:"opened"`
	Changed    time.Time   `json:"changed"`
	By         string      `json:"by,omitempty"`
	Reason     string      `json:"reason,omitempty"`
	MutedUntil *time.Time  `json:"muted_until,omitempty"`
	Rules      []Point     `json:"rules,omitempty"`
	RuleSet    string      `json:"rule_set,omitempty"`
	Odds       *Odds       `json:"odds,omitempty"` // what became of what scored alike
	Told       []string    `json:"told,omitempty"` // lanes of the last notice
	Note       string      `json:"note,omitempty"`
}

// Point is a rule that fired.
type Point struct {
	ID     string `json:"id"`
	Points int    `json:"points"`
}

// List gives the alerts a filter chooses, most urgent first.
func List(ctx context.Context, r Reader, f Filter) ([]Listed, error) {
	b := NewBook()
	for e, err := range r.Events(ctx) {
		if err != nil {
			return nil, fmt.Errorf("list alerts: %w", err)
		}
		if b.Add(e) != nil {
			b.bury(e)
		}
	}
	var chosen []Alert
	for _, a := range b.alerts {
		if f.chooses(&a) {
			chosen = append(chosen, a)
		}
	}
	slices.SortFunc(chosen, byUrgency)
	if f.Limit > 0 && f.Ref == "" && len(chosen) > f.Limit {
		chosen = chosen[:f.Limit]
	}
	return detailed(ctx, r, chosen, f)
}

func (f *Filter) chooses(a *Alert) bool {
	return (f.Closed || a.Live()) && a.Level >= f.Level && (f.Risk == "" || a.Risk == f.Risk)
}

// byUrgency puts live before closed, then level, score, the older first.
func byUrgency(a, b Alert) int {
	live := func(x *Alert) int {
		if x.Live() {
			return 0
		}
		return 1
	}
	if d := live(&a) - live(&b); d != 0 {
		return d
	}
	if a.Level != b.Level {
		return int(b.Level) - int(a.Level)
	}
	if a.Score != b.Score {
		return b.Score - a.Score
	}
	if c := a.OpenedAt.Compare(b.OpenedAt); c != 0 {
		return c
	}
	return strings.Compare(a.ID.String(), b.ID.String())
}

func detailed(ctx context.Context, r Reader, alerts []Alert, f Filter) ([]Listed, error) {
	ids := make([]NoticeID, len(alerts))
	for i, a := range alerts {
		ids[i] = NoticeID{a.ID, a.Told}
	}
	events, err := r.Details(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("list alerts: %w", err)
	}
	byID := map[ID]*Event{}
	for i := range events {
		byID[events[i].Alert] = &events[i]
	}
	out := []Listed{}
	for i := range alerts {
		l := listedOf(&alerts[i], byID[alerts[i].ID])
		if !strings.Contains(l.Ref, f.Ref) {
			continue
		}
		out = append(out, l)
		if f.Limit > 0 && len(out) == f.Limit {
			break
		}
	}
	return out, nil
}

func listedOf(a *Alert, e *Event) Listed {
	l := Listed{
		ID: a.ID.String(), Risk: a.Risk, Row: a.Row, State: a.State, Level: a.Level, Top: a.Top,
		Score: a.Score, Opened: a.OpenedAt, Changed: a.ChangedAt, By: a.By, Reason: a.Reason,
	}
	if !a.MutedUntil.IsZero() {
		l.MutedUntil = &a.MutedUntil
	}
	if e == nil || e.Detail == nil {
		return l
	}
	d := e.Detail
	l.RiskName, l.Ref, l.Unit, l.Place, l.RuleSet, l.Told, l.Note = d.Name, d.Matter.Ref, present(&d.Matter), d.Matter.Place, d.RuleSet, e.To, d.Note
	if e.Score == a.Score { // those of another score say nothing of this one
		l.Odds = d.Odds
	}
	for _, r := range d.Rules {
		l.Rules = append(l.Rules, Point{r.ID, r.Points})
	}
	return l
}

// PrintJSON writes one line per alert.
func PrintJSON(w io.Writer, alerts []Listed) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range alerts {
		if err := enc.Encode(&alerts[i]); err != nil {
			return fmt.Errorf("write alerts: %w", err)
		}
	}
	return nil
}

// oddsColumn is left out where no alert has odds.
const oddsColumn = "以往同分 odds"

// PrintTable writes the alerts for people, Chinese with the English words that
// the command line uses beside it.
func PrintTable(w io.Writer, alerts []Listed, zone *time.Location) error {
	t := table.NewWriter()
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	t.SetStyle(style)
	t.AppendHeader(table.Row{"预警号 id", "级别 level", "分", "风险 risk", oddsColumn, "状态 state", "编号 ref", "责任单位 unit", "变更 changed"})
	for i := range alerts {
		a := &alerts[i]
		level := a.Level.Name().ZH + " " + a.Level.String()
		risk := a.RiskName.ZH
		setDefault(&risk, a.Risk)
		t.AppendRow(table.Row{a.ID, level, a.Score, risk, a.Odds.short(), stateName(a), a.Ref, a.Unit, a.Changed.In(zone).Format("01-02 15:04")})
	}
	if !slices.ContainsFunc(alerts, func(a Listed) bool { return a.Odds != nil }) {
		t.SetColumnConfigs([]table.ColumnConfig{{Name: oddsColumn, Hidden: true}})
	}
	_, err := fmt.Fprintln(w, t.Render())
	if err != nil {
		return fmt.Errorf("write alerts: %w", err)
	}
	return nil
}

func stateName(a *Listed) string {
	zh := map[State]string{StateOpen: "待处理", StateAcknowledged: "已知悉", StateActed: "已处置", StateClosed: "已关闭"}[a.State]
	out := zh + " " + string(a.State)
	if a.State == StateClosed {
		reasons := map[string]string{Resolved: "已化解", FalseAlarm: "误报", Duplicate: "重复", Subsided: "已解除", Concluded: "已终结", Unreadable: "记录不全"}
		out += "（" + reasons[a.Reason] + "）"
	}
	if a.MutedUntil != nil && a.State != StateClosed {
		out += "，静音"
	}
	return out
}
