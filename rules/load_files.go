package rules

import (
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"yujing/internal/problem"
)

// file reads one file with the function for its kind.
func (l *loader) file(name string, read func(*yamlFile, *yaml.Node)) {
	data, err := fs.ReadFile(l.fsys, name)
	if err != nil {
		l.fail(name, fmt.Sprintf("cannot be read: %v", err), "")
		return
	}
	y, root := openYAML(l.shown(name), data)
	l.files = append(l.files, y)
	if root != nil {
		read(y, root)
	}
}

// risks reads risks.yaml.
func (l *loader) risks(y *yamlFile, root *yaml.Node) {
	top := y.mapping(root, "the file", "risks")
	list := top["risks"]
	if list == nil {
		if top != nil {
			y.missing(root, "the file", "risks", "begin with risks:")
		}
		return
	}
	if list.Kind == yaml.SequenceNode && len(list.Content) == 0 {
		y.at(list, "empty", "declare one: id, name, over, levels, horizon, zone, outcome", "the file declares no risk")
	}
	for _, item := range y.list(list, "risks") {
		if r := l.risk(y, item); r != nil {
			l.set.risks = append(l.set.risks, r)
		}
	}
}

// id reads a name for machines.
func (y *yamlFile) id(n *yaml.Node, what string) (string, bool) {
	id, ok := y.text(n, what)
	if ok && (strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" || strings.Trim(id, "-_") != id || len(id) > 64) {
		y.at(n, "wrong-value", "use lower-case letters, digits, - and _, at most 64: asked-again-unanswered", "%s is %q", what, id)
		return "", false
	}
	return id, ok
}

func (l *loader) risk(y *yamlFile, n *yaml.Node) *Risk {
	m := y.mapping(n, "a risk", "id", "name", "over", "levels", "horizon", "zone", "outcome", "cohort")
	if m == nil {
		return nil
	}
	before := y.Problems.Count(problem.Error)
	r := &Risk{Zone: time.UTC, node: origin{y.File, n.Line}}
	if m["id"] == nil {
		y.missing(n, "a risk", "id", "give it one: repeat")
		return nil
	}
	id, ok := y.id(m["id"], "id")
	if !ok {
		return nil
	}
	if other := l.set.Risk(id); other != nil {
		y.at(m["id"], "duplicate-id", fmt.Sprintf("line %d declares it already", other.node.line), "risk %q stands twice", id)
	}
	r.ID = id
	for _, key := range []string{"name", "over", "levels", "horizon", "zone", "outcome"} {
		if m[key] == nil {
			y.missing(n, "risk "+id, key, "")
		}
	}
	r.Name = y.bilingual(m["name"], "name", true)
	y.service(m["name"])
	if m["over"] != nil {
		over, _ := y.oneOf(m["over"], "over", string(OverCase), string(OverGroup))
		r.Over = Over(over)
	}
	r.Levels = y.thresholds(m["levels"])
	r.Horizon = y.days(m["horizon"])
	if zone := y.zone(m["zone"]); zone != nil {
		r.Zone = l.set.zone(zone)
	}
	r.Outcome, r.outcome = l.condition(y, m["outcome"], "outcome", l.outcomes)
	if m["cohort"] != nil {
		r.Cohort, r.cohort = l.condition(y, m["cohort"], "cohort", l.outcomes)
	}
	l.risksAt[r] = &written{y: y, node: n, keys: m, whole: y.Problems.Count(problem.Error) == before}
	return r
}

// bilingual reads a text: {zh: ..., en: ...}, or where allowed the Chinese alone.
func (y *yamlFile) bilingual(n *yaml.Node, what string, both bool) Text {
	if n == nil {
		return Text{}
	}
	if n.Kind == yaml.ScalarNode && !both {
		zh, _ := y.text(n, what)
		return Text{ZH: zh}
	}
	m := y.mapping(n, what, "zh", "en")
	if m == nil {
		return Text{}
	}
	var t Text
	for _, side := range []struct {
		key  string
		text *string
	}{{"zh", &t.ZH}, {"en", &t.EN}} {
		switch {
		case m[side.key] != nil:
			*side.text, _ = y.text(m[side.key], what+" "+side.key)
			if both {
				*side.text = y.oneLine(m[side.key], what+" "+side.key, *side.text)
			}
		case both || side.key == "zh":
			y.missing(n, what, side.key, "officers read Chinese first, English beside it")
		}
	}
	return t
}

