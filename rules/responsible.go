package rules

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Responsible use, held by code: a rule sees how the office handled a matter and
// what the matter is, never who the citizen is; and what it advises is service.

// forbiddenAttribute names what a word would ask about a citizen, "" if nothing.
func forbiddenAttribute(word string) string {
	word = squeezed(word).text()
	for _, f := range []struct {
		what  string
		words []string
	}{
		{"an occupation", []string{"职业", "职务身份", "工作单位", "退役军人", "occupation", "profession", "employer", "zhiye"}},
		{"an age", []string{"年龄", "出生", "生日", "birth", "nianling", "chusheng"}},
		{"an ethnicity", []string{"民族", "族别", "ethnic", "minzu"}},
		{"a religion", []string{"宗教", "信教", "信仰", "religio", "zongjiao"}},
		{"a name", []string{"姓名", "surname", "fullname", "realname", "xingming"}},
		{"an identity number", []string{"身份证", "证件号", "证件编号", "护照", "idcard", "idnumber", "identitycard", "passport", "shenfenzheng"}},
		{"a phone number", []string{"手机", "电话号", "联系电话", "联系方式", "phone", "mobile", "shouji", "lianxidianhua"}},
		{"an address", []string{"家庭住址", "户籍地址", "homeaddress"}},
		{"a sex", []string{"性别", "gender", "xingbie"}},
		{"an origin", []string{"户籍", "籍贯", "户口", "huji", "jiguan"}},
		{"a political status", []string{"政治面貌", "党员", "zhengzhimianmao"}},
		{"a criminal record", []string{"犯罪", "前科", "criminal", "convict"}},
		{"a state of health", []string{"病史", "健康状况", "精神状况", "medical"}},
		{"a marriage", []string{"婚姻", "marital"}},
		{"a history across matters", []string{"信访次数", "上访次数", "历史信访", "petitioncount"}},
	} {
		if slices.ContainsFunc(f.words, func(w string) bool { return strings.Contains(word, w) }) {
			return f.what
		}
	}
	return ""
}

// forbiddenKey is forbiddenAttribute for the key of a column, where some short
// words tell of a citizen that as words of the vocabulary tell of a signal.
func forbiddenKey(key string) string {
	if what := forbiddenAttribute(key); what != "" {
		return what
	}
	return map[string]string{"age": "an age", "dob": "an age", "sex": "a sex", "job": "an occupation", "name": "a name", "tel": "a phone number",
		"id": "an identity number", "race": "an ethnicity", "address": "an address", "email": "an address", "电话": "a phone number", "住址": "an address"}[squeezed(key).text()]
}

// forbiddenGroup names a word that would find, or name, kinds of citizens in a
// text, "" if there is none. Words about matters (a phone shop, a road's name) are free.
func forbiddenGroup(text string) string {
	word, _, _ := groupIn(text)
	return word
}

func groupIn(text string) (word string, from, width int) {
	return squeezed(text).find([]string{
		"退役军人", "退伍军人", "复员军人", "转业军人", "军转干部", "涉军人员", "少数民族", "信教", "教徒", "宗教信仰",
		"精神病", "精神障碍", "前科", "刑满释放", "吸毒人员", "老上访户", "上访老户", "上访专业户", "职业上访", "无理上访", "缠访", "闹访",
		"重点人员", "维稳对象", "稳控对象",
	})
}

// adviceIn finds wording that asks to stop a citizen instead of serving one, "" if
// there is none, and where it stands.
func adviceIn(text string) (word string, from, width int) {
	word, from, width = squeezed(text).find([]string{
		"劝返", "劝回", "劝离", "劝访", "劝阻", "稳控", "维稳", "截访", "拦访", "拦截", "拦阻", "阻拦", "堵截", "押返", "押送", "遣返", "遣送", "接返", "送返",
		"训诫", "拘留", "拘押", "软禁", "管控", "看管", "监视", "盯防", "盯守", "盯梢", "布控", "跟踪信访人", "跟踪上访",
		"控制上访", "禁止上访", "阻止上访", "停止上访", "不准上访", "不得上访", "不许上访", "不要上访", "不要再来", "不再上访", "限制出行", "限制人身",
		"息访", "息诉罢访", "罢访承诺", "打击处理", "依法打击", "黑名单", "警告信访人",
	})
	if word != "" {
		return word, from, width
	}
	return spaced(text).find([]string{
		"stop the visit", "stop visiting", "stop the petition", "stop petitioning", "stop coming", "stop them", "stop him", "stop her",
		"stop the complainant", "stop the citizen", "prevent the visit", "prevent the complainant", "prevent the citizen", "prevent them",
		"send back", "send home", "send them back", "send them home", "escort back", "escort them", "intercept", "stability control", "surveil",
		"detain", "arrest", "keep watch on", "keep an eye on", "monitor the complainant", "monitor the citizen", "blacklist", "dissuade", "discourage",
		"persuade them not to", "talk them out of", "promise not to come", "warn the complainant",
	})
}

