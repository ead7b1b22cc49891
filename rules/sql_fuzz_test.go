package rules_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"yujing/internal/clickhouse/clickhousetest"
	"yujing/rules"
	"yujing/rules/rulestest"
)

// FuzzSQL: whatever condition check lets through, its SQL is a statement by the
// store's own parser, and of the rule's text nothing stands outside a literal.
func FuzzSQL(f *testing.F) {
	set, problems := rules.Load(os.DirFS("../rules.d"), rules.Options{})
	if set == nil {
		f.Fatal(problems)
	}
	for _, risk := range set.Risks() {
		for _, rule := range risk.Rules {
			f.Add(rule.When)
		}
	}
	g := rulestest.NewGenerator(99)
	for range 40 {
		f.Add(g.Rule())
	}
	for _, text := range []string{`'`, `\`, `\'`, `'; DROP TABLE signals; --`, `{now:Int64}`, `*/ 1 /*`, "a\x01b\u2028", "`", `''`, `{{facts}}`, `%s`} {
		f.Add(`case.text contains ` + strconvQuote(text))
		f.Add(`case.attrs[` + strconvQuote(text) + `] in [` + strconvQuote(text) + `]`)
	}
	db := clickhousetest.Empty(f)
	f.Fuzz(func(t *testing.T, condition string) {
		for _, over := range []rules.Over{rules.OverCase, rules.OverGroup} {
			set, err := rulestest.Load(over, []string{condition})
			if err != nil {
				return
			}
			layers := slices.Concat(set.Query(over, rules.QueryOptions{}).Layers, set.Query(over, rules.QueryOptions{Step: 1000}).Layers)
			for _, layer := range layers {
				sql := layer.SQL
				if word := stray(sql); word != "" {
					t.Fatalf("%q puts %q outside a literal:\n%s", condition, word, sql)
				}
				if _, err := db.Formatted(t.Context(), sql); err != nil {
					t.Fatalf("%q becomes no statement: %v\n%s", condition, err, sql)
				}
			}
		}
	})
}

func strconvQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

// stray gives the first word of a statement that the compiler does not write:
// what stands in quotes is left out.
func stray(sql string) string {
	bare := regexp.MustCompile(`'(?:[^'\\]|\\.)*'`).ReplaceAllString(sql, "''")
	known := map[string]bool{}
	for word := range strings.FieldsSeq(compilerWords) {
		known[word] = true
	}
	named := regexp.MustCompile(`^([fgosvx]|signals|attr|step|fix|fixed|s\d+_|category|Int|UInt|DateTime|toInt|toFloat|toDateTime|toDate|DaysSinceYearZero)?\d+\w*$`)
	for _, word := range regexp.MustCompile(`[\pL\pN_]+|[^\s\pL\pN_()\[\]{}<>=!+\-*/%.,:']`).FindAllString(bare, -1) {
		if !known[word] && !named.MatchString(word) {
			return word
		}
	}
	return ""
}

// compilerWords are all that a statement is made of, apart from numbered names.
const compilerWords = `SELECT FROM WHERE GROUP BY HAVING AS AND OR NOT IN NULL LEFT JOIN ARRAY ON OVER PARTITION ORDER true false CAST
	row key any of_row of_since of_until since until range of_now contact concludes ord matter person at due act unit channel level competent place subject purpose people text rating attrs again who
	group_id in_group near near_group own own_group own_matter neighbours rows facts first_ord group_signals its_own theirs correction m p x
	holds now last_at near_now own_now time number moment moments next
	abs arrayConcat arrayDistinct arrayFlatten arrayPopFront arrayPushBack argMaxIf bitShiftLeft argMinIf arrayAll arrayEnumerateDense arrayEnumerateUniq arrayFilter arrayFirstOrNull arrayJoin arrayLastOrNull arrayMap arrayMax arrayMin
	arrayPushFront arraySlice arraySort arraySum arrayUniq bitOr ceil countIf dense_rank empty endsWith floor fromDaysSinceYearZero32 fromUnixTimestamp64Milli
	greatest groupArrayIf groupUniqArrayIf has if ifNull intDiv isNull least length lengthUTF8 match max maxIf maxOrNullIf min minIf minOrNullIf
	multiIf multiSearchAny negate notEmpty nullIf position row_number startsWith sum sumIf toDate32 toDateTime64 toFloat64 toInt64 toUInt32
	toUInt64 toUInt8 toUnixTimestamp64Milli tuple tupleElement uniqExactIf workdays_shift workdays_worked r0 Int64`
