package rules

import (
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/expr-lang/expr/ast"

	"yujing/internal/calendar"
)

// Turns tell when what rules say of a row may turn although nothing is new in it.
// Between two instants with none of these the same signals give the same answer,
// so a row needs no look.
type Turns struct {
	Contacts, Actions, Group Marks // of the row's own signals, and of the contacts of its group

	Deadlines []DeadlineMark   // of the row's deadlines
	EveryDay  []*time.Location // at midnight there: working days are counted to now or from it, and not just to compare them with a number
	Always    bool             // a condition moves with the clock in a way that is not seen through
}

// DeadlineMark is a length of time after (before, if negative) the deadline of a
// kind; or, if Working, the midnight from which on so many working days are
// counted from the day of that deadline.
type DeadlineMark struct {
	Kind     string
	Zone     *time.Location
	After    time.Duration
	Working  bool
	Workdays int
}

// Marks are lengths of time after (before, if negative) a time that a signal
// carries, in order: when so much has passed, a condition may turn.
type Marks struct {
	Ages []time.Duration // after it happened
	Dues []time.Duration // after the deadline that its source states
}

// Midnight is a length of time after the end of any day in a zone.
type Midnight struct {
	Zone  *time.Location
	After time.Duration
}

// Turns gives the turns of all rules over rows of a kind.
func (s *Set) Turns(over Over) Turns {
	var all Turns
	for _, r := range s.RisksOver(over) {
		all.add(s.turnsOf(r))
	}
	return all
}

// turnsOf gives the turns of one risk's conditions, and of what these see: a group
// its contacts of 90 days, a case those of its group.
func (s *Set) turnsOf(r *Risk) Turns {
	t := turner{over: r.Over, zone: r.Zone, deadlines: s.deadlines}
	if r.Over == OverGroup {
		t.Contacts.age(groupDays)
	}
	for _, rule := range r.Rules {
		if rule.when.group && r.Over == OverCase {
			t.Group.age(groupDays)
		}
		t.types, t.names, t.elements = rule.when.types, nil, nil
		t.value(rule.when.tree)
	}
	return t.Turns
}

// add joins what is told of others.
func (t *Turns) add(other Turns) {
	t.Always = t.Always || other.Always
	for _, m := range other.Deadlines {
		include(&t.Deadlines, m)
	}
	for _, zone := range other.EveryDay {
		include(&t.EveryDay, zone)
	}
	t.Contacts.add(other.Contacts)
	t.Actions.add(other.Actions)
	t.Group.add(other.Group)
}

// Midnights are when a row may turn of whose deadlines nothing is known but that
// the table has them end with a day.
func (t *Turns) Midnights() []Midnight {
	var list []Midnight
	for _, m := range t.Deadlines {
		include(&list, Midnight{m.Zone, m.After})
	}
	for _, zone := range t.EveryDay {
		include(&list, Midnight{Zone: zone})
	}
	return list
}

// include adds to a list what is not there.
func include[T comparable](list *[]T, v T) {
	if !slices.Contains(*list, v) {
		*list = append(*list, v)
	}
}

func (m *Marks) add(other Marks) {
	for _, age := range other.Ages {
		insert(&m.Ages, age)
	}
	for _, due := range other.Dues {
		insert(&m.Dues, due)
	}
}

func (m *Marks) age(days float64) { insert(&m.Ages, length(days)) }

// due has both signs: a rule may count the days to it, or since.
func (m *Marks) due(days float64) {
	insert(&m.Dues, length(days))
	insert(&m.Dues, -length(days))
}

func insert(list *[]time.Duration, d time.Duration) {
	if i, known := slices.BinarySearch(*list, d); !known {
		*list = slices.Insert(*list, i, d)
	}
}

// farDays is longer than anything lies back; in nanoseconds it still counts.
const farDays = 36_500

func length(days float64) time.Duration {
	return time.Duration(min(days, farDays) * float64(24*time.Hour))
}

// Passes says that between two instants, the later one included, midnight of the
// zone goes by, or what comes so long after it.
func (m Midnight) Passes(from, to time.Time) bool {
	year, month, day := to.Add(time.Millisecond - m.After).In(m.Zone).Date()
	start := time.Date(year, month, day, 0, 0, 0, 0, m.Zone)
	return start.After(from.Add(-time.Millisecond - m.After))
}

// instants are the turns of a row after one instant and up to another, in order,
// but for midnights: to the millisecond, the answer is another one after it.
func (t *Turns) instants(f *Facts, after, until time.Time) []time.Time {
	var list []time.Time
	add := func(of time.Time, by []time.Duration) {
		for _, d := range by {
			if at := of.Add(d); !of.IsZero() && at.After(after) && !at.After(until) {
				list = append(list, at)
			}
		}
	}
	for _, part := range []struct {
		signals []Signal
		marks   Marks
	}{{f.Contacts, t.Contacts}, {f.Actions, t.Actions}, {f.Group, t.Group}} {
		for i := range part.signals {
			add(part.signals[i].At, part.marks.Ages)
			add(part.signals[i].Due, part.marks.Dues)
		}
	}
	slices.SortFunc(list, time.Time.Compare)
	return list
}