// thresholds reads the least scores of the four levels, which rise.
func (y *yamlFile) thresholds(n *yaml.Node) Thresholds {
	var t Thresholds
	if n == nil {
		return t
	}
	m := y.mapping(n, "levels", "blue", "yellow", "orange", "red")
	if m == nil {
		return t
	}
	last := 0
	for _, level := range []struct {
		key   string
		value *int
	}{{"blue", &t.Blue}, {"yellow", &t.Yellow}, {"orange", &t.Orange}, {"red", &t.Red}} {
		if m[level.key] == nil {
			y.missing(n, "levels", level.key, "name all four: {blue: 30, yellow: 50, orange: 70, red: 90}")
			continue
		}
		v, ok := y.whole(m[level.key], level.key, 1, 100)
		if !ok {
			continue
		}
		if v <= last {
			y.at(m[level.key], "threshold-order", "let blue, yellow, orange, red rise", "%s is %d, not above the level before it (%d)", level.key, v, last)
		}
		last, *level.value = v, v
	}
	return t
}

// days reads a span: 30d, 12h.
func (y *yamlFile) days(n *yaml.Node) time.Duration {
	if n == nil {
		return 0
	}
	if m := regexp.MustCompile(`^([1-9]\d{0,3})(d|h)$`).FindStringSubmatch(n.Value); m != nil {
		v, _ := strconv.Atoi(m[1])
		return time.Duration(v) * map[string]time.Duration{"d": 24 * time.Hour, "h": time.Hour}[m[2]]
	}
	y.at(n, "wrong-value", "write days or hours: 30d, 12h", "horizon is %q", n.Value)
	return 0
}

func (y *yamlFile) zone(n *yaml.Node) *time.Location {
	if n == nil {
		return nil
	}
	zone, err := time.LoadLocation(n.Value)
	if err != nil || n.Value == "" || n.Value == "Local" {
		y.at(n, "wrong-value", "write a name of the IANA list: Asia/Shanghai", "unknown time zone %q", n.Value)
		return nil
	}
	return zone
}

// condition compiles an expression that must be true or false.
func (l *loader) condition(y *yamlFile, n *yaml.Node, what string, s *scope) (string, *program) {
	if n == nil {
		return "", nil
	}
	source, ok := y.text(n, what)
	if !ok {
		return "", nil
	}
	p, mistakes := compile(source, s)
	y.inside(n, 0, mistakes)
	if p != nil && p.cost() > l.maxCost {
		y.costly(n, what, p.cost(), l.maxCost)
		return "", nil
	}
	if p != nil && (p.typ.kind != kindBool || p.typ.opt) {
		y.at(n, "wrong-type", "compare it with something", "%s is %s, not a condition", what, p.typ)
		return "", nil
	}
	if p != nil {
		if err := p.collectCalls(); err != nil {
			y.at(n, "outside-language", "please report this expression", "%s cannot be compiled in parts: %v", what, err)
			return "", nil
		}
	}
	return strings.TrimSpace(source), p
}

// rules reads a file of rules, all of one risk.
func (l *loader) rules(y *yamlFile, root *yaml.Node) {
	top := y.mapping(root, "the file", "risk", "rules")
	if top == nil {
		return
	}
	for _, key := range []string{"risk", "rules"} {
		if top[key] == nil {
			y.missing(root, "the file", key, "a file names one risk and its rules")
		}
	}
	var risk *Risk
	if n := top["risk"]; n != nil {
		known := []string{}
		for _, r := range l.set.risks {
			known = append(known, r.ID)
		}
		if id, ok := y.oneOf(n, "risk", known...); ok {
			risk = l.set.Risk(id)
		}
	}
	list := top["rules"]
	if list == nil {
		return
	}
	if list.Kind == yaml.SequenceNode && len(list.Content) == 0 {
		y.at(list, "empty", "write a rule, or remove the file", "the file has no rule")
	}
	for _, item := range y.list(list, "rules") {
		if r := l.rule(y, item); r != nil && risk != nil {
			r.Risk = risk.ID
			risk.Rules = append(risk.Rules, r)
			l.rulesAt[r].risk = top["risk"]
		}
	}
}

