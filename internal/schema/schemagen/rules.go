package main

import (
	"yujing/internal/schema"
	"yujing/rules"
)

// The rule files are read node by node rather than into structs. Their keys are
// told here; a test holds them to those that the loader knows.

const (
	idPattern     = `^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$`
	spanPattern   = `^[1-9][0-9]{0,3}(d|h)$`
	offsetPattern = `^(0|[+-]?([0-9]{1,4}d([0-9]{1,5}h)?([0-9]{1,6}m)?|[0-9]{1,5}h([0-9]{1,6}m)?|[0-9]{1,6}m))$`
)

func alertLevels() []string { return []string{"blue", "yellow", "orange", "red"} }

func rulesSchema() *schema.Schema {
	s := object("Rules of one risk: conditions over a matter, their points, and what they tell the officer. See docs/rules.md.", []string{"risk", "rules"},
		key("risk", as(schema.RoleRisk, filled()), "The risk whose score these rules make, as risks.yaml declares it."),
		key("rules", list(rule()), "The rules, in the order in which their reasons are told."))
	s.Title = "yujing: rules"
	return s
}

func rule() *schema.Schema {
	s := object("One condition, its points, and what it says when it holds.", []string{"id", "name", "when"},
		key("id", as(schema.RoleRuleID, pattern(idPattern)), "Names the rule, once over all files: lower-case letters, digits, - and _, at most 64."),
		key("name", bilingual(filled, "zh", "en"), "What officers call the rule."),
		key("when", as(schema.RoleCondition, filled()), "The condition: an expression over case, contacts, actions, group and now that is true or false."),
		key("points", whole(-100, 100), "What the rule adds to the score if it holds, -100 to 100."),
		key("at_least", oneOf(alertLevels()...), "Lifts the level of the row to this one, not its score."),
		key("mode", oneOf("active", "shadow"), "shadow: the rule counts in the shadow score alone, to be tried out."),
		key("because", spoken(), "Why: a sentence that an officer can check against the file. {{ }} holds an expression."),
		key("advise", spoken(), "What to do: a service to the citizen. {{ }} holds an expression."))
	s.AnyOf = []*schema.Schema{{Required: []string{"points"}}, {Required: []string{"at_least"}}}
	return s
}

// bilingual is a text in Chinese and English.
func bilingual(one func() *schema.Schema, required ...string) *schema.Schema {
	return object("", required, key("zh", one(), "Chinese, which officers read first."), key("en", one(), "English, beside it."))
}

// spoken is a text with expressions: in both languages, or in Chinese alone.
func spoken() *schema.Schema {
	one := func() *schema.Schema { return as(schema.RoleText, filled()) }
	return &schema.Schema{AnyOf: []*schema.Schema{one(), bilingual(one, "zh")}}
}

func risksSchema() *schema.Schema {
	s := object("The risks that rows are scored for. See docs/rules.md.", []string{"risks"},
		key("risks", list(risk()), "One entry for each risk."))
	s.Title = "yujing: risks"
	return s
}

func risk() *schema.Schema {
	var levels []schema.Property
	for _, level := range alertLevels() {
		levels = append(levels, key(level, whole(1, 100), "The least score at this level; blue, yellow, orange, red rise."))
	}
	return object("One danger that rows are scored for.", []string{"id", "name", "over", "levels", "horizon", "zone", "outcome"},
		key("id", as(schema.RoleRiskID, pattern(idPattern)), "Names the risk: lower-case letters, digits, - and _, at most 64."),
		key("name", bilingual(filled, "zh", "en"), "What officers call the risk."),
		key("over", oneOf(string(rules.OverCase), string(rules.OverGroup)), "What is scored: each case, or each group of matters with the same subject or place and class."),
		key("levels", object("", alertLevels(), levels...), "The least scores of the four levels."),
		key("horizon", pattern(spanPattern), "How far ahead the outcome is looked for: 30d, 12h."),
		key("zone", filled(), "Time zone of days, due dates and times in messages: Asia/Shanghai."),
		key("outcome", as(schema.RoleOutcome, filled()), "What the risk warns of: an expression over one signal (it) and those before it (before); the first signal for which it holds is the outcome."),
		key("cohort", as(schema.RoleOutcome, filled()), "Which rows a backtest is about: an expression over the row's first contact (it); all rows if there is none."))
}

