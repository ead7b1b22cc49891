package rules

import "strings"

// Responsible use, held by code: a rule sees how the office handled a matter and
// what the matter is, never who the citizen is; and what it advises is service.

// forbiddenAttribute names what a word would ask about a citizen, "" if nothing.
func forbiddenAttribute(word string) string {
	word = strings.ToLower(word)
	for _, f := range []struct{ word, what string }{
		{"职业", "an occupation"}, {"occupation", "an occupation"}, {"profession", "an occupation"},
		{"退役军人", "an occupation"}, {"年龄", "an age"}, {"出生", "an age"}, {"birth", "an age"},
		{"民族", "an ethnicity"}, {"ethnic", "an ethnicity"}, {"宗教", "a religion"}, {"信教", "a religion"}, {"religion", "a religion"},
		{"姓名", "a name"}, {"surname", "a name"}, {"full_name", "a name"}, {"身份证", "an identity number"}, {"证件号", "an identity number"},
		{"id_card", "an identity number"}, {"手机", "a phone number"}, {"电话号", "a phone number"}, {"联系电话", "a phone number"},
		{"phone", "a phone number"}, {"性别", "a sex"}, {"gender", "a sex"}, {"户籍", "an origin"}, {"政治面貌", "a political status"},
		{"犯罪", "a criminal record"}, {"前科", "a criminal record"},
	} {
		if strings.Contains(word, f.word) {
			return f.what
		}
	}
	return ""
}

// forbiddenGroup names a word that would find kinds of citizens in a text, "" if
// there is none. Words about matters (a phone shop, a road's name) are free.
func forbiddenGroup(text string) string {
	for _, word := range []string{"退役军人", "退伍军人", "少数民族", "信教", "宗教信仰", "精神病", "前科", "刑满释放", "老上访户", "缠访", "闹访"} {
		if strings.Contains(text, word) {
			return word
		}
	}
	return ""
}

// forbiddenAdvice finds wording that asks to stop a citizen instead of serving
// one, "" if there is none.
func forbiddenAdvice(text string) string {
	lower := strings.ToLower(text)
	for _, word := range []string{
		"劝返", "稳控", "截访", "拦访", "拦截", "堵截", "押返", "遣返", "接返", "劝阻", "训诫", "拘留", "管控", "盯防", "盯守", "布控", "控制上访", "禁止上访", "阻止上访",
		"stop the visit", "stop visiting", "stop the petition", "stop petitioning", "prevent the visit", "send back", "send home", "intercept",
		"stability control", "surveil", "detain", "keep watch on",
	} {
		if strings.Contains(lower, word) {
			return word
		}
	}
	return ""
}
