package verify

import (
	"regexp"
	"slices"
	"time"

	"yujing/rules"
	"yujing/scorer"
)

// compare compares the row at the instant in every risk. Nearly always all is
// equal, and then one or two evaluations tell.
func (b *bench) compare() error {
	equal, err := b.allEqual()
	if err != nil {
		return err
	}
	if !equal {
		return b.compareAll()
	}
	n := int64(len(b.risksOf(b.instant.RuleSet)))
	b.tally.compared += n
	b.tally.equal += n
	b.close()
	return nil
}

// allEqual says whether what stood, what the rules in force then say and what a
// backtest says are the same in every risk.
func (b *bench) allEqual() (bool, error) {
	own := b.set(b.instant.RuleSet)
	if own != nil {
		if same, err := b.stands(own, b.seen); !same || err != nil {
			return false, err
		}
	}
	if own == b.Given && b.alike {
		return true, nil
	}
	return b.stands(b.Given, b.known)
}

// stands says whether what a set says of facts is what stands.
func (b *bench) stands(set *rules.Set, facts *rules.Facts) (bool, error) {
	all, err := b.assess(set, facts)
	return err == nil && b.allStand(all), err
}

// allStand says whether what is said of the row is what stands, in every risk.
func (b *bench) allStand(all []rules.Assessment) bool {
	standing := 0
	for i := range all {
		if !b.asStood(&all[i]) {
			return false
		}
		if b.stood[all[i].Risk] != nil {
			standing++
		}
	}
	if standing == len(b.stood) {
		return true
	}
	for risk, rec := range b.stood { // a risk that is gone, or all, if nothing is said of the row any more
		if !slices.ContainsFunc(all, func(a rules.Assessment) bool { return a.Risk == risk }) && !rec.same(Says{}) {
			return false
		}
	}
	return true
}

// risksOf are those of the rules of a version and of those given, over rows of this kind.
func (b *bench) risksOf(version string) []string {
	if known, ok := b.risks[version]; ok {
		return known
	}
	var out []string
	for _, set := range []*rules.Set{b.set(version), b.Given} {
		if set == nil {
			continue
		}
		for _, r := range set.Risks() {
			if r.Over == b.over && !slices.Contains(out, r.ID) {
				out = append(out, r.ID)
			}
		}
	}
	b.risks[version] = out
	return out
}

// compared are the risks that the row is compared in at the instant: those of the
// rules, and what stands without any.
func (b *bench) compared() []string {
	out := slices.Clone(b.risksOf(b.instant.RuleSet))
	for risk, rec := range b.stood {
		if !rec.same(Says{}) && !slices.Contains(out, risk) {
			out = append(out, risk)
		}
	}
	return out
}

// answers are what four replays say of the row at the instant, by risk.
type answers struct {
	own       map[string]Says // by the rules then, of what the store had then; nil if these rules are not at hand
	ownKnown  map[string]Says // by the rules then, of all that was known
	given     map[string]Says // by the rules given, of what the store had then
	backtest  map[string]Says // by the rules given, of all that was known
	differing bool            // the rules then are not those given
}

func (b *bench) answers() (a answers, err error) {
	own := b.set(b.instant.RuleSet)
	a.differing = own != b.Given
	if a.backtest, err = b.says(b.Given, b.known); err != nil {
		return a, err
	}
	a.given = a.backtest
	if !b.alike {
		if a.given, err = b.says(b.Given, b.seen); err != nil {
			return a, err
		}
	}
	a.own, a.ownKnown = a.given, a.backtest
	switch {
	case own == nil:
		a.own, a.ownKnown = nil, nil
	case a.differing:
		if a.own, err = b.says(own, b.seen); err != nil {
			return a, err
		}
		a.ownKnown = a.own
		if !b.alike {
			a.ownKnown, err = b.says(own, b.known)
		}
	}
	return a, err
}

// compareAll compares with all replays and explains what differs.
func (b *bench) compareAll() error {
	a, err := b.answers()
	if err != nil {
		return err
	}
	for _, risk := range b.compared() {
		d := Difference{Risk: risk, Backtest: a.backtest[risk]}
		rec := b.stood[risk]
		if rec != nil {
			d.Stood, d.Ref = rec.Says, rec.Ref
		}
		b.tally.compared++
		if a.own != nil {
			own := a.own[risk]
			d.Replayed = &own
		}
		if d.Cause, err = b.cause(risk, &d, &a); err != nil {
			return err
		}
		if d.Cause == "" {
			b.tally.equal++
			b.closeOne(risk)
			continue
		}
		b.tally.add(d)
		b.note(d)
	}
	return nil
}

// cause explains a comparison; "" if all are equal.
func (b *bench) cause(risk string, d *Difference, a *answers) (Cause, error) {
	equal := d.Backtest.same(d.Stood)
	switch {
	case a.own == nil && equal:
		return "", nil
	case a.own == nil:
		return Unverified, nil
	case !d.Replayed.same(d.Stood):
		return b.why(risk, d)
	case equal:
		return "", nil
	}
	// One thing at a time: what would be said if only the rules, or only the data, were others.
	byRules, byData := !a.given[risk].same(d.Stood), !a.ownKnown[risk].same(d.Stood)
	switch {
	case byRules && !byData:
		return RuleSet, nil
	case byData && !byRules:
		return LateData, nil
	}
	return RuleSet + "+" + LateData, nil
}

