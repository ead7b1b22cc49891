package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"testing"
	"time"
)

// file writes requests: opened, type, location, source.
func file(t *testing.T, rows ...[4]string) *city {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	fmt.Fprintln(z, "case_enquiry_id,open_dt,target_dt,closed_dt,closure_reason,type,location,source,neighborhood,department,property_type")
	for i, r := range rows {
		fmt.Fprintf(z, "%d,%s,,,,%s,%s,%s,Roxbury,PWDx,Address\n", i, r[0], r[1], r[2], r[3])
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	requests, err := read(&b)
	if err != nil {
		t.Fatal(err)
	}
	return newCity(requests)
}

func TestCohortAndOutcomes(t *testing.T) {
	const call, crew = "Constituent Call", "City Worker App"
	first := [4]string{"2015-05-01 12:00:00", "Pothole", "1 Main St", call}
	for _, c := range []struct {
		name   string
		then   [][4]string
		cases  int
		became int
	}{
		{"alone", nil, 1, 0},
		{"a day later", [][4]string{{"2015-05-02 12:00:00", "Pothole", "1 Main St", call}}, 1, 1},
		{"a second too early", [][4]string{{"2015-05-02 11:59:59", "Pothole", "1 Main St", call}}, 1, 0},
		{"thirty days later", [][4]string{{"2015-05-31 12:00:00", "Pothole", "1 Main St", call}}, 1, 1},
		{"a second too late", [][4]string{{"2015-05-31 12:00:01", "Pothole", "1 Main St", call}}, 1, 0},
		{"twice in the hour, then again", [][4]string{{"2015-05-01 12:30:00", "Pothole", "1 Main St", call}, {"2015-05-09 12:00:00", "Pothole", "1 Main St", call}}, 1, 1},
		{"by a crew", [][4]string{{"2015-05-09 12:00:00", "Pothole", "1 Main St", crew}}, 1, 0},
		{"of another type", [][4]string{{"2015-05-09 12:00:00", "Lamp", "1 Main St", call}}, 2, 0},
		{"elsewhere", [][4]string{{"2015-05-09 12:00:00", "Pothole", "2 Main St", call}}, 2, 0},
		{"nowhere", [][4]string{{"2015-05-09 12:00:00", "Pothole", "", call}}, 1, 0},
		{"a crew in January was first", [][4]string{{"2015-01-09 12:00:00", "Pothole", "1 Main St", crew}, {"2015-05-09 12:00:00", "Pothole", "1 Main St", call}}, 0, 0},
	} {
		rows := file(t, append(c.then, first)...).cohort(time.May, time.June)
		if len(rows) != c.cases || outcomes(rows) != c.became {
			t.Errorf("%s: %d cases, %d outcomes; want %d, %d", c.name, len(rows), outcomes(rows), c.cases, c.became)
		}
	}
}

func TestRegressionFindsTheOdds(t *testing.T) {
	// Of type a every second comes again, of b every tenth.
	var past []*row
	for i := range 4000 {
		kind, every := "a", 2
		if i%2 == 1 {
			kind, every = "b", 10
		}
		past = append(past, &row{request: &request{kind: kind}, outcome: i/2%every == 0})
	}
	scores := regress(past, past, func(r *row) columns { return columns{r.kind: 1} })
	for i, want := range []float64{0.5, 0.1} {
		if got := 1 / (1 + math.Exp(-scores[i])); math.Abs(got-want) > 0.005 {
			t.Errorf("type %s: %.4f come again by the regression, want %.1f", past[i].kind, got, want)
		}
	}
}

func TestThresholdReachesTheRecall(t *testing.T) {
	rows := make([]*row, 100)
	scores := make([]float64, 100)
	for i := range rows {
		rows[i], scores[i] = &row{outcome: i < 10 || i >= 90}, float64(-i)
	}
	// Ten of the twenty outcomes stand first; equal scores stand or fall together.
	scores[9] = scores[10]
	if f := judge(scores, rows, 0.5); f.warned != 11 || f.recall != 0.5 || math.Abs(f.lift-10.0/11/0.2) > 1e-9 || !(f.low < f.lift && f.lift < f.high) {
		t.Errorf("%+v", f)
	}
}

func TestShareCountsPlacesOfThatKind(t *testing.T) {
	c := file(t, pothole("2015-01-05 12:00:00", "9 Main St"), pothole("2015-05-01 12:00:00", "1 Main St"), pothole("2015-05-03 12:00:00", "1 Main St"),
		pothole("2015-05-04 12:00:00", "2 Main St"), pothole("2015-05-06 12:00:00", "9 Main St"))
	now := time.Date(2015, 5, 7, 0, 0, 0, 0, c.spots[spot{"Pothole", "1 Main St"}][0].opened.Location())
	// Three places within 90 days, asked for again at one: that of January is out of sight.
	if got := c.share(class{kind: "Pothole"}, now); math.Abs(got-2.0/18) > 1e-12 {
		t.Errorf("share %v", got)
	}
}

func pothole(opened, place string) [4]string {
	return [4]string{opened, "Pothole", place, "Constituent Call"}
}
