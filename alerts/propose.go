package alerts

import (
	"time"

	"yujing/rules"
	"yujing/scorer"
)

// propose says what an assessment means for the row's alert: one event or none.
// It looks at the alert and the assessment alone, not at what the scorer
// believes was before, so proposing the same assessment again proposes nothing,
// and what a crash left undone is proposed again from the latest assessments.
func propose(b *Book, c *scorer.Change) (Event, bool) {
	a, known := b.Latest(c.Risk, c.Row)
	live := known && a.Live()
	switch {
	case c.Concluded && live:
		return following(a, c, Closed, Concluded), true
	case c.Concluded:
		return Event{}, false
	case !known && c.Level > rules.None:
		return opening(c, 1), true
	case !known:
		return Event{}, false
	case live && c.Level == rules.None:
		return following(a, c, Closed, Subsided), true
	case live && c.Level > a.Level:
		return following(a, c, Raised, ""), true
	case live && c.Level < a.Level:
		return following(a, c, Lowered, ""), true
	case !live && c.Level > a.Level:
		return opening(c, a.Ordinal+1), true
	case !live && falls(a, c.Level):
		return following(a, c, Lowered, ""), true
	}
	return Event{}, false
}

// falls says whether a lower level brings down what a closed alert's row must
// exceed to open another. After "resolved" it does: a later rise is news. After
// "false alarm" and "duplicate" a person has said that this level means nothing
// here, which holds until the level was none once.
func falls(a Alert, level rules.Level) bool {
	if a.Reason == FalseAlarm || a.Reason == Duplicate {
		return level == rules.None && a.Level > rules.None
	}
	return level < a.Level
}

func opening(c *scorer.Change, ordinal uint32) Event {
	e := eventOf(c, Opened)
	e.Alert, e.Seq, e.Ordinal = NewID(c.Risk, c.Row, ordinal), 1, ordinal
	return e
}

func following(a Alert, c *scorer.Change, kind Kind, reason string) Event {
	e := eventOf(c, kind)
	e.Alert, e.Seq, e.Ordinal, e.Reason = a.ID, a.Seq+1, a.Ordinal, reason
	e.Detail.Was = a.Level
	return e
}

func eventOf(c *scorer.Change, kind Kind) Event {
	e := Event{
		At: c.AsOf.UTC().Truncate(time.Millisecond), Kind: kind, Risk: c.Risk, Row: c.Row,
		Level: c.Level, Score: c.Score, By: ByEngine,
		Detail: &Detail{Rules: counted(c.Fired), RuleSet: c.RuleSet, Calendar: c.Calendar, Matter: c.Matter},
	}
	switch {
	case !kind.tells():
	case c.First:
		e.Digest = DigestFirst
	case c.Late:
		e.Digest = DigestLate
	}
	return e
}

// counted leaves out the rules in shadow: they had no part in the score.
func counted(fired []rules.Fired) []rules.Fired {
	out := make([]rules.Fired, 0, len(fired))
	for _, f := range fired {
		if !f.Shadow {
			out = append(out, f)
		}
	}
	return out
}
