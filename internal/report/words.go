package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// none stands for a figure that there is not; why there is none stands beside it.
const none = "—"

// text is what a person reads, Chinese first.
func text(zh, en string) rules.Text { return rules.Text{ZH: zh, EN: en} }

// textf fills the same values into both languages.
func textf(zh, en string, args ...any) rules.Text {
	return text(fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...))
}

// Why a figure is missing: its divisor is 0.
func noneDecided() rules.Text { return text("没有已判明的", "none decided") }
func noneWarned() rules.Text  { return text("没有预警", "no warnings") }
func noneCame() rules.Text    { return text("没有发生", "none came") }
func noneCaught() rules.Text  { return text("没有应验的", "none came true") }
func noneScored() rules.Text  { return text("没有此分数的", "none scored so") }
func noResample() rules.Text  { return text("无法估计区间", "no interval") }

// percent writes a share.
func percent(share float64) string { return strconv.FormatFloat(100*share, 'f', 1, 64) + "%" }

// decimal writes a figure of a sentence, with two places at most.
func decimal(f float64) string {
	s := strconv.FormatFloat(f, 'f', 2, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// ofHundred writes a share as "31" of a hundred.
func ofHundred(share float64) string { return strconv.FormatFloat(100*share, 'f', 0, 64) }

// fixed writes a figure of a column: its places stand below each other.
func fixed(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) }

// perhaps writes a figure that may be missing.
func perhaps(f *float64, write func(float64) string, why rules.Text) cell {
	if f == nil {
		return cell{Value: none, Note: why}
	}
	return cell{Value: write(*f)}
}

// lift writes a lift, which needs a precision and a base rate above 0.
func lift(r backtest.Rates) cell {
	if r.Precision == nil {
		return perhaps(r.Lift, fixed, noneWarned())
	}
	return perhaps(r.Lift, fixed, noneCame())
}

// between writes the interval of a figure beside it.
func (c cell) between(interval *[2]float64, write func(float64) string) cell {
	switch {
	case interval != nil:
		c.Interval = write(interval[0]) + " – " + write(interval[1])
	case c.Value != none:
		c.Note = noResample()
	}
	return c
}

// counted is the noun for the rows of a risk, after a number.
func counted(over rules.Over) rules.Text {
	if over == rules.OverGroup {
		return text("个群体", "groups")
	}
	return text("件", "matters")
}

// date and clock write times in the risk's zone.
func date(t time.Time) string { return t.Format("2006-01-02") }

func clock(t time.Time) string { return t.Format("2006-01-02 15:04") }

// word writes a value of a closed list in both languages.
func word(zh, en string) rules.Text {
	if en == "" {
		return text("未知", "unknown")
	}
	if en = strings.ReplaceAll(en, "_", " "); zh == en {
		return text(zh, "")
	}
	return text(zh, en)
}

func channel(name string) rules.Text { return word(rules.ChannelName(name), name) }

// asIs is a unit or a place: a name that has no translation.
func asIs(name string) rules.Text { return word(name, name) }

// stepWords writes the time between two instants.
func stepWords(step time.Duration) rules.Text {
	if step%(24*time.Hour) == 0 {
		return textf("%d 天", "%d d", step/(24*time.Hour))
	}
	return textf("%s 小时", "%s h", decimal(step.Hours()))
}

// days writes a lead time.
func days(d time.Duration) string { return strconv.FormatFloat(d.Hours()/24, 'f', 1, 64) }

func itoa(n int) string { return strconv.Itoa(n) }
