package backtest

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/mattn/go-runewidth"

	"yujing/rules"
)

// printed is the report over histories of risk main as an analyst sees it.
func printed(t *testing.T, set *rules.Set, end time.Time, list []*History) string {
	t.Helper()
	report, err := Measure(t.Context(), &made{end: end, cases: list}, set, Options{From: day(0), To: day(20), Risks: []string{"main"}})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := report.Print(&b, set); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// fits says that no line is wider than a page.
func fits(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if w := runewidth.StringWidth(strings.TrimRight(line, "\n")); w > 100 {
			t.Errorf("%d columns: %s", w, line)
		}
	}
}

func TestPrintFitsThePage(t *testing.T) {
	list := usual()
	list[0].id = "asked-again-unanswered-after-" + strings.Repeat("long-", 5) + "wait"
	rng, many := rand.New(rand.NewPCG(3, 3)), []*History(nil)
	for i := range uint64(40_000) {
		first := float64(i%20) + .5
		h := matter(i, first)
		if rng.IntN(3) == 0 {
			h.outcome(first + 4)
		}
		h.Runs = []Run{held(int(first)+1, int(first)+3, usual()[rng.IntN(3)].id, usual()[rng.IntN(5)].id)}
		h.Unit = []string{"", "浙江省杭州市西湖区人民政府某某街道办事处信访工作联席会议办公室", "b"}[rng.IntN(3)]
		if h.Unit != "b" && rng.IntN(2) == 0 {
			h.Runs = nil
		}
		many = append(many, h)
	}
	text := printed(t, madeSet(t, list...), day(40), many)
	fits(t, text)
	for _, want := range []string{"件数 cases", "40,000", "95 %：", "试行", "校准 calibration", "█", "单位 unit", "▼ 召回率 recall", "（未知 unknown）"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

func TestPrintSaysWhatToDoAboutUnknownFigures(t *testing.T) {
	set := madeSet(t, usual()...)
	for _, test := range []struct {
		of   []*History
		end  time.Time
		want []string
	}{
		{[]*History{matter(1, 1)}, day(40), []string{"no outcome, so neither", "no warning at yellow"}},
		{[]*History{matter(1, 1).outcome(5)}, day(40), []string{"no warning at yellow"}},
		{[]*History{matter(1, 1)}, day(8), []string{"all are undecided"}},
		{[]*History{matter(1, 1), matter(2, 5), matter(3, 6)}, day(12), []string{"more than half are undecided"}},
		{[]*History{matter(1, -1)}, day(40), []string{"no row has its first contact in the period"}},
	} {
		text := printed(t, set, test.end, test.of)
		fits(t, text)
		for _, want := range test.want {
			if !strings.Contains(text, want) {
				t.Errorf("no %q in\n%s", want, text)
			}
		}
		if strings.Contains(text, "NaN") {
			t.Errorf("NaN in\n%s", text)
		}
	}
}
