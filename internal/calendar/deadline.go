package calendar

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"yujing/internal/problem"
)

// Deadline is one legal time limit. The upstream system's own due date always
// comes first; this table answers where there is none. A deadline whose start is
// not known is unknown, never met.
type Deadline struct {
	Kind string `yaml:"kind" json:"kind"` // how rules name it: due("accept")
	// Starts lists what starts the clock: names of actions, "contact" (any
	// contact), or "purpose:review" (a contact with that purpose). It runs from the
	// first of them since the deadline was last met or the matter returned.
	Starts    []string `yaml:"starts" json:"starts"`
	Length    int      `yaml:"length" json:"length"`                 // days; the day of the start is not counted
	Working   bool     `yaml:"working" json:"working,omitempty"`     // working days, else calendar days
	Extension int      `yaml:"extension" json:"extension,omitempty"` // days more once "extended" is on record
	Ends      []string `yaml:"ends" json:"ends"`                     // actions that meet it
	Channel   string   `yaml:"channel" json:"channel,omitempty"`     // only matters of this channel; "" = any
	Hearing   bool     `yaml:"hearing" json:"hearing,omitempty"`     // the days of hearings do not count
	Source    string   `yaml:"source" json:"source"`                 // the article or rule it rests on
}

// Deadlines is the default table: 《信访工作条例》 in force since 2022-05-01, and
// for the hotline what several cities' rules have in common. Hearings stop the
// clock of a re_review (art. 36); feeds tell only on which days one was held.
func Deadlines() []Deadline {
	return []Deadline{
		{Kind: "register", Starts: []string{"contact"}, Length: 15,
			Ends: []string{"registered", "transferred", "assigned"}, Source: "《信访工作条例》第二十二条"},
		{Kind: "objection", Starts: []string{"transferred", "assigned"}, Length: 5, Working: true,
			Ends: []string{"returned"}, Source: "《信访工作条例》第二十三条"},
		{Kind: "accept", Starts: []string{"transferred", "assigned"}, Length: 15,
			Ends: []string{"accepted", "not_accepted"}, Source: "《信访工作条例》第二十三条"},
		{Kind: "reply", Starts: []string{"accepted"}, Length: 60, Extension: 30,
			Ends: []string{"replied", "closed"}, Source: "《信访工作条例》第三十一条、第三十四条"},
		{Kind: "hotline_reply", Starts: []string{"transferred"}, Length: 5, Working: true, Channel: "hotline",
			Ends: []string{"replied", "closed"}, Source: "各市12345热线管理办法(按本地规定配置)"},
		{Kind: "review", Starts: []string{"purpose:review"}, Length: 30,
			Ends: []string{"reviewed"}, Source: "《信访工作条例》第三十五条"},
		{Kind: "re_review", Starts: []string{"purpose:re_review"}, Length: 30, Hearing: true,
			Ends: []string{"re_reviewed"}, Source: "《信访工作条例》第三十六条"},
	}
}

// Due is when this deadline, started at start, runs out: the last millisecond of
// its last day in start's location.
func (d Deadline) Due(c *Calendar, start time.Time, extended bool) time.Time {
	length := d.Length
	if extended {
		length += d.Extension
	}
	return c.Add(start, length, d.Working)
}

// ParseDeadlines reads the configuration key "deadlines": a list in which an
// entry replaces the default of its kind, or adds a kind. Unknown keys are
// errors; all problems are told at once with file, line and column. A nil node
// gives the defaults.
func ParseDeadlines(node *yaml.Node, file string) ([]Deadline, problem.List) {
	table := Deadlines()
	if node == nil || node.Kind == 0 {
		return table, nil
	}
	p := &parser{file: file}
	if node.Kind != yaml.SequenceNode {
		p.report(node, "deadlines must be a list", "write one `- kind: ...` entry for each deadline")
		return table, p.problems
	}
	seen := map[string]bool{}
	for _, item := range node.Content {
		d, ok := p.deadline(item)
		if !ok {
			continue
		}
		if seen[d.Kind] {
			p.report(item, fmt.Sprintf("deadline %q stands here twice", d.Kind), "keep one")
			continue
		}
		seen[d.Kind] = true
		if i := slices.IndexFunc(table, func(t Deadline) bool { return t.Kind == d.Kind }); i >= 0 {
			table[i] = d
		} else {
			table = append(table, d)
		}
	}
	return table, p.problems
}

