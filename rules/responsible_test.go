package rules

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// forbiddenAdvice finds wording that asks to stop a citizen instead of serving
// one, "" if there is none.
func forbiddenAdvice(text string) string {
	word, _, _ := adviceIn(text)
	return word
}

// TestVocabularyNamesNoPerson walks every word a rule can write: none asks who
// the citizen is.
func TestVocabularyNamesNoPerson(t *testing.T) {
	words := []string{}
	for _, v := range []reflect.Type{reflect.TypeFor[Vocabulary[[]Element]](), reflect.TypeFor[Outcome[[]Element]](), reflect.TypeFor[Case](), reflect.TypeFor[Element]()} {
		for word := range fieldTypes(v, map[string]typ{"Case": {}, "Element": {}, "contacts": {}, "actions": {}, "group": {}, "before": {}}) {
			words = append(words, word)
		}
	}
	for _, f := range functions() {
		words = append(words, f.name)
	}
	for word := range levels() {
		words = append(words, word)
	}
	if len(words) < 50 {
		t.Fatalf("only %d words found", len(words))
	}
	// .age is the age of a signal in days, not a person's.
	forbidden := []string{"name", "phone", "mobile", "identity", "idcard", "address", "gender", "sex", "birth", "occupation", "job", "nation_", "ethnic", "religion",
		"history", "profile", "blacklist", "person", "email", "account"}
	for _, word := range words {
		for _, f := range forbidden {
			if strings.Contains(word, f) {
				t.Errorf("the vocabulary has %q (%s)", word, f)
			}
		}
		if what := forbiddenAttribute(word); what != "" {
			t.Errorf("the vocabulary has %q, which asks for %s", word, what)
		}
	}
}

// TestShippedTextsServe walks every text that ships: no wording that stops a
// citizen, no person's attribute, and an advice that says what to do for them.
func TestShippedTextsServe(t *testing.T) {
	set := shipped(t)
	for _, r := range set.Risks() {
		for _, rule := range r.Rules {
			for _, text := range []string{rule.Name.ZH, rule.Name.EN, rule.Because.ZH, rule.Because.EN, rule.Advise.ZH, rule.Advise.EN, rule.When} {
				if word := forbiddenAdvice(text) + forbiddenGroup(text); word != "" {
					t.Errorf("%s: %q says %q", rule.ID, text, word)
				}
			}
		}
	}
	// The whole directory, comments and tests too.
	files, err := filepath.Glob(shippedDir + "/*")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if word := forbiddenAdvice(string(data)); word != "" {
			t.Errorf("%s says %q", file, word)
		}
	}
}

// TestReviewIsNeverARepeat: a complainant who does nothing but ask for 复查 and
// 复核 in time fires no rule of repeat and is no outcome of it (art. 35, 36).
func TestReviewIsNeverARepeat(t *testing.T) {
	set := shipped(t)
	now := defaultNow(set.risks[0].Zone)
	f := &Facts{Over: OverCase, Contacts: []Signal{
		{ID: "c1", At: now.AddDate(0, 0, -60), Person: 5, Case: "a", Purpose: "complaint", Channel: "letter", People: 1},
		{ID: "c2", At: now.AddDate(0, 0, -20), Person: 5, Case: "a", Purpose: "review", Channel: "letter", People: 1},
		{ID: "c3", At: now.AddDate(0, 0, -2), Person: 5, Case: "a", Purpose: "re_review", Channel: "letter", People: 1},
	}, Actions: []Signal{
		{At: now.AddDate(0, 0, -59), Act: "accepted", Case: "a"}, {At: now.AddDate(0, 0, -40), Act: "replied", Case: "a"},
		{At: now.AddDate(0, 0, -5), Act: "reviewed", Case: "a"},
	}}
	e := set.NewEvaluator()
	a, err := e.Evaluate(set.Risk("repeat"), f, now)
	if err != nil || a.Score != 0 || len(a.Fired) != 0 {
		t.Errorf("got %d %v (%v)", a.Score, a.Fired, err)
	}
	if s, err := e.OutcomeOf(set.Risk("repeat"), f); s != nil || err != nil {
		t.Errorf("the outcome is %v (%v)", s, err)
	}
}

// TestNoRiskIsNamedInGo: a new class of risk needs no Go.
func TestNoRiskIsNamedInGo(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{`"repeat"`, `"collective"`, `"escalated"`} {
			if strings.Contains(string(data), id) {
				t.Errorf("%s names %s", file, id)
			}
		}
	}
}

func TestForbiddenWordsInAnySpelling(t *testing.T) {
	for text, want := range map[string]string{
		"请做好劝返工作": "劝返", "请劝 返": "劝返", "劝\u200b返": "劝返", "请勸返信訪人": "劝返", "劝-返": "劝返", "劝·返": "劝返",
		"ＳＴＯＰ the\n visit": "stop the visit", "please stop her at the station": "stop her", "Detained at home": "detain", "send-them-back": "send them back",
		"stop here and call": "", "到现场调取监控核实": "", "跟踪办理进度": "", "resend backup": "", "请联系信访人": "", "劝。返回": "",
	} {
		if got := forbiddenAdvice(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{"退役.?军人": "退役军人", "老 上 访 户": "老上访户", "信教|宗教": "信教", "回族乡": "", "手机店": "", "拖欠农民工工资": ""} {
		if got := forbiddenGroup(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	for key, want := range map[string]string{"职业": "an occupation", "Full Name": "a name", "ID_Card": "an identity number", "年 龄": "an age", "age": "an age", "name": "a name",
		"village": "", "窗口": "", "page": "", "filename": "", "category": ""} {
		if got := forbiddenKey(key); got != want {
			t.Errorf("%q: got %q, want %q", key, got, want)
		}
	}
}

func TestForbiddenWordIsShownWhereItStands(t *testing.T) {
	word, from, width := adviceIn("请立即劝 返信访人")
	if word != "劝返" || from != 3 || width != 3 {
		t.Errorf("got %q at %d, %d wide", word, from, width)
	}
}