// motion is how a value moves while signals stay as they are: what it is made of.
type motion uint64

const (
	isNow      motion = 1 << iota // now itself
	isAction                      // an action, or a list of such; what is neither is a contact
	isGroup                       // a contact of the group, or a list of such
	ofContact                     // when a contact of the row happened
	ofAction                      // when an action of the row did
	ofGroup                       // when a contact of the group did
	contactDue                    // the deadline that the source of a contact states
	actionDue                     // that of an action
	groupDue                      // that of a contact of the group
	grows                         // the days between now and one of these, or the other way round
	counts                        // the working days between now and a deadline, or the other way round
	firstDue                      // the first deadline of the table: a stated one, or the end of a day; the others follow
)

// mostDeadlines is how many deadlines a motion tells apart.
var mostDeadlines = bits.LeadingZeros64(uint64(firstDue)) + 1

// still says that a value stays while no condition on it turns.
func (m motion) still() bool { return m&(isNow|grows|counts) == 0 }

// turner looks through expressions for what turns.
type turner struct {
	Turns
	over      Over
	zone      *time.Location
	deadlines []calendar.Deadline
	types     map[ast.Node]typ
	names     []named
	elements  []motion // of the predicates around, innermost last
}

// named is what a let names.
type named struct {
	name  string
	value motion
}

// value finds what turns in an expression, and how its value moves between turns.
func (t *turner) value(n ast.Node) motion {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return t.name(n.Value)
	case *ast.PointerNode:
		return t.elements[len(t.elements)-1]
	case *ast.ChainNode:
		return t.value(n.Node)
	case *ast.PredicateNode:
		return t.value(n.Node)
	case *ast.UnaryNode:
		return t.value(n.Node)
	case *ast.BinaryNode:
		return t.binary(n)
	case *ast.ConditionalNode:
		t.value(n.Cond)
		return t.value(n.Exp1) | t.value(n.Exp2)
	case *ast.VariableDeclaratorNode:
		t.names = append(t.names, named{n.Name, t.value(n.Value)})
		return t.value(n.Expr)
	case *ast.MemberNode:
		return t.member(n)
	case *ast.SliceNode:
		for _, bound := range []ast.Node{n.From, n.To} {
			if bound != nil {
				t.opaque(t.value(bound))
			}
		}
		return t.value(n.Node)
	case *ast.CallNode:
		return t.call(n)
	case *ast.BuiltinNode:
		return t.builtin(n)
	}
	for _, part := range parts(n) { // a literal, or a list of such
		t.opaque(t.value(part))
	}
	return 0
}

// opaque is an operation whose result moves with the clock, if its operands do.
func (t *turner) opaque(values ...motion) motion {
	for _, v := range values {
		t.Always = t.Always || v&(isNow|grows) != 0
		if v&counts != 0 {
			include(&t.EveryDay, t.zone)
		}
	}
	return 0
}

func (t *turner) name(name string) motion {
	for _, v := range slices.Backward(t.names) {
		if v.name == name {
			return v.value
		}
	}
	switch name {
	case "now":
		return isNow
	case "actions":
		return isAction
	case "group":
		if t.over == OverCase {
			return isGroup
		}
	}
	return 0
}

func (t *turner) binary(n *ast.BinaryNode) motion {
	l, r := t.value(n.Left), t.value(n.Right)
	switch n.Operator {
	case "??":
		return l | r
	case "==", "!=", "<", "<=", ">", ">=":
		t.compare(n, l, r)
		return 0
	case "-":
		if t.types[n.Left].kind == kindTime {
			return difference(l | r)
		}
	}
	return t.opaque(l, r)
}

// difference is the days between two times.
func difference(of motion) motion {
	if of&isNow == 0 || of&^isNow == 0 {
		return 0
	}
	return of&^isNow | grows
}

// compare marks when a comparison turns: an age when it passes the number, a time
// when now does.
func (t *turner) compare(n *ast.BinaryNode, l, r motion) {
	switch {
	case l.still() && r.still():
	case isNil(n.Left) || isNil(n.Right): // whether it is known stays
	case t.types[n.Left].kind == kindTime:
		t.mark(l|r, 0)
	case l.still():
		t.passes(r, n.Left)
	case r.still():
		t.passes(l, n.Right)
	default:
		t.opaque(l, r)
	}
}

// kinds are the kinds of the deadlines that a value is made of.
func (t *turner) kinds(of motion) (list []string) {
	for i, d := range t.deadlines {
		if of&(firstDue<<i) != 0 {
			list = append(list, d.Kind)
		}
	}
	return list
}

