package ingest

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"time"
	_ "time/tzdata" // a feed's zone is known on every machine

	"go.yaml.in/yaml/v3"

	"yujing/internal/problem"
)

// compiler turns a definition into a Source and collects every problem.
type compiler struct {
	*problem.Decoder
	root  *yaml.Node
	opts  LoadOptions
	def   definition
	clock clock
	out   mapping
}

// signal is one signal of a mapping, ready to run.
type signal struct {
	name string
	kind Kind

	when              *value
	at, knownAt       *value
	atStored          bool // at: $stored
	knownStored       bool // known_at: $stored, or atStored
	delay             time.Duration
	guards            [][]int // time columns that govern what it reads: it is not known before the latest of each
	ref               *value
	channel           *value
	level, competent  *value
	place             *value
	category          []*value
	subject, purpose  *value
	unit, people      *value
	text, act, rating *value
	due               *value
	attrs             []attr
	who, key          []*value
	link              *value
}

type attr struct {
	name string
	*value
}

var (
	sourceName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	signalName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
)

func (c *compiler) source(data []byte) *Source {
	c.Decode(c.root, &c.def)
	version := hashParts("definition", string(data))
	s := &Source{ID: c.def.Source, Name: c.def.Name, File: c.File, Version: hex.EncodeToString(version[:6]),
		SilentAfter: c.def.Silent, rests: c.def.Rests}
	if !sourceName.MatchString(s.ID) {
		c.Fail(c.key("source"), "source", fmt.Sprintf("%q is no name of a source", s.ID), "write source: NAME with small letters, digits and hyphens")
	}
	s.Zone = c.zone()
	c.clock = clock{zone: s.Zone, layouts: c.def.Times}
	c.out = mapping{ordinal: map[string]int{}, optional: map[int]bool{}, ignored: map[string]bool{}, identity: map[int]bool{}, nulls: map[string]bool{}, clock: c.clock}
	s.Kind, s.Feed = c.feed()
	c.columns()
	c.signals()
	c.ordered()
	s.mapping = c.out
	return s
}

// key gives the node of a top-level key's value, else the document.
func (c *compiler) key(name string) *yaml.Node {
	for i := 0; i+1 < len(c.root.Content); i += 2 {
		if c.root.Content[i].Value == name {
			return c.root.Content[i+1]
		}
	}
	return c.root
}

func (c *compiler) zone() *time.Location {
	if c.def.Zone == nil {
		c.Fail(c.root, "zone", "the feed's time zone is not given", "write zone: Asia/Shanghai")
		return time.UTC
	}
	zone, err := time.LoadLocation(c.def.Zone.Value)
	if err != nil || c.def.Zone.Value == "" || c.def.Zone.Value == "Local" {
		c.Fail(c.def.Zone, "zone", fmt.Sprintf("no time zone %q", c.def.Zone.Value), "write a name such as Asia/Shanghai")
		return time.UTC
	}
	return zone
}

// feed makes the kind's feed from the settings under the kind's name.
func (c *compiler) feed() (string, Feed) {
	kinds := sortedKeys(c.opts.Kinds)
	kind := ""
	if c.def.Kind == nil {
		c.Fail(c.root, "kind", "the kind of feed is not given", "write kind: file")
	} else if kind = c.def.Kind.Value; c.opts.Kinds[kind] == nil {
		c.Fail(c.def.Kind, "kind", fmt.Sprintf("no kind of feed %q", kind), problem.DidYouMean(kind, kinds))
	}
	known := slices.Concat([]string{"source", "name", "kind", "zone", "times", "nulls", "delay", "silent_after", "rests", "record", "updated", "optional", "ignore", "later", "maps", "signals"}, kinds)
	for i := 0; i+1 < len(c.root.Content); i += 2 {
		if key := c.root.Content[i]; c.def.Kinds[key.Value] != nil && key.Value != kind {
			c.UnknownKey(key, known)
		}
	}
	if c.opts.Kinds[kind] == nil {
		return kind, nil
	}
	return kind, c.opts.Kinds[kind](c.Decoder, c.def.Kinds[kind])
}

// column gives the place of a column among those the definition names.
func (c *compiler) column(name string) int {
	if i, ok := c.out.ordinal[name]; ok {
		return i
	}
	c.out.columns = append(c.out.columns, name)
	c.out.ordinal[name] = len(c.out.columns) - 1
	return len(c.out.columns) - 1
}

