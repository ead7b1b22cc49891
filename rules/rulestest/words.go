package rulestest

import "yujing/internal/calendar"

// The words that random facts hold and random rules ask for. They meet often
// enough that both answers occur.

func channels() []string { return []string{"hotline", "online", "mailbox", "letter", "visit"} }

func purposes() []string {
	return []string{"complaint", "request", "suggestion", "inquiry", "thanks", "review", "re_review", "accusation"}
}

func ratings() []string { return []string{"satisfied", "basically", "not"} }

func places() []string { return []string{"", "330106", "330106001", "330106001002", "330110"} }

func units() []string {
	return []string{"", "区住建局", "街道办", "Housing 'Dept'", `a\b`, "住建局🏠", "人社局", "%_局"}
}

func subjects() []string {
	return []string{"", "某物业公司", "ACME \"Ltd\"", "line one\nline two", "某地产"}
}

func categories() [3][]string {
	return [3][]string{{"", "城乡建设", "劳动社保"}, {"", "物业", "欠薪", "O'Brien"}, {"", "停水", "电梯"}}
}

// attributes are keys and values of further columns.
func attributes() (keys, values []string) {
	return []string{"窗口", "k", "it's", `back\slash`, "two words", "😀", "new\nline"}, []string{"", "1", "2", "是", "否 \"x\""}
}

// sayings are what citizens write: nothing, several lines, signs that SQL and
// patterns give a meaning to, characters of one to four bytes.
func sayings() []string {
	return []string{"", "多次反映\n无人处理", "我们小区几十户居民联名反映停水", "要去省里", "拖欠工资3.5万元", "再次来电: 50户 no water\r\nsince 2026-01-02",
		"it's \"urgent\"; DROP TABLE signals; --", `C:\temp\file_1%`, "电梯😀坏了👨‍👩‍👧", "APP 打不开，App也不行", "ſtraße K İı ǅ", "　全角　空格", "a\tb\u0001c", "反映",
		"多次多次再次", "{x} [y] (z) $1 ^2 |3", "é e\u0301"}
}

// form is a pattern that shows one form of patterns.
type form struct{ form, text string }

// patterns are of every form that the language has.
func patterns() []form {
	return []form{
		{"words", "多次|再次"}, {"words", "反映"}, {"words", "居民|省里|工资"},
		{"|", "ab+|[0-9]+户|省里"}, {"(", "(再|多)次"}, {"(", "(?:多次)+反映"}, {".", "反.{0,2}"}, {".", "多.反"}, {".", "a.b"}, {".", "映.无"},
		{"[", "[0-9一二三几]+十?户"}, {"[", `[a-zA-Z_\d]{3}`}, {"[^", "映[^0-9]"}, {"[^", "[^一-龥a-z]$"}, {"*", "多*次反"}, {"+", "[0-9]+"},
		{"?", "几十?户"}, {"?", "App?"}, {"{", "[0-9]{2,4}"}, {"{", "(多次){2}"}, {"{", "[^ ]{12,}"}, {"^", "^(多|我)"}, {"^", "^$"}, {"$", "处理$"}, {"$", "(里|户|反映)$"},
		{`\b`, `\bAPP\b`}, {`\b`, `\w{2}p\b`}, {`\b`, `\b[0-9]+`}, {"escape", `\d\.\d`}, {"escape", `\S\s\S`}, {"escape", `^\W*$`}, {"escape", `\\[tf]`}, {"escape", `\(z\)|\{x\}`}, {"escape", `\D\n`},
		{"(?i)", "(?i)app"}, {"(?i)", "(?i)(STRASSE|k i|no WATER)"}, {"(?i)", "(?i)ſ|Ǆ"}, {"(?i)", "(?i)^[a-z' \"]+"},
	}
}

func acts() []string { return calendar.Actions() }

// DeadlineKinds are the kinds of the default table, which due and overdue take.
func deadlineKinds() []string {
	var kinds []string
	for _, d := range calendar.Deadlines() {
		kinds = append(kinds, d.Kind)
	}
	return kinds
}
