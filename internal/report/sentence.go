package report

import (
	"fmt"
	"strconv"

	"yujing/rules"
	"yujing/scorer/backtest"
)

// sentence is what a leader takes away, one thought at a time.
func sentence(risk *rules.Risk, f *backtest.Figures) []rules.Text {
	return []rules.Text{cameTrue(risk, f), caught(risk, f), load(f)}
}

func cameTrue(risk *rules.Risk, f *backtest.Figures) rules.Text {
	if f.Precision == nil {
		return text("没有已判明的预警，准确率无从谈起。", "No warning is decided, so there is no precision to tell.")
	}
	n := ofHundred(*f.Precision)
	zh := fmt.Sprintf("每 100 条预警有 %s 条应验（后来确实发生“%s”）", n, risk.Name.ZH)
	en := fmt.Sprintf("Of 100 warnings %s came true (“%s” followed)", n, risk.Name.EN)
	if f.Lift != nil {
		zh += fmt.Sprintf("，是随便抽查的 %s 倍", decimal(*f.Lift))
		en += fmt.Sprintf(", %s times what picking at random finds", decimal(*f.Lift))
	}
	return careful(zh, en, f.Warned)
}

func caught(risk *rules.Risk, f *backtest.Figures) rules.Text {
	noun := counted(risk.Over)
	if f.Recall == nil {
		return text("没有发生“"+risk.Name.ZH+"”的，召回率无从谈起。", "No “"+risk.Name.EN+"” came, so there is no recall to tell.")
	}
	n := ofHundred(*f.Recall)
	zh := fmt.Sprintf("每 100 %s发生“%s”的，有 %s %s事前预警到了", noun.ZH, risk.Name.ZH, n, noun.ZH)
	en := fmt.Sprintf("Of 100 %s with “%s” %s were warned of beforehand", noun.EN, risk.Name.EN, n)
	if f.LeadDays != nil {
		zh += fmt.Sprintf("，其中一半提前 %s 天以上", strconv.FormatFloat(f.LeadDays.P50, 'f', 1, 64))
		en += fmt.Sprintf(", half of them at least %s days before", strconv.FormatFloat(f.LeadDays.P50, 'f', 1, 64))
	}
	return careful(zh, en, f.Outcomes)
}

func load(f *backtest.Figures) rules.Text {
	return textf("平均每天 %s 条新预警。", "On average %s new warnings a day.", decimal(f.WarningsPerDay))
}

// few is the number below which a share says little by itself.
const few = 30

// careful ends a sentence on a share, and says so where it is one of a few.
func careful(zh, en string, of int) rules.Text {
	if of < few {
		zh += fmt.Sprintf("（一共只有 %d 个，偶然性大，请看区间）", of)
		en += fmt.Sprintf(" (of %d only: chance weighs, see the interval)", of)
	}
	return text(zh+"。", en+".")
}