// columns compiles what is said of records as a whole.
func (c *compiler) columns() {
	for _, n := range c.list(c.def.Record) {
		if v := c.value(n, "record", nil); v != nil && v.column < 0 {
			c.Fail(n, "record", "the record id is made of columns, not of an expression", "list the columns that tell one record from all others")
		} else if v != nil {
			c.out.record = append(c.out.record, v.column)
		}
	}
	if c.def.Record == nil {
		c.Fail(c.root, "record", "what tells one record from all others is not given", "write record: COLUMN, or record: [COLUMN, COLUMN]")
	}
	c.out.updated = c.value(c.def.Updated, "updated", nil)
	c.timeValue(c.out.updated)
	for _, null := range c.def.Nulls {
		c.out.nulls[null] = true
	}
	for _, name := range c.def.Optional {
		c.out.optional[c.column(name)] = true
	}
	for _, name := range c.def.Ignore {
		c.out.ignored[name] = true
	}
}

// list gives the elements of a list, or the one value that needs no brackets.
func (c *compiler) list(n *yaml.Node) []*yaml.Node {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.AliasNode:
		return c.list(n.Alias)
	case n.Kind == yaml.SequenceNode:
		return n.Content
	default:
		return []*yaml.Node{n}
	}
}

func (c *compiler) signals() {
	if len(c.def.Signals) == 0 {
		c.Fail(c.key("signals"), "signals", "the mapping makes no signal", "write signals: with at least one contact or action")
	}
	seen := map[string]bool{}
	for i := range c.def.Signals {
		def := &c.def.Signals[i]
		at := c.key("signals")
		if at.Kind == yaml.SequenceNode && i < len(at.Content) {
			at = at.Content[i]
		}
		s := c.signal(def, at)
		if seen[s.name] {
			c.Fail(def.Name, "signal-name", fmt.Sprintf("two signals are called %q", s.name), "the name is part of a signal's identity: rename one")
		}
		seen[s.name] = true
		c.out.signals = append(c.out.signals, s)
	}
}

func (c *compiler) signal(def *signalDefinition, at *yaml.Node) signal {
	s := signal{delay: c.def.Delay}
	if def.Name == nil || !signalName.MatchString(def.Name.Value) {
		c.Fail(orNode(def.Name, at), "signal-name", "the signal has no name of small letters, digits and underscores", "write name: NAME; it is part of the signal's identity and never changes")
	} else {
		s.name = def.Name.Value
	}
	switch {
	case def.Kind != nil && (def.Kind.Value == string(Contact) || def.Kind.Value == string(Action)):
		s.kind = Kind(def.Kind.Value)
	default:
		c.Fail(orNode(def.Kind, at), "signal-kind", "a signal is a contact (a citizen spoke) or an action (an office did something)", "write kind: contact or kind: action")
	}
	c.times(&s, def, at)
	c.fields(&s, def)
	c.collections(&s, def)
	c.suits(&s, def, at)
	return s
}

func orNode(n, other *yaml.Node) *yaml.Node {
	if n != nil {
		return n
	}
	return other
}

// times compiles when a signal happened and when it could be known.
func (c *compiler) times(s *signal, def *signalDefinition, at *yaml.Node) {
	if def.Delay != nil {
		s.delay = *def.Delay
	}
	switch {
	case def.At == nil:
		c.Fail(at, "at", "when the signal happened is not given", "write at: COLUMN, or at: "+stored+" if the source does not tell")
	case def.At.Value == stored:
		s.atStored, s.knownStored = true, true
	default:
		s.at = c.value(def.At, "at", nil)
		c.timeValue(s.at)
	}
	switch {
	case def.KnownAt == nil:
	case def.KnownAt.Value == stored:
		s.knownStored = true
	default:
		s.knownAt = c.value(def.KnownAt, "known_at", nil)
		c.timeValue(s.knownAt)
	}
	s.when = c.value(def.When, "when", nil)
	if s.when != nil && s.when.expr != nil && s.when.expr.kind != reflect.Bool && s.when.expr.kind != reflect.Interface {
		c.Fail(def.When, "type", "when: gives "+typeName(s.when.expr)+", not true or false", `compare it: row["COLUMN"] != ""`)
	}
}

// typeName names what an expression gives, for people.
func typeName(e *expression) string {
	switch {
	case e.instant:
		return "a time"
	case e.list:
		return "a list"
	}
	switch e.kind {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Float64:
		return "a number"
	case reflect.String:
		return "a text"
	default:
		return e.kind.String()
	}
}

