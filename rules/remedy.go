package rules

import (
	"cmp"
	"slices"

	"yujing/internal/calendar"
)

// Help is the smallest thing an officer can do that brings a row below the level
// it stands at. It is found by evaluating the row again with acts added to its
// facts, as of the same instant; nothing is guessed from the text of the rules.
type Help struct {
	// The level to come down from.
	Level Level `json:"level"`
	// Each of them suffices and none is larger than another: the cheapest first.
	// Empty if neither one act nor two of them suffice.
	Remedies []Remedy `json:"remedies"`
	// Where none suffices: what takes most points off. nil if no act does.
	Best *Remedy `json:"best,omitempty"`
	// What must be seen to beforehand, empty if nothing.
	Note Text `json:"note,omitzero"`
}

// Remedy is one or two acts, and what the row would be after them.
type Remedy struct {
	Acts   []Act    `json:"acts"` // in the order in which they are done
	Score  int      `json:"score"`
	Sum    int      `json:"sum"` // the points before they are clamped to 0..100
	Level  Level    `json:"level"`
	Stops  []string `json:"stops"`  // ids of rules that fire no longer
	Starts []string `json:"starts"` // and of those that come to fire

	cost []int // of the acts, the dearest first
	rank int   // its place in the table, for a stable order
}

// Act is something an office does for a citizen.
type Act struct {
	Act  string `json:"act"`
	Name Text   `json:"name"`
}

// mostRemedies is how many remedies are told; a choice of more is none.
const mostRemedies = 5

// service is an act that may be proposed.
type service struct {
	Act
	cost int                                 // by kind: see services
	can  func(*whatIf, *Facts, service) bool // whether it is open to the office now; nil = always
}

// services are the acts that may be proposed, in order of what they cost an
// office, since the smallest of two that suffice is the one that will be done:
//
//	1 a call, or a form that is owed anyway: minutes at a desk
//	2 a journey, or an answer that must be drafted and signed: half a day and more
//	3 more time: it needs the approval of a leader (art. 34), and the citizen gets
//	  no more than a date from it, so what serves is proposed before it
//	4 a meeting that has to be called: people of several offices
//	5 money: where the conditions are met, and on application only
//
// An alert asks for service (docs/rules.md, DOMAIN: hard limit 4). So the other
// acts are never proposed, whatever they would do to the score:
//
//	not_accepted, returned   refuse the citizen
//	concluded                ends the scoring, not the grievance
//	transferred, assigned    hand the matter on: the citizen gets nothing by it
//	supervised               urges another office
//	rated                    is the citizen's to give
//
// Closing is proposed only where an answer is on record: a matter that is closed
// unanswered is out of sight, not settled.
func services() []service {
	return []service{
		{Act{"called_back", Text{"电话回访信访人", "call the complainant"}}, 1, nil},
		{Act{"registered", Text{"登记", "register it"}}, 1, owed},
		{Act{"accepted", Text{"书面告知受理", "give written notice of acceptance"}}, 1, owed},
		{Act{"visited", Text{"上门走访", "visit the complainant"}}, 2, nil},
		{Act{"replied", Text{"书面答复", "reply in writing"}}, 2, nil},
		{Act{"closed", Text{"办结", "close it, answered"}}, 2, answered},
		{Act{"reviewed", Text{"作出复查意见", "give the opinion on review"}}, 2, owed},
		{Act{"re_reviewed", Text{"作出复核意见", "give the opinion on second review"}}, 2, owed},
		{Act{"extended", Text{"办理延期并书面告知", "extend with approval, with written notice"}}, 3, extendable},
		{Act{"deliberation", Text{"组织评议", "hold a deliberation"}}, 4, nil},
		{Act{"hearing", Text{"组织听证", "hold a hearing"}}, 4, nil},
		{Act{"petition_aid", Text{"给予信访救助（符合条件的）", "give petition relief, where the conditions are met"}}, 5, nil},
		{Act{"judicial_aid", Text{"给予司法救助（符合条件的）", "give judicial relief, where the conditions are met"}}, 5, nil},
	}
}

// owed says that a deadline is running which this act would meet.
func owed(w *whatIf, f *Facts, s service) bool {
	for _, d := range w.e.set.deadlines {
		if slices.Contains(d.Ends, s.Act.Act) && running(d, f) != nil {
			return true
		}
	}
	return false
}

// running is the signal since which a deadline is running, nil if it is not.
func running(d calendar.Deadline, f *Facts) *Signal {
	if d.Channel != "" && f.Contacts[0].Channel != d.Channel {
		return nil
	}
	return firstStart(d, f, lastEnd(d, f))
}