func testsSchema() *schema.Schema {
	s := object("Unit tests of the rules of one risk. See docs/rules.md.", []string{"risk", "tests"},
		key("risk", as(schema.RoleRisk, filled()), "The risk whose rules are tested."),
		key("now", text(), "When the tests play that do not say: 2026-03-10 09:00; without a zone it is the risk's."),
		key("tests", list(unitTest()), "The tests: a row, its signals, and what should be said of it."))
	s.Title = "yujing: unit tests of rules"
	s.Definitions = schema.Properties{
		{Name: "signal", Schema: object("A contact or an action.", []string{"at"}, signalKeys()...)},
		{Name: "each", Schema: object("What signals have in common.", nil, signalKeys()...)},
	}
	return s
}

func unitTest() *schema.Schema {
	return object("One row at one instant.", []string{"name", "contacts"},
		key("name", filled(), "What the test shows."),
		key("now", text(), "When it plays: 2026-03-10 09:00; without a zone it is the risk's."),
		key("concluded", truth(), "The matter is concluded (终结) and is not scored."),
		key("each", refer("each"), "What every contact has unless it says otherwise."),
		key("contacts", &schema.Schema{Type: schema.Types{"array"}, Items: refer("signal"), MinItems: 1}, "What citizens said, oldest first."),
		key("actions", list(refer("signal")), "What offices did, oldest first."),
		key("group", list(refer("signal")), "Contacts of the row's group, oldest first."),
		key("expect", expect(), "What should come out; what is not named is not compared."))
}

func signalKeys() []schema.Property {
	words := func(field string) *schema.Schema { return oneOf(append(rules.Words()[field], "")...) }
	return []schema.Property{
		key("at", offset(), "When it happened, as a distance from now: -3d, -36h, -3d12h30m."),
		key("act", words("act"), "What the office did."),
		key("who", text(), "Who complains: any name; the same name is the same person."),
		key("case", text(), "The case it belongs to; without it the row's own."),
		key("channel", words("channel"), "How it came."),
		key("level", oneOf(rules.LevelWords()...), "Level of the office that received it (登记机构级别)."),
		key("competent", oneOf(rules.LevelWords()...), "Level of the organ that should decide it (有权处理机关级别)."),
		key("place", text(), "Division code of the place it is about."),
		key("category", &schema.Schema{Type: schema.Types{"array"}, Items: text(), MaxItems: 3}, "Content class, the widest first, up to three levels."),
		key("subject", text(), "The company, project or office complained about (投诉对象)."),
		key("purpose", words("purpose"), "What is asked."),
		key("unit", text(), "The unit it names (责任单位)."),
		key("people", whole(1, 100000), "How many persons it speaks for."),
		key("text", text(), "What the citizen said."),
		key("due", offset(), "The deadline that the source states, as a distance from now: +10d."),
		key("rating", words("rating"), "The citizen's rating (满意度)."),
		key("attrs", table(text()), "Further columns, by key."),
		key("ref", text(), "Number of the matter upstream."),
	}
}

func offset() *schema.Schema {
	return &schema.Schema{AnyOf: []*schema.Schema{pattern(offsetPattern), {Enum: []any{0}}}}
}

func expect() *schema.Schema {
	return object("", nil,
		key("rules", list(as(schema.RoleRule, filled())), "Exactly these rules fire, in this order."),
		key("score", whole(0, 100), "The score."),
		key("shadow_score", whole(0, 100), "The score with the rules in shadow mode."),
		key("level", oneOf(append([]string{"none"}, alertLevels()...)...), "The level."),
		key("outcome", text(), "The signal at which the risk's outcome happens, such as contact-2, or none."),
		key("because", as(schema.RoleByRule, table(text())), "The reasons, by rule."),
		key("advise", as(schema.RoleByRule, table(text())), "The advice, by rule."))
}
