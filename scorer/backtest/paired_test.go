package backtest

import "testing"

func TestPairedRowsHaveANarrowerChangeThanTwoCohorts(t *testing.T) {
	p := Paired{{True, True}: 40, {Missed, True}: 15, {True, Missed}: 2, {Missed, Missed}: 43, {False, False}: 60, {Quiet, False}: 20,
		{Quiet, Quiet}: 800, {Undecided, Undecided}: 50, {TooSoon, TooSoon}: 10}
	c := p.Compare()
	if c.Before.True != 42 || c.Before.Missed != 58 || c.Before.TooSoon != 10 || c.After.True != 55 || c.After.False != 80 || c.After.Quiet != 800 {
		t.Fatalf("sides %+v %+v", c.Before, c.After)
	}
	if got := *c.After.Recall - *c.Before.Recall; got < c.RecallChange[0] || got > c.RecallChange[1] {
		t.Errorf("the change of recall %.3f lies outside of its interval %v", got, *c.RecallChange)
	}
	if c.RecallChange[0] <= 0 {
		t.Errorf("15 cases gained and 2 lost are no gain: %v", *c.RecallChange)
	}
	unpaired := c.After.RecallInterval[1] - c.After.RecallInterval[0]
	if paired := c.RecallChange[1] - c.RecallChange[0]; paired >= unpaired {
		t.Errorf("the change is known to %.3f, recall itself to %.3f", paired, unpaired)
	}
}

func TestNothingChangedIsKnownExactly(t *testing.T) {
	c := Paired{{True, True}: 4, {Missed, Missed}: 3, {False, False}: 2, {Quiet, Quiet}: 9}.Compare()
	if *c.RecallChange != [2]float64{} || *c.PrecisionChange != [2]float64{} {
		t.Errorf("changes of nothing: %v %v", *c.RecallChange, *c.PrecisionChange)
	}
}