// answered says that the citizen has had a reply since asking last.
func answered(_ *whatIf, f *Facts, _ service) bool {
	return has(f, "replied", f.Contacts[len(f.Contacts)-1].At)
}

// extendable says that a deadline that can be extended is running, has not passed
// and was not extended before: an extension is for once, and comes in time.
func extendable(w *whatIf, f *Facts, _ service) bool {
	for _, d := range w.e.set.deadlines {
		start := running(d, f)
		if d.Extension == 0 || start == nil || has(f, "extended", start.At) {
			continue
		}
		if state := deadlineOf(d, f, w.now, w.e.set.calendar, w.r.Zone); !state.due.Before(w.now) {
			return true
		}
	}
	return false
}

// help looks for what would bring the row below its level: each single act, and
// if none suffices each two of them. With 13 acts that is at most 13 + 78
// evaluations. It is nil for a row at no level.
func (w *whatIf) help() (*Help, error) {
	if w.base.Level == None {
		return nil, nil
	}
	h := &Help{Level: w.base.Level, Remedies: []Remedy{}, Note: w.caution()}
	for _, choose := range []func([]service) [][]service{singles, pairs} {
		for rank, acts := range choose(services()) {
			r, err := w.try(acts)
			if err != nil {
				return nil, err
			}
			if r == nil {
				continue
			}
			r.rank = rank
			if r.Level < h.Level {
				h.Remedies = append(h.Remedies, *r)
			} else if r.Sum < w.base.sum() && (h.Best == nil || better(r, h.Best)) {
				h.Best = r
			}
		}
		if len(h.Remedies) > 0 {
			h.Best = nil
			break
		}
	}
	slices.SortFunc(h.Remedies, smaller)
	h.Remedies = h.Remedies[:min(len(h.Remedies), mostRemedies)]
	return h, nil
}

func singles(all []service) [][]service {
	var list [][]service
	for _, s := range all {
		list = append(list, []service{s})
	}
	return list
}

func pairs(all []service) [][]service {
	var list [][]service
	for i, a := range all {
		for _, b := range all[i+1:] {
			list = append(list, []service{a, b})
		}
	}
	return list
}

// try evaluates the row after some acts, done in the order of their procedure
// (first accept, then reply, then close) by the unit that has it; nil if one of
// them is not open to the office.
func (w *whatIf) try(acts []service) (*Remedy, error) {
	order := calendar.Actions()
	acts = slices.SortedFunc(slices.Values(acts), func(a, b service) int {
		return slices.Index(order, a.Act.Act) - slices.Index(order, b.Act.Act)
	})
	last := &w.f.Contacts[len(w.f.Contacts)-1]
	r := &Remedy{}
	var done []Signal
	before := *w.f
	for _, s := range acts {
		if s.can != nil && !s.can(w, &before, s) {
			return nil, nil
		}
		done = append(done, Signal{ID: "what-if", At: w.now, Ref: last.Ref, Case: last.Case, Act: s.Act.Act, Unit: w.e.row.Case.Unit})
		before.Actions = append(w.f.Actions[:len(w.f.Actions):len(w.f.Actions)], done...)
		r.Acts, r.cost = append(r.Acts, s.Act), append(r.cost, s.cost)
	}
	a, err := w.with(done)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(r.cost, func(a, b int) int { return b - a })
	r.Score, r.Sum, r.Level, r.Stops, r.Starts = a.Score, a.sum(), a.Level, w.base.without(&a), a.without(&w.base)
	return r, nil
}

// smaller orders remedies: fewer acts, then cheaper ones (the dearest first
// compared), then what leaves the lower score.
func smaller(a, b Remedy) int {
	return cmp.Or(len(a.Acts)-len(b.Acts), slices.Compare(a.cost, b.cost), a.Sum-b.Sum, a.rank-b.rank)
}

// better says that a takes more off than b, or as much with less.
func better(a, b *Remedy) bool {
	return cmp.Or(int(a.Level)-int(b.Level), a.Sum-b.Sum, smaller(*a, *b)) < 0
}

// caution is what an accusation demands before anybody acts on it (art. 30).
func (w *whatIf) caution() Text {
	for i := range w.f.Contacts {
		if w.f.Contacts[i].Purpose == "accusation" {
			return Text{"检举控告不得转送、交办给被检举控告的人员和单位（《信访工作条例》第三十条）",
				"an accusation must not reach the person or unit accused (Regulations, art. 30)"}
		}
	}
	return Text{}
}
