package alerts

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/width"

	"yujing/rules"
	"yujing/scorer"
)

// accusationsOnly in a receiver's risks means: of whatever risk, but accusations only.
const accusationsOnly = "accusations"

// subject is what routing looks at.
type subject struct {
	Risk   string
	Level  rules.Level
	Matter *scorer.Matter
}

// routed is who hears of something, and why the others do not.
type routed struct {
	To     []string // lanes, in the order of the receivers
	Passed []Passed
	Note   string // said when nobody was left: on the alert, in the log, in a metric
}

// route decides who is told. What the law forbids comes first and holds for the
// fallback too; then what each receiver wants. When nobody remains, the
// fallback is told if permitted; that nobody wants a level this low is not that case.
func (c *Config) route(s subject) routed {
	var out routed
	low := false
	seen := c.barred(s)
	for i := range c.Receivers {
		r := &c.Receivers[i]
		why := r.forbidden(s)
		if why == "" {
			why = r.unwanted(s)
		}
		if why == "" && s.Level < r.atLeast() {
			low = true
			why = fmt.Sprintf("wants %s or above", r.atLeast())
		}
		if why != "" {
			out.Passed = append(out.Passed, Passed{r.Name, why})
			continue
		}
		out.add(r, seen)
	}
	if len(out.To) == 0 && !low {
		c.routeFallback(s, &out)
	}
	return out
}

// routeFallback tells the fallback receiver, or says why nobody may be told.
func (c *Config) routeFallback(s subject, out *routed) {
	i := slices.IndexFunc(c.Receivers, func(r Receiver) bool { return r.Name == c.Fallback })
	if i < 0 {
		out.Note = "nobody was told: no receiver is left and no fallback is configured"
		return
	}
	r := &c.Receivers[i]
	if why := r.forbidden(s); why != "" {
		out.Note = fmt.Sprintf("nobody was told: no receiver is left and the fallback %s may not know: %s", r.Name, why)
		return
	}
	out.add(r, c.barred(s))
	if len(out.To) == 0 {
		out.Note = fmt.Sprintf("nobody was told: no receiver is left and the fallback %s shares its addresses with one who may not know", r.Name)
		return
	}
	out.Note = fmt.Sprintf("no receiver was left: told the fallback %s", r.Name)
}

// add tells a receiver on every channel whose address nobody before it has.
func (out *routed) add(r *Receiver, seen map[channelTo]string) {
	for _, ch := range r.channels() {
		if first, ok := seen[ch]; ok {
			out.Passed = append(out.Passed, Passed{r.Name, "same " + ch.name + " address as " + first})
			continue
		}
		seen[ch] = r.Name
		out.To = append(out.To, laneName(r.Name, ch.name))
	}
}

// barred are the addresses that someone reads who is recused or the accused:
// under another receiver's name they are the same eyes.
func (c *Config) barred(s subject) map[channelTo]string {
	out := map[channelTo]string{}
	for i := range c.Receivers {
		r := &c.Receivers[i]
		_, recused := r.recusedIn(s.Matter)
		if !recused && (!s.Matter.Accusation || !r.accusedIn(s.Matter)) {
			continue
		}
		for _, ch := range r.channels() {
			out[ch] = r.Name
		}
	}
	return out
}

// withheld gives the reason why what waits in a lane must not go there any more, or "".
func (c *Config) withheld(l *lane, s subject) string {
	if why := l.receiver.forbidden(s); why != "" {
		return why
	}
	if other, ok := c.barred(s)[channelTo{l.channel, l.address}]; ok {
		return "same " + l.channel + " address as " + other + ", who may not know"
	}
	return ""
}

func laneName(receiver, channel string) string { return receiver + "/" + channel }

func splitLane(name string) (receiver, channel string) {
	receiver, channel, _ = strings.Cut(name, "/")
	return receiver, channel
}

