package rules

import (
	"time"

	"yujing/internal/calendar"
)

// dayMillis is a day as the language counts it: 24 hours.
const dayMillis = 24 * 60 * 60 * 1000

// rowEnv is what a condition runs over: the vocabulary, and what compiled
// functions need. It is boxed once per row as a struct value: fetching a field
// of a boxed struct allocates nothing, of a pointer it does.
type rowEnv[S any] struct {
	Vocabulary[S]
	Dues     []any  `expr:"·due"`     // by index of the kind: whole milliseconds or nil
	Overdues []any  `expr:"·overdue"` // by index of the kind: bool
	Clock    *clock `expr:"·clock"`
}

// outcomeEnv is what an outcome runs over.
type outcomeEnv[S any] struct {
	Outcome[S]
	Clock *clock `expr:"·clock"`
}

// clock is what functions of the calendar need to know.
type clock struct {
	calendar *calendar.Calendar
	zone     *time.Location
}

func (c *clock) workdays(from, to int) int {
	return c.calendar.Workdays(time.UnixMilli(int64(from)).In(c.zone), time.UnixMilli(int64(to)).In(c.zone))
}

// persons numbers the complainants of one collection, and knows who came before in which case.
type persons struct {
	number map[uint64]int
	seen   map[casePerson]struct{}
}

type casePerson struct {
	matter string
	person uint64
}

func newPersons() *persons {
	return &persons{map[uint64]int{}, map[casePerson]struct{}{}}
}

func (p *persons) reset() {
	clear(p.number)
	clear(p.seen)
}

// next numbers the complainant of the next contact, 0 if unknown, and says
// whether the same one spoke earlier in the same case.
func (p *persons) next(s *Signal) (who int, again bool) {
	if s.Person == 0 {
		return 0, false
	}
	who = p.number[s.Person]
	if who == 0 {
		who = len(p.number) + 1
		p.number[s.Person] = who
	}
	key := casePerson{s.Case, s.Person}
	_, again = p.seen[key]
	if !again {
		p.seen[key] = struct{}{}
	}
	return who, again
}

// elements turns signals into boxed elements. own is the case whose signals are
// .mine; "" marks all. p is nil for actions, which have no complainant.
func elements(signals []Signal, now int, own string, p *persons) []any {
	list := make([]any, len(signals))
	for i := range signals {
		e := element(&signals[i])
		e.Age = days(now - e.At)
		e.Mine = own == "" || signals[i].Case == own
		if p != nil {
			e.Who, e.Again = p.next(&signals[i])
		}
		list[i] = e
	}
	return list
}

func days(millis int) float64 { return float64(millis) / dayMillis }

func millis(t time.Time) int { return int(t.UnixMilli()) }

// element is a signal without what depends on its collection and on now.
func element(s *Signal) Element {
	e := Element{
		id: s.ID, At: millis(s.At), Act: s.Act, Unit: s.Unit, Channel: s.Channel,
		Place: s.Place, Category: s.Category, Subject: s.Subject, Purpose: s.Purpose,
		People: s.People, Text: s.Text, Attrs: attrs(s),
		Level: level(s.Level), Competent: level(s.Competent), Above: above(s),
	}
	if !s.Due.IsZero() {
		e.Due = millis(s.Due)
	}
	if s.Rating != "" {
		e.Rating = s.Rating
	}
	return e
}

// attrs is never nil: ?. would take a signal without attrs for one that is not there.
func attrs(s *Signal) map[string]string {
	if s.Attrs == nil {
		return map[string]string{}
	}
	return s.Attrs
}

// level is nil if unknown, so that no rule takes an unknown level for a low one.
func level(l int) any {
	if l == 0 {
		return nil
	}
	return l
}

func above(s *Signal) any {
	if s.Level == 0 || s.Competent == 0 {
		return nil
	}
	return s.Level - s.Competent
}

// matter is the case of a row: its first contact, and the unit that has it.
func matter(f *Facts, now int) Case {
	s := &f.Contacts[0]
	c := Case{
		At: millis(s.At), Channel: s.Channel, Level: level(s.Level), Competent: level(s.Competent), Above: above(s),
		Place: s.Place, Category: s.Category, Subject: s.Subject, Purpose: s.Purpose,
		People: s.People, Text: s.Text, Attrs: attrs(s),
	}
	c.Age = days(now - c.At)
	for i := len(f.Actions) - 1; i >= 0 && c.Unit == ""; i-- {
		c.Unit = f.Actions[i].Unit
	}
	return c
}