// spelling is a text in the one way that words are looked for: narrow, small,
// in simplified characters; at says where each rune stood.
type spelling struct {
	runes []rune
	at    []int
}

// squeezed drops what may stand between the characters of a word: 劝 返, 劝-返,
// and in a pattern 劝.?返. spaced keeps one space for each gap, for English.
func squeezed(text string) *spelling { return spell(text, false) }
func spaced(text string) *spelling   { return spell(text, true) }

func spell(text string, gaps bool) *spelling {
	s := &spelling{}
	for i, r := range []rune(text) {
		switch {
		case !unicode.Is(unicode.Cf, r) && !unicode.IsSpace(r) && !strings.ContainsRune("-_·.*?+()[]{}\\^$~", r):
			s.write(r, i)
		case gaps && len(s.runes) > 0 && s.runes[len(s.runes)-1] != ' ':
			s.add(' ', i)
		}
	}
	return s
}

// write adds a rune in its one spelling, which may take several.
func (s *spelling) write(r rune, at int) {
	if r < utf8.RuneSelf {
		s.add(unicode.ToLower(r), at)
		return
	}
	for _, r := range norm.NFKC.String(string(r)) {
		s.add(simplified(unicode.ToLower(r)), at)
	}
}

func (s *spelling) add(r rune, at int) {
	s.runes, s.at = append(s.runes, r), append(s.at, at)
}

func (s *spelling) text() string { return string(s.runes) }

// find gives the first of the words that the text has, and where in the text as
// written it stands. Latin words stand for themselves: "stop her" is not in "stop here".
func (s *spelling) find(words []string) (word string, from, width int) {
	text := s.text()
	for _, w := range words {
		for i := 0; ; i++ {
			j := strings.Index(text[i:], w)
			if j < 0 {
				break
			}
			i += j
			if latin := w[0] < utf8.RuneSelf; latin && !standsAlone(text, i, w) {
				continue
			}
			first := utf8.RuneCountInString(text[:i])
			last := first + utf8.RuneCountInString(w) - 1
			return w, s.at[first], s.at[last] - s.at[first] + 1
		}
	}
	return "", 0, 0
}

// standsAlone says that a word begins where none goes on, and ends so if it is a
// phrase; a single word may have an ending: surveillance, detained.
func standsAlone(text string, at int, word string) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	after, _ := utf8.DecodeRuneInString(strings.TrimPrefix(text[at+len(word):], "s"))
	return !unicode.IsLetter(before) && (!strings.Contains(word, " ") || !unicode.IsLetter(after))
}

// simplified gives the simplified form of the traditional characters that the
// words above are written with.
func simplified(r rune) rune {
	const pairs = "勸劝離离訪访穩稳維维攔拦截截阻阻訓训誡诫監监視视釘钉蹤踪禁禁許许準准罷罢諾诺擊击處处單单黑黑職职業业齡龄歲岁籍籍戶户貌貌黨党員员" +
		"號号碼码電电話话機机聯联繫系證证護护罪罪民民族族軍军轉转復复幹干數数術术釋释無无纏缠鬧闹點点對对象象婚婚病病歷历況况遣遣還还"
	if i := strings.IndexRune(pairs, r); i >= 0 && utf8.RuneCountInString(pairs[:i])%2 == 0 {
		after, _ := utf8.DecodeRuneInString(pairs[i+utf8.RuneLen(r):])
		return after
	}
	return r
}
