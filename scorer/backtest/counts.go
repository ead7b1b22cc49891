package backtest

// counts are the rows of a cohort, or of a part of it, by verdict.
type counts struct{ true, false, missed, tooSoon, quiet, undecided int }

func (c *counts) add(v Verdict) {
	switch v {
	case True:
		c.true++
	case False:
		c.false++
	case Missed:
		c.missed++
	case TooSoon:
		c.tooSoon++
	case Quiet:
		c.quiet++
	case Undecided:
		c.undecided++
	}
}

func (c counts) outcomes() int { return c.true + c.missed + c.tooSoon }

func (c counts) warned() int { return c.true + c.false }

func (c counts) decided() int { return c.outcomes() + c.false + c.quiet }

func (c counts) cases() int { return c.decided() + c.undecided }

func (c counts) rates() Rates {
	r := Rates{
		BaseRate:  ratio(float64(c.outcomes()), float64(c.decided())),
		Precision: ratio(float64(c.true), float64(c.warned())),
		Recall:    ratio(float64(c.true), float64(c.outcomes())),
	}
	if r.Precision != nil && r.BaseRate != nil {
		r.Lift = ratio(*r.Precision, *r.BaseRate)
	}
	return r
}

// ratio is nil if the divisor is 0: nobody knows.
func ratio(a, b float64) *float64 {
	if b == 0 {
		return nil
	}
	v := a / b
	return &v
}

// at gives the verdict that a decided row would have if warnings were given at
// another level, from its own and whether it would be warned then.
func (v Verdict) at(warned bool) Verdict {
	switch came := v == True || v == Missed; {
	case v == TooSoon || v == Undecided:
		return v
	case came && warned:
		return True
	case came:
		return Missed
	case warned:
		return False
	}
	return Quiet
}
