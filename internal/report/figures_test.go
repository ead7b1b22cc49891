package report

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"yujing/scorer/backtest"
)

// numbers fills every figure of a value with one of its own, and says how the
// page writes it.
type numbers struct {
	next int
	want map[string]string // by path
}

// unlisted are the fields that the page shows as something else.
func unlisted() []string {
	return []string{"LeadHours", "Redundant", "Shadow", "From", "To", "Value", "By", "Figure"}
}

func (n *numbers) fill(v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		n.fill(v.Elem(), path)
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); !slices.Contains(unlisted(), f.Name) {
				n.fill(v.Field(i), path+"."+f.Name)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 3, 3))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			n.fill(v.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			n.fill(v.MapIndex(key).Elem(), path+"."+key.String())
		}
	case reflect.Int:
		n.next++
		v.SetInt(int64(n.next))
		n.want[path] = fmt.Sprint(n.next)
	case reflect.Float64:
		n.next++
		v.SetFloat(float64(n.next) / 1e5)
		n.want[path] = fmt.Sprintf("%.1f%%", float64(n.next)/1e3)
		if last := path[strings.LastIndex(path, ".")+1:]; !strings.HasPrefix(last, "BaseRate") && !strings.HasPrefix(last, "Precision") &&
			!strings.HasPrefix(last, "Recall") && last != "Part" && last != "Whole" && !strings.HasPrefix(last, "Share") && !strings.HasPrefix(last, "Interval") {
			v.SetFloat(float64(n.next) / 100)
			n.want[path] = fmt.Sprintf("%.2f", float64(n.next)/100)
		}
	default:
		panic("a figure of kind " + v.Kind().String() + " at " + path)
	}
}

// TestEveryFigureStandsOnThePage gives each figure a value that no other has: a
// field that comes to the report and not to the page fails here.
func TestEveryFigureStandsOnThePage(t *testing.T) {
	in := sample(t)
	n := numbers{10_000, map[string]string{}}
	for _, risk := range in.Set.Risks() {
		f := in.Report.Risks[risk.ID]
		n.fill(reflect.ValueOf(f).Elem(), risk.ID)
		for i, parts := range [][]backtest.Share{f.ByChannel, f.ByUnit, f.ByPlace} {
			for j := range parts {
				parts[j].Value = fmt.Sprint("part", i, j)
			}
		}
	}
	all := parse(t, written(t, in))
	if len(n.want) < 400 {
		t.Fatalf("the report has %d figures: were they found?", len(n.want))
	}
	sections := map[string]string{}
	for _, risk := range in.Set.Risks() {
		sections[risk.ID] = find(t, all, "risk-"+risk.ID).text
	}
	for path, want := range n.want {
		id, _, _ := strings.Cut(path, ".")
		if !strings.Contains(sections[id], want) {
			t.Errorf("%s = %s is not on the page", path, want)
		}
	}
	whole := find(t, all, "title-repeat")
	for _, e := range all {
		if e.name == "header" {
			whole = e
		}
	}
	for _, want := range []string{"455", "37.25", in.Report.RuleSet, in.Report.Calendar, "2025-01-01", "2026-01-01", "2026-04-01 00:00", "黄色及以上", "1 天"} {
		if !strings.Contains(whole.text, want) {
			t.Errorf("the head of the page does not say %q: %s", want, whole.text)
		}
	}
}

// TestThresholdsAddUp holds the line of the first plot to the calibration.
func TestThresholdsAddUp(t *testing.T) {
	f := &backtest.Figures{Outcomes: 40, Calibration: []backtest.Bin{{From: 0, Cases: 50, Outcomes: 5}, {From: 10, Cases: 30, Outcomes: 12}, {From: 20}, {From: 30, Cases: 20, Outcomes: 15}, {From: 40}}}
	want := []threshold{{30, 20, 15, 0.75, 0.375}, {20, 20, 15, 0.75, 0.375}, {10, 50, 27, 0.54, 0.675}, {0, 100, 32, 0.32, 0.8}}
	if got := thresholds(f); !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// TestPartsThatStandApart marks what the backtest found, each where it stands.
func TestPartsThatStandApart(t *testing.T) {
	f := &backtest.Figures{Outliers: []backtest.Outlier{{By: "unit", Value: "a", Figure: "recall", Part: 0.1, Whole: 0.5}, {By: "unit", Value: "b", Figure: "precision", Part: 0.1, Whole: 0.5},
		{By: "unit", Value: "c", Figure: "recall", Part: 0.1, Whole: 0.5}, {By: "unit", Value: "c", Figure: "precision", Part: 0.1, Whole: 0.5}, {By: "unit", Value: "d", Figure: "recall", Part: 0.9, Whole: 0.5}}}
	for value, want := range map[string]string{"a": "漏报偏多", "b": "落空偏多", "c": "漏报、落空都偏多", "d": "", "e": ""} {
		if got := marks("unit", value, f).ZH; got != want {
			t.Errorf("%s: got %q, want %q", value, got, want)
		}
		if got := marks("place", value, f).ZH; got != "" {
			t.Errorf("a place is marked for a unit: %q", got)
		}
	}
	if got := outlierRow(&f.Outliers[4]).Cells[0].Mark.ZH; got != "漏报偏少" {
		t.Errorf("a part that misses less is marked %q", got)
	}
}

func TestLeadBins(t *testing.T) {
	h := leadBins([]int{0, 23, 24, 47, 24 * 14, 24*15 - 1})
	var got []float64
	for _, b := range h.Bins {
		got = append(got, b.Weight)
	}
	if want := []float64{2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if n := len(leadBins([]int{24 * 364}).Bins); n > 16 {
		t.Errorf("a year has %d bins", n)
	}
}
