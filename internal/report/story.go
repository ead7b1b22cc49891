package report

import (
	"time"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// story is a case told: what was known, which rules fired, what came of it.
type story struct {
	Ref    string
	About  []fact
	Gist   rules.Text
	Level  string // a class of the style sheet
	Known  notes
	Hidden notes // happened, and not known then
	Fired  []fired
	Silent rules.Text // why no rule is told
	After  notes
}

// notes are signals under a heading.
type notes struct {
	Title rules.Text
	List  []note
}

// Came marks the outcome among them.
func (n notes) Came() rules.Text { return text("即此", "this is it") }

type note struct {
	At      string
	What    rules.Text
	Unit    string
	Outcome bool
	Gap     bool // stands for those left out
}

// fired is a rule with what it said.
type fired struct {
	rules.Fired
	Sign string // the points with their sign
}

func catches(in *Input, risk *rules.Risk) told {
	t := told{Title: text("预警最早的十例", "The ten best catches"),
		About: text("应验的预警中提前最久的；同一天数的，分高者在前。", "Of the warnings that came true those that came earliest; among equals the highest score first."),
		Empty: text("没有应验的预警。", "No warning came true.")}
	for _, w := range in.cases(risk, backtest.True) {
		t.Cases = append(t.Cases, newStory(risk, &w, catchGist(risk, &w)))
	}
	return t
}

func misses(in *Input, risk *rules.Risk) told {
	t := told{Title: text("漏报最急的十例", "The ten worst misses"),
		About: text("没有预警而发生的当中发生最快的；同一天数的，分高者（离门槛最近）在前。来不及的不在其中。",
			"Of those that came without a warning the ones that came soonest; among equals the highest score, nearest to a warning, first. Those that came too soon for anybody are not among them."),
		Empty: text("没有漏报。", "Nothing was missed.")}
	for _, w := range in.cases(risk, backtest.Missed) {
		t.Cases = append(t.Cases, newStory(risk, &w, missGist(risk, &w)))
	}
	return t
}

func catchGist(risk *rules.Risk, w *Worked) rules.Text {
	c := &w.Case
	at, lead, level := clock(c.WarnedAt.In(risk.Zone)), days(c.OutcomeAt.Sub(c.WarnedAt)), c.Level.Name()
	return text(at+" "+level.ZH+"预警，"+itoa(c.Score)+" 分；"+lead+" 天后发生“"+risk.Name.ZH+"”。",
		"Warned "+level.EN+" at "+itoa(c.Score)+" points; the "+risk.Name.EN+" came "+lead+" days later.")
}

func missGist(risk *rules.Risk, w *Worked) rules.Text {
	c := &w.Case
	after := days(c.OutcomeAt.Sub(c.First))
	return text("首次来件 "+after+" 天后发生“"+risk.Name.ZH+"”，此前最高 "+itoa(c.Score)+" 分，未达预警级别。",
		"The "+risk.Name.EN+" came "+after+" days after the first contact; the highest score before was "+itoa(c.Score)+", below the level asked for.")
}

func newStory(risk *rules.Risk, w *Worked, gist rules.Text) story {
	c := &w.Case
	s := story{Ref: c.Ref, Gist: gist, Level: c.Level.String(), About: []fact{
		{text("首次来件", "first contact"), text(clock(c.First.In(risk.Zone)), ""), ""},
		{text("渠道", "channel"), channel(c.Channel), ""},
		{text("责任单位", "unit"), asIs(c.Unit), ""},
		{text("属地", "place"), asIs(c.Place), ""},
	}}
	for _, f := range w.Fired {
		s.Fired = append(s.Fired, fired{f, signed(f.Points)})
	}
	s.Known = notes{known(risk, w), list(risk, w, w.Known, true)}
	s.Hidden = notes{text("当时已经发生、但还不知道", "Had happened, but was not known then"), list(risk, w, w.Unknown, true)}
	s.After = notes{text("后来", "What happened then"), list(risk, w, w.After, false)}
	s.Silent = silent(w)
	return s
}

// known heads what was known at the instant.
func known(risk *rules.Risk, w *Worked) rules.Text {
	at := clock(w.At.In(risk.Zone))
	which := text("预警时", "At the warning")
	if w.Case.Verdict == backtest.Missed {
		which = text("发生前最后一个时点", "At the last instant before it came")
	}
	return text(which.ZH+"（"+at+"）已知：来件 "+itoa(w.Contacts)+" 次，办理动作 "+itoa(w.Actions)+" 个",
		which.EN+"; contacts known "+itoa(w.Contacts)+", actions "+itoa(w.Actions))
}

func silent(w *Worked) rules.Text {
	switch {
	case len(w.Fired) > 0:
		return rules.Text{}
	case w.Contacts == 0:
		return text("当时还不知道有这件事。", "Nothing of it was known then.")
	case w.Unscored != rules.Text{}:
		return w.Unscored
	}
	return text("没有一条规则成立。", "No rule held.")
}

// list tells signals, the outcome marked, and how many are left out.
func list(risk *rules.Risk, w *Worked, n Notes, leftFirst bool) []note {
	var out []note
	for i := range n.List {
		out = append(out, newNote(risk.Zone, &n.List[i], w.Case.OutcomeAt))
	}
	if n.Left == 0 {
		return out
	}
	gap := note{Gap: true, What: textf("……另有 %d 条", "… %d more", n.Left)}
	if leftFirst {
		return append([]note{gap}, out...)
	}
	last := len(out) - 1
	return append(append(out[:last:last], gap), out[last])
}

func newNote(zone *time.Location, s *rules.SignalNote, outcome time.Time) note {
	n := note{At: clock(s.At.In(zone)), What: word(rules.ActName(s.Act), s.Act), Unit: s.Unit, Outcome: s.At.Equal(outcome)}
	if s.Act == "" {
		by := channel(s.Channel)
		n.What = text("来件（"+by.ZH+"）", "contact, "+by.EN)
	}
	return n
}