// why finds out what keeps the daemon's own past from coming out as it was.
func (b *bench) why(risk string, d *Difference) (Cause, error) {
	if b.overtaken(risk, d) {
		return LateTick, nil
	}
	if found, err := b.inFlight(risk, d); found || err != nil {
		return InFlight, err
	}
	switch {
	case b.calendar(risk, d):
		return Calendar, nil
	case b.erased(risk):
		return Erased, nil
	case b.expired(risk):
		return Expired, nil
	}
	return None, nil
}

// inFlight says whether what stood is what the rules say without what was stored
// just before the instant: the insert was still under way when it was evaluated.
// Imports take turns, so what was stored later was readable later.
func (b *bench) inFlight(risk string, d *Difference) (bool, error) {
	own, at := b.set(b.instant.RuleSet), b.instant.AsOf
	for _, turn := range slices.Backward(b.life.Story.Turns()) {
		if turn.After(at) {
			continue
		}
		if turn.Before(at.Add(-scorer.ArrivalSlack)) {
			break
		}
		before := turn.Add(-time.Millisecond)
		says, err := b.says(own, b.life.Story.Facts(at, &before))
		if err != nil {
			return false, err
		}
		if says[risk].same(d.Stood) {
			return true, nil
		}
	}
	return false, nil
}

// overtaken says whether what stands was written after this instant was evaluated,
// for an earlier one that was made up for, and the replay is what stood before.
func (b *bench) overtaken(risk string, d *Difference) bool {
	rec, written := b.stood[risk], b.instant.StoredAt
	if rec == nil || !rec.AsOf.Before(b.instant.AsOf) || !rec.StoredAt.After(written) {
		return false
	}
	var before Says
	for i := range b.life.Recorded[:b.next] {
		if r := &b.life.Recorded[i]; r.Risk == risk && !r.StoredAt.After(written) {
			before = r.Says
		}
	}
	return before.same(*d.Replayed)
}

// byCalendar finds calls that count days by the calendar.
var byCalendar = regexp.MustCompile(`\b(workdays|due|overdue)\s*\(`)

// calendar says whether another calendar was used and all rules that differ ask it.
func (b *bench) calendar(risk string, d *Difference) bool {
	used := b.instant.Calendar
	if rec := b.stood[risk]; used == "" && rec != nil {
		used = rec.Calendar
	}
	set := b.set(b.instant.RuleSet)
	if used == "" || used == set.CalendarVersion() || set.Risk(risk) == nil {
		return false
	}
	for _, rule := range set.Risk(risk).Rules {
		differs := slices.Contains(d.Stood.Fired, rule.ID) != slices.Contains(d.Replayed.Fired, rule.ID)
		if differs && !byCalendar.MatchString(rule.When) {
			return false
		}
	}
	return true
}

// erased says whether a matter that was forgotten since can be what is missing:
// the row itself, or one that this row's rules looked at. If it was a contact of
// the row, fewer of them are left than were counted.
func (b *bench) erased(risk string) bool {
	for _, gone := range b.gone {
		switch {
		case !gone.At.After(b.instant.StoredAt):
		case gone.Case == b.life.Row && b.over == rules.OverCase:
			return true
		case b.over == rules.OverCase && b.set(b.instant.RuleSet).AsksGroup(b.over):
			return true
		case b.over == rules.OverGroup && (b.stood[risk] == nil || b.fewer(b.stood[risk])):
			return true
		}
	}
	return false
}

// expired says whether data that have reached their time to live can be what is
// missing: something of the row was stored before that.
func (b *bench) expired(risk string) bool {
	rec := b.stood[risk]
	switch {
	case b.Expired.IsZero():
		return false
	case b.over == rules.OverCase && b.instant.AsOf.Before(b.Expired.Add(scorer.GroupWindow)) && b.set(b.instant.RuleSet).AsksGroup(b.over):
		return true
	case rec != nil:
		return !rec.First.IsZero() && rec.First.Before(b.Expired) && b.fewer(rec)
	}
	return b.seen != nil && b.seen.Contacts[0].At.Before(b.Expired)
}

// fewer says whether the row has fewer contacts at the instant of an assessment
// than that counted.
func (b *bench) fewer(rec *Recorded) bool {
	facts := b.life.Story.Facts(rec.AsOf, &rec.AsOf)
	return facts == nil || len(facts.Contacts) < rec.Contacts
}

// note continues the stretch of a risk or begins another.
func (b *bench) note(d Difference) {
	t := b.instant
	if o := b.open[d.Risk]; o != nil && o.Cause == d.Cause && o.RuleSet == t.RuleSet && o.Late == t.Late && o.Stood.same(d.Stood) && o.Backtest.same(d.Backtest) && sameSays(o.Replayed, d.Replayed) {
		o.To = t.AsOf
		o.Instants++
		return
	}
	b.closeOne(d.Risk)
	d.Over, d.Row, d.From, d.To, d.Instants = b.over, scorer.RowName(b.life.Row), t.AsOf, t.AsOf, 1
	d.RuleSet, d.Calendar, d.Late = t.RuleSet, t.Calendar, t.Late
	if d.Ref == "" {
		d.Ref = b.ref()
	}
	b.open[d.Risk] = &d
}

// ref is what people call the row.
func (b *bench) ref() string {
	for _, facts := range []*rules.Facts{b.seen, b.known} {
		if facts != nil {
			return facts.Ref
		}
	}
	return ""
}

func sameSays(a, b *Says) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.same(*b)
}

func (b *bench) closeOne(risk string) {
	if o := b.open[risk]; o != nil {
		b.tally.differences = append(b.tally.differences, *o)
		delete(b.open, risk)
	}
}

// close ends every stretch.
func (b *bench) close() {
	for risk := range b.open {
		b.closeOne(risk)
	}
}