// forbidden gives the reason why a receiver must not know, or "".
func (r *Receiver) forbidden(s subject) string {
	m := s.Matter
	if what, ok := r.recusedIn(m); ok {
		return "recused in " + what + " (art. 28)"
	}
	if r.Role == RolePolice && !slices.Contains(r.Risks, s.Risk) {
		return "the police role is told only of risks that its receiver names"
	}
	if !m.Accusation {
		return ""
	}
	if r.accusedIn(m) {
		return "the receiver's unit is or answers for the accused (art. 30)"
	}
	if !r.Accusations && s.Risk != SafetyRisk {
		return "not permitted to know of accusations (art. 30)"
	}
	return ""
}

// accusedIn says whether the receiver's unit is the accused, or ever answered
// for the matter. Spellings differ, so containing either way counts: better one
// receiver too few than the accused. A discipline commission that handles an
// accusation does its office: only one against itself is kept from it.
func (r *Receiver) accusedIn(m *scorer.Matter) bool {
	for _, own := range append([]string{r.Unit}, r.Aliases...) {
		if sameUnit(own, m.Subject) {
			return true
		}
		if r.Role != RoleDiscipline && slices.ContainsFunc(m.Units, func(u string) bool { return sameUnit(own, u) }) {
			return true
		}
	}
	return false
}

// recusedIn names the unit or matter in which the receiver is recused.
func (r *Receiver) recusedIn(m *scorer.Matter) (string, bool) {
	_, bare, _ := strings.Cut(m.Ref, ":")
	for _, entry := range r.Recused {
		switch {
		case entry == m.Ref, bare != "" && entry == bare, sameUnit(entry, m.Subject),
			slices.ContainsFunc(m.Units, func(u string) bool { return sameUnit(entry, u) }):
			return entry, true
		}
	}
	return "", false
}

// sameUnit compares names of offices: one contains the other, whatever their
// width and spaces. An empty name is no office.
func sameUnit(a, b string) bool {
	a, b = foldName(a), foldName(b)
	return a != "" && b != "" && (strings.Contains(a, b) || strings.Contains(b, a))
}

func foldName(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(width.Narrow.String(s)), ""))
}

// unwanted gives the reason why a receiver does not want to be told, but for the level.
func (r *Receiver) unwanted(s subject) string {
	m := s.Matter
	if s.Risk == SafetyRisk {
		if r.Role == RoleSafety || slices.Contains(r.Risks, SafetyRisk) {
			return ""
		}
		return "threats of harm go to the safety receivers"
	}
	if r.Role == RoleSafety && len(r.Risks) == 0 {
		return "the safety receiver hears of threats of harm only"
	}
	if why := r.unwantedRisk(s); why != "" {
		return why
	}
	if len(r.Units) > 0 && !slices.ContainsFunc(r.Units, func(u string) bool { return foldName(u) == foldName(present(m)) }) {
		return "not one of the receiver's units"
	}
	if len(r.Places) > 0 && !slices.ContainsFunc(r.Places, func(p string) bool { return strings.HasPrefix(m.Place, p) }) {
		return "not one of the receiver's places"
	}
	return ""
}

func (r *Receiver) unwantedRisk(s subject) string {
	switch {
	case len(r.Risks) == 0, slices.Contains(r.Risks, s.Risk):
		return ""
	case slices.Contains(r.Risks, accusationsOnly):
		if s.Matter.Accusation {
			return ""
		}
		return "wants accusations only"
	}
	return "not one of the receiver's risks"
}

// present is the unit that must answer now.
func present(m *scorer.Matter) string {
	if len(m.Units) == 0 {
		return ""
	}
	return m.Units[len(m.Units)-1]
}

// atLeast is the level from which the receiver wants to be told; blue, the
// lowest, if nothing is said. Validate has refused what is no level.
func (r *Receiver) atLeast() rules.Level {
	l, _ := rules.ParseLevel(r.Level)
	return max(l, rules.Blue)
}

type channelTo struct{ name, address string }

// channels are the receiver's channels in order; Validate has seen to it that
// each entry names one channel, and none twice.
func (r *Receiver) channels() []channelTo {
	var out []channelTo
	for _, entry := range r.Channels {
		for name, address := range entry {
			out = append(out, channelTo{name, address})
		}
	}
	return out
}