// timeValue checks that a value can give a time.
func (c *compiler) timeValue(v *value) {
	if v != nil && v.expr != nil && !v.expr.instant && v.expr.kind != reflect.String && v.expr.kind != reflect.Interface {
		c.Fail(v.node, "type", v.field+": gives "+typeName(v.expr)+", not a time", "give a text that is a time, or use time(text, layout)")
	}
}

// fields compiles the fields that are one value each.
func (c *compiler) fields(s *signal, def *signalDefinition) {
	text := func(n *yaml.Node, field string, words []string) *value {
		v := c.value(n, field, words)
		if v != nil && v.expr != nil && v.expr.kind != reflect.String && v.expr.kind != reflect.Interface {
			c.Fail(n, "type", field+": gives "+typeName(v.expr)+", not a text", "wrap it in string(...)")
		}
		return v
	}
	s.ref = text(def.Ref, "ref", nil)
	s.channel = text(def.Channel, "channel", channels())
	s.level = text(def.Level, "level", levels())
	s.competent = text(def.Competent, "competent", levels())
	s.place = text(def.Place, "place", nil)
	s.subject = text(def.Subject, "subject", nil)
	s.purpose = text(def.Purpose, "purpose", purposes())
	s.unit = text(def.Unit, "unit", nil)
	s.text = text(def.Text, "text", nil)
	s.act = text(def.Act, "act", acts())
	s.rating = text(def.Rating, "rating", ratings())
	s.link = text(def.Link, "link", nil)
	s.people = c.value(def.People, "people", nil)
	s.due = c.value(def.Due, "due", nil)
	c.timeValue(s.due)
}

// collections compiles the fields that are several values.
func (c *compiler) collections(s *signal, def *signalDefinition) {
	values := func(n *yaml.Node, field string) (out []*value) {
		for _, item := range c.list(n) {
			if v := c.value(item, field, nil); v != nil {
				out = append(out, v)
			}
		}
		return out
	}
	s.category = values(def.Category, "category")
	if len(s.category) > 3 {
		c.Fail(def.Category, "category", "a category has at most three levels", "name three columns, the widest class first")
	}
	s.key = values(def.Key, "key")
	s.who = values(def.Who, "who")
	for _, v := range s.who {
		for _, r := range v.reads {
			c.out.identity[r.column] = true
		}
	}
	if def.Attrs == nil {
		return
	}
	for key, n := range c.Pairs(def.Attrs) {
		if v := c.value(n, "attrs."+key.Value, nil); v != nil {
			s.attrs = append(s.attrs, attr{name: key.Value, value: v})
		}
	}
	slices.SortFunc(s.attrs, func(a, b attr) int { return cmpString(a.name, b.name) })
}

// suits checks that the fields belong to the kind of signal.
func (c *compiler) suits(s *signal, def *signalDefinition, at *yaml.Node) {
	only := func(kind Kind, fields map[string]*yaml.Node) {
		for _, name := range sortedKeys(fields) {
			if fields[name] != nil && s.kind != kind && s.kind != "" {
				c.Fail(fields[name], "signal-kind", fmt.Sprintf("%s belongs to %s; this is %s", name, kind.one(), s.kind.one()), "")
			}
		}
	}
	only(Contact, map[string]*yaml.Node{"who": def.Who, "link": def.Link, "key": def.Key, "people": def.People})
	only(Action, map[string]*yaml.Node{"act": def.Act})
	if s.kind == Action && def.Act == nil {
		c.Fail(at, "act", "an action says what was done", "write act: {is: replied} or another of the words; known: "+fmt.Sprint(acts()))
	}
	for field, list := range map[string][]*value{"ref": {s.ref}, "channel": {s.channel}, "text": {s.text}, "subject": {s.subject}, "unit": {s.unit}, "place": {s.place}} {
		for _, v := range list {
			if v == nil {
				continue
			}
			for _, r := range v.reads {
				if s.reads(s.who, r.column) {
					c.FailInside(v.node, r.offset, r.width, "identity", fmt.Sprintf("%s reads %s, which names a person", field, c.out.columns[r.column]), "identities may stand under who: and key: only")
				}
			}
		}
	}
}

func (k Kind) one() string {
	if k == Action {
		return "an action"
	}
	return "a contact"
}

// reads says whether one of the values reads a column.
func (s *signal) reads(list []*value, column int) bool {
	return slices.ContainsFunc(list, func(v *value) bool {
		return slices.ContainsFunc(v.reads, func(r read) bool { return r.column == column })
	})
}

func cmpString(a, b string) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}