func (l *loader) rule(y *yamlFile, n *yaml.Node) *Rule {
	m := y.mapping(n, "a rule", "id", "name", "when", "points", "at_least", "mode", "because", "advise")
	if m == nil {
		return nil
	}
	before := y.Problems.Count(problem.Error)
	r := &Rule{File: y.File, Line: n.Line}
	what := "a rule"
	if m["id"] == nil {
		y.missing(n, what, "id", "give it one: asked-again-unanswered")
	} else if id, ok := y.id(m["id"], "id"); ok {
		if first, twice := l.ids[id]; twice {
			y.at(m["id"], "duplicate-id", fmt.Sprintf("%s:%d has it already", first.file, first.line), "rule %q stands twice", id)
		} else {
			l.ids[id] = origin{y.File, m["id"].Line}
		}
		r.ID, what = id, "rule "+id
	}
	l.effects(y, n, m, r, what)
	if m["name"] == nil {
		y.missing(n, what, "name", "{zh: ..., en: ...}")
	}
	r.Name = y.bilingual(m["name"], "name", true)
	if m["when"] == nil {
		y.missing(n, what, "when", "write its condition")
	}
	r.When, r.when = l.condition(y, m["when"], "when", l.scope)
	r.Because, r.because = l.texts(y, n, m["because"], what, "because")
	r.Advise, r.advise = l.texts(y, n, m["advise"], what, "advise")
	y.service(m["name"])
	l.rulesAt[r] = &written{y: y, node: n, keys: m, whole: y.Problems.Count(problem.Error) == before}
	return r
}

// effects reads what a rule does to the score.
func (l *loader) effects(y *yamlFile, n *yaml.Node, m map[string]*yaml.Node, r *Rule, what string) {
	if m["points"] == nil && m["at_least"] == nil {
		y.missing(n, what, "points", "say what it adds to the score, -100 to 100")
	}
	if m["points"] != nil {
		r.Points, _ = y.whole(m["points"], "points", -100, 100)
	}
	if m["at_least"] != nil {
		if level, ok := y.oneOf(m["at_least"], "at_least", "blue", "yellow", "orange", "red"); ok {
			r.AtLeast, _ = ParseLevel(level)
		}
	}
	if m["mode"] != nil {
		mode, _ := y.oneOf(m["mode"], "mode", "active", "shadow")
		r.Shadow = mode == "shadow"
	}
}

// texts compiles because or advise.
func (l *loader) texts(y *yamlFile, rule, n *yaml.Node, what, key string) (Text, texts) {
	if n == nil {
		y.missing(rule, what, key, "say it to the officer who reads the alert")
		y.warn()
		return Text{}, texts{}
	}
	before := len(y.Problems)
	t := y.bilingual(n, key, false)
	if len(y.Problems) > before {
		return t, texts{}
	}
	y.service(n)
	var c texts
	for _, side := range []struct {
		key  string
		text string
		to   **template
	}{{"zh", t.ZH, &c.zh}, {"en", t.EN, &c.en}} {
		if side.text == "" {
			continue
		}
		compiled, mistakes := compileTemplate(side.text, l.scope)
		y.inside(scalarOf(n, side.key), 0, mistakes)
		if cost := compiled.cost(); cost > l.maxCost {
			y.costly(scalarOf(n, side.key), key, cost, l.maxCost)
		}
		*side.to = compiled
	}
	return t, c
}

// scalarOf finds the scalar of one language.
func scalarOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return n
}

// service refuses texts that ask to stop a citizen, or that give one a label.
func (y *yamlFile) service(n *yaml.Node) {
	if n == nil {
		return
	}
	for _, side := range append([]*yaml.Node{n}, n.Content...) {
		if side.Kind != yaml.ScalarNode {
			continue
		}
		message, help := "%q asks to stop a citizen", "ask for service: contact, reply, hearing, relief"
		word, from, width := adviceIn(side.Value)
		if word == "" {
			message, help = "%q gives a citizen a label", "say what the matter is and how it was handled, never who the citizen is"
			word, from, width = groupIn(side.Value)
		}
		if word != "" {
			y.inside(side, 0, []mistake{{from: from, width: width, check: "responsible-use", message: fmt.Sprintf(message, word), help: help}})
		}
	}
}