// parser collects problems of one file.
type parser struct {
	file     string
	problems problem.List
}

func (p *parser) report(n *yaml.Node, message, help string) {
	p.problems = append(p.problems, problem.Problem{File: p.file, Line: n.Line, Column: n.Column,
		Severity: problem.Error, Message: message, Help: help, Check: "deadline"})
}

// deadline reads one entry; false if it cannot be used.
func (p *parser) deadline(item *yaml.Node) (Deadline, bool) {
	var d Deadline
	before := len(p.problems)
	if item.Kind != yaml.MappingNode {
		p.report(item, "a deadline must be a mapping", "write kind, starts, length, ends, source")
		return d, false
	}
	fields := map[string]any{"kind": &d.Kind, "starts": &d.Starts, "length": &d.Length, "working": &d.Working,
		"extension": &d.Extension, "ends": &d.Ends, "channel": &d.Channel, "hearing": &d.Hearing, "source": &d.Source}
	for i := 0; i+1 < len(item.Content); i += 2 {
		key, value := item.Content[i], item.Content[i+1]
		field, known := fields[key.Value]
		if !known {
			p.report(key, fmt.Sprintf("unknown key %q in a deadline", key.Value),
				"known: kind, starts, length, working, extension, ends, channel, hearing, source")
			continue
		}
		if err := value.Decode(field); err != nil {
			p.report(value, fmt.Sprintf("%s: cannot read %q", key.Value, value.Value), "give a number, true or false, or a list, as the key asks")
		}
	}
	if len(p.problems) > before {
		return d, false
	}
	for _, message := range d.Problems() {
		p.report(item, message, "")
	}
	return d, len(p.problems) == before
}

// Actions are the names of what an office does to a matter (办理方式): what may
// start or end a deadline.
func Actions() []string {
	return []string{"registered", "transferred", "assigned", "accepted", "not_accepted", "returned", "extended",
		"replied", "closed", "called_back", "rated", "supervised", "reviewed", "re_reviewed", "concluded",
		"visited", "hearing", "deliberation", "judicial_aid", "petition_aid"}
}

// purposes and channels that a deadline may name.
func purposes() []string {
	return []string{"complaint", "request", "suggestion", "inquiry", "thanks", "review", "re_review", "accusation"}
}

func channels() []string { return []string{"hotline", "online", "mailbox", "letter", "visit"} }

// Problems says everything that is wrong with one deadline, nil if nothing.
func (d Deadline) Problems() []string {
	var list []string
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if d.Kind == "" {
		say("a deadline needs a kind")
	} else if strings.Trim(d.Kind, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		say("deadline kind %q: use lower-case letters, digits and _", d.Kind)
	}
	if d.Length < 1 || d.Length > 3650 {
		say("deadline %q: length is %d days; it must be 1 to 3650", d.Kind, d.Length)
	}
	if d.Extension < 0 || d.Extension > 3650 {
		say("deadline %q: extension is %d days; it must be 0 to 3650", d.Kind, d.Extension)
	}
	if len(d.Starts) == 0 {
		say("deadline %q: nothing starts it", d.Kind)
	}
	for _, s := range d.Starts {
		if !startable(s) {
			say("deadline %q: %q starts nothing; name an action, contact, or purpose:review", d.Kind, s)
		}
	}
	if len(d.Ends) == 0 {
		say("deadline %q: nothing ends it", d.Kind)
	}
	for _, e := range d.Ends {
		if !slices.Contains(Actions(), e) {
			say("deadline %q: %q is not an action; known: %s", d.Kind, e, strings.Join(Actions(), ", "))
		}
	}
	if d.Channel != "" && !slices.Contains(channels(), d.Channel) {
		say("deadline %q: unknown channel %q; known: %s", d.Kind, d.Channel, strings.Join(channels(), ", "))
	}
	if d.Source == "" {
		say("deadline %q needs a source: the article or rule it rests on", d.Kind)
	}
	return list
}

func startable(s string) bool {
	if purpose, ok := strings.CutPrefix(s, "purpose:"); ok {
		return slices.Contains(purposes(), purpose)
	}
	return s == "contact" || slices.Contains(Actions(), s)
}
