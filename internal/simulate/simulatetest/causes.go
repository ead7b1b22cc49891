package simulatetest

import (
	"fmt"
	"math"
	"strings"

	"yujing/internal/simulate"
)

// Cause is a cause planted in the district, as a rule can see it in the feeds.
type Cause struct {
	Rule   string  // id
	When   string  // condition
	Weight float64 // what it truly adds to the logarithm of the hazard
}

// Causes are those of a risk over matters, Repeat or Escalated. Whoever finds
// causes from what came back should rank them as Weight does. For repeat those
// are left out that hold after its outcome alone.
func Causes(risk simulate.Risk) []Cause {
	var causes []Cause
	model := simulate.DefaultModel()
	for _, v := range visible() {
		if risk == simulate.Repeat && (v.fact == simulate.Again || v.fact == simulate.AgainTwice) {
			continue
		}
		w := model.Weights[v.fact]
		causes = append(causes, Cause{strings.ReplaceAll(w.Name, " ", "-"), v.when, w.By[risk]})
	}
	return append(causes, rests(model)...)
}

// visible says how each fact shows.
func visible() []struct {
	fact simulate.Fact
	when string
} {
	const rating = `(last(filter(actions, .rating != nil))?.rating ?? "")`
	const late = `(overdue("reply") or overdue("hotline_reply"))`
	return []struct {
		fact simulate.Fact
		when string
	}{
		{simulate.Hard, `case.category[2] in ["房屋质量", "逾期交房", "征收补偿", "安置房屋", "拖欠工资", "待遇领取", "工伤认定", "征地补偿", "违法占地", "宅基地", "山林权属", ` +
			`"集体收益", "预付消费", "治安处置", "非法集资", "入学划片", "医疗纠纷", "优抚待遇", "判决执行"]`},
		{simulate.Shared, `case.category[1] in ["物业管理", "房屋建筑", "施工管理", "劳动报酬", "村务管理", "公共交通", "学校教育", "养老服务", "土地征收", "消防安全"] ` +
			`or case.category[2] in ["安置房屋", "规划调整", "社保缴纳", "预付消费", "食品安全", "工业废气", "河道污染", "非法集资", "优抚待遇"]`},
		{simulate.Light, `case.purpose in ["inquiry", "suggestion", "thanks"]`},
		{simulate.LateAccept, `overdue("accept") and none(actions, .act in ["replied", "closed"])`},
		{simulate.LateReply, late},
		{simulate.VeryLate, late + ` and now - (due("reply") ?? (due("hotline_reply") ?? now)) > 10`},
		{simulate.Returned, `any(actions, .act == "returned")`},
		{simulate.Refused, `any(actions, .act == "not_accepted")`},
		{simulate.Silent, `none(contacts, .age <= 10) and none(actions, .age <= 10) and none(actions, .act in ["replied", "closed", "not_accepted"])`},
		{simulate.Unsatisfied, rating + ` == "not"`},
		{simulate.Satisfied, rating + ` in ["satisfied", "basically"]`},
		{simulate.Uncalled, `any(actions, .act in ["replied", "closed"] and .age > 7) and none(actions, .act == "called_back")`},
		{simulate.Doubled, `any(contacts, {let c = #; c.again and any(contacts, .who == c.who and c.at > .at and c.at - .at < 1)})`},
		{simulate.Again, `any(contacts, {let c = #; c.again and any(contacts, .who == c.who and c.at - .at >= 1)})`},
		{simulate.AgainTwice, `count(contacts, {let c = #; c.again and any(contacts, .who == c.who and c.at - .at >= 1)}) >= 2`},
		{simulate.InVain, `any(contacts, .text matches "此前已多次反映|打过好几次热线|之前反映过|已经是第三次反映|上次答复说解决了|石沉大海")`},
		{simulate.Higher, `any(contacts, .text matches "去市里反映|到省里上访|去市政府讨说法|去北京反映|向上级信访部门")`},
		{simulate.InPerson, `any(contacts, .channel == "visit")`},
		{simulate.Signed, `any(contacts, .people >= 2 and .people <= 4)`},
		{simulate.Two, `complainants(group) >= 2`},
		{simulate.Three, `complainants(group) >= 3`},
	}
}

// rests are the steps by which an answered matter in which nothing happens comes
// to rest: from one to the next the hazard falls by about so much.
func rests(m *simulate.Model) []Cause {
	quiet := func(days int) string {
		return fmt.Sprintf(`any(actions, .act in ["replied", "closed", "not_accepted"]) and none(actions, .age <= %d) and none(contacts, .age <= %[1]d)`, days)
	}
	halving := -math.Ln2 * 14 / m.HalfLife
	return []Cause{
		{"quiet-for-two-weeks", quiet(14), halving},
		{"quiet-for-four-weeks", quiet(28), 1.2 * halving},
		{"quiet-for-six-weeks", quiet(42), math.Log(m.Floor) - 2.4*halving},
	}
}

// EqualPoints is a rule file in which each cause of a risk is a rule, all of the
// same points, negative for what calms: nothing in it says which weighs most.
func EqualPoints(risk simulate.Risk) string {
	var b strings.Builder
	fmt.Fprintf(&b, "risk: %s\nrules:\n", risk)
	for _, c := range Causes(risk) {
		points := 10
		if c.Weight < 0 {
			points = -10
		}
		fmt.Fprintf(&b, "  - id: %s\n    name: {zh: 因, en: cause}\n    when: |\n      %s\n    points: %d\n    because: {zh: 因, en: cause}\n    advise: {zh: 请联系信访人, en: call}\n",
			c.Rule, c.When, points)
	}
	return b.String()
}