// passes marks when an age, or a count of working days, passes a number, which must
// be written out.
func (t *turner) passes(of motion, n ast.Node) {
	days, ok := literal(n)
	if !ok {
		t.opaque(of)
		return
	}
	if of&grows != 0 {
		t.mark(of, days)
	}
	if of&counts == 0 {
		return
	}
	whole := int(min(days, farDays))
	for _, kind := range t.kinds(of) {
		for _, k := range []int{whole, whole + 1, -whole, 1 - whole} { // more than so many, or at least; to it or since
			include(&t.Deadlines, DeadlineMark{Kind: kind, Zone: t.zone, Working: true, Workdays: k})
		}
	}
}

// literal is the size of a number that is written out.
func literal(n ast.Node) (float64, bool) {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return math.Abs(float64(n.Value)), true
	case *ast.FloatNode:
		return math.Abs(n.Value), true
	case *ast.UnaryNode:
		return literal(n.Node)
	case *ast.IdentifierNode:
		level, known := levels()[n.Value]
		return float64(level), known
	}
	return 0, false
}

// mark says that a condition turns so many days after a time, or before it.
func (t *turner) mark(of motion, days float64) {
	for _, part := range []struct {
		at, due motion
		marks   *Marks
	}{{ofContact, contactDue, &t.Contacts}, {ofAction, actionDue, &t.Actions}, {ofGroup, groupDue, &t.Group}} {
		if of&part.at != 0 {
			part.marks.age(days)
		}
		if of&part.due != 0 {
			part.marks.due(days)
		}
	}
	for _, kind := range t.kinds(of) { // which may be one that its source states
		t.Contacts.due(days)
		t.Actions.due(days)
		include(&t.Deadlines, DeadlineMark{Kind: kind, Zone: t.zone, After: length(days)})
		include(&t.Deadlines, DeadlineMark{Kind: kind, Zone: t.zone, After: -length(days)})
	}
}

// member is a field, or an element or value by its place.
func (t *turner) member(n *ast.MemberNode) motion {
	of := t.value(n.Node)
	if t.types[n.Node].kind == kindList {
		t.opaque(t.value(n.Property))
		return of
	}
	field, ok := n.Property.(*ast.StringNode)
	if !ok || t.types[n.Node].kind != kindRecord {
		return 0
	}
	at, due := times(of)
	switch field.Value {
	case "at":
		return at
	case "age":
		return at | grows
	case "due":
		return due
	}
	return 0
}

// times are those that a signal carries, or those of a list.
func times(of motion) (at, due motion) {
	switch {
	case of&isGroup != 0:
		return ofGroup, groupDue
	case of&isAction != 0:
		return ofAction, actionDue
	}
	return ofContact, contactDue
}

func (t *turner) call(n *ast.CallNode) motion {
	switch name := n.Callee.(*ast.IdentifierNode).Value; name {
	case "due":
		return t.due(n)
	case "overdue":
		t.mark(t.due(n), 0)
		return 0
	case "workdays":
		return t.workdays(t.value(n.Arguments[0]), t.value(n.Arguments[1]))
	case "earliest", "latest":
		at, _ := times(t.value(n.Arguments[0]))
		return at
	}
	t.value(n.Arguments[0]) // complainants
	return 0
}

// workdays are those between two times, in either order: counted between now and
// deadlines alone (or now itself, then there are none) a comparison says when they turn.
func (t *turner) workdays(from, to motion) motion {
	if from == isNow {
		from, to = to, from
	}
	switch deadlines := from &^ isNow; {
	case from.still() && to.still():
	case to == isNow && deadlines >= firstDue && deadlines&(firstDue-1) == 0:
		return deadlines | counts
	default:
		include(&t.EveryDay, t.zone)
	}
	return 0
}

// due is the deadline of a call.
func (t *turner) due(n *ast.CallNode) motion {
	kind := n.Arguments[0].(*ast.StringNode).Value
	i := slices.IndexFunc(t.deadlines, func(d calendar.Deadline) bool { return d.Kind == kind })
	if i >= mostDeadlines {
		t.Always = true
		return 0
	}
	return firstDue << i
}

func (t *turner) builtin(n *ast.BuiltinNode) motion {
	first := t.value(n.Arguments[0])
	switch n.Name {
	case "count", "any", "all", "none", "one":
		t.predicate(first, n.Arguments[1:])
		return 0
	case "len":
		return 0
	case "filter", "find", "findLast":
		t.predicate(first, n.Arguments[1:])
		return first
	case "map":
		return t.predicate(first, n.Arguments[1:])
	case "first", "last", "abs":
		return first
	case "min", "max": // of several numbers, or of a list: one of them
		for _, other := range n.Arguments[1:] {
			first |= t.value(other)
		}
		return first
	case "sum":
		if len(n.Arguments) > 1 {
			first = t.predicate(first, n.Arguments[1:])
		}
	}
	return t.opaque(first)
}

// predicate is what a builtin asks of each element; some may be called without.
func (t *turner) predicate(element motion, args []ast.Node) (body motion) {
	for _, p := range args {
		before := len(t.names)
		t.elements = append(t.elements, element)
		body = t.value(p)
		t.elements, t.names = t.elements[:len(t.elements)-1], t.names[:before]
	}
	return body
}
