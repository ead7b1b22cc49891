package verify_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"yujing/ingest"
	"yujing/internal/calendar"
	"yujing/internal/simulate"
	"yujing/scorer"
	"yujing/scorer/verify"
)

// noon is a Monday in Shanghai.
var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

// contact is the first and only contact of a matter, by a person of that number.
func contact(matter, group int, at, stored time.Time) ingest.Row {
	r := ingest.Row{Signal: ingest.Signal{Version: 1, Source: "s", Name: "n", Ref: fmt.Sprint("R", matter), Kind: ingest.Contact, Channel: "hotline", Purpose: "complaint",
		People: 1, At: at, KnownAt: at, StoredAt: stored, Group: uint64(group), Flags: []string{}}, Case: ingest.CaseID(matter), Person: uint64(matter)}
	r.ID = ingest.ID{byte(matter), byte(matter >> 8), 1}
	return r
}

func (d *daemon) store(rows ...ingest.Row) {
	d.t.Helper()
	if err := d.db.Append(d.t.Context(), &ingest.Batch{Rows: rows}); err != nil {
		d.t.Fatal(err)
	}
}

// of gives the causes of a row's differences, each once.
func of(r *verify.Report, row uint64) (causes []verify.Cause) {
	for _, d := range r.Differences {
		if d.Row == scorer.RowName(row) && !slices.Contains(causes, d.Cause) {
			causes = append(causes, d.Cause)
		}
	}
	return causes
}

func wants(t *testing.T, r *verify.Report, row uint64, want ...verify.Cause) {
	t.Helper()
	if got := of(r, row); !slices.Equal(got, want) {
		t.Errorf("row %d: %v, want %v", row, got, want)
	}
}

// TestOtherCauses has a row for each thing that keeps the daemon's past from
// coming out as it was.
func TestOtherCauses(t *testing.T) {
	d := newDaemon(t, "0 * * * *")
	now := set(t, nil)
	week := noon.Add(-4 * 24 * time.Hour)
	d.store(contact(1, 101, week, week), contact(2, 102, week, week), contact(3, 102, week, week), contact(4, 103, week, week), contact(5, 103, week, week))
	d.start(now, noon.Add(-30*time.Minute))
	d.until(noon.Add(time.Second))
	// Being written while the instant is evaluated, and readable after it.
	d.until(noon.Add(time.Hour))
	d.store(contact(6, 104, week, noon.Add(time.Hour-2*time.Second)))
	d.until(noon.Add(time.Hour + 3*time.Second))
	// So long after it that nothing is being written any more: that is no excuse.
	d.until(noon.Add(2 * time.Hour))
	d.store(contact(7, 105, week, noon.Add(2*time.Hour-time.Minute)))
	d.until(noon.Add(2*time.Hour + 3*time.Second))
	d.until(noon.Add(3 * time.Hour))

	r := d.verify(verify.Options{Given: now})
	wants(t, r, 1)
	wants(t, r, 6, verify.InFlight, verify.LateData)
	wants(t, r, 7, verify.None, verify.LateData)
	if r.Clean() {
		t.Error("what was stored before an instant and not seen at it is nobody's fault")
	}

	t.Run("the time before is another's", func(t *testing.T) {
		if r := d.verify(verify.Options{Given: now, Period: verify.Period{From: noon.Add(2*time.Hour + time.Minute)}}); !r.Clean() || r.Scheduled != 1 || r.Equal != r.Compared {
			t.Errorf("%d instants, %d of %d equal: %+v", r.Scheduled, r.Equal, r.Compared, r.Differences)
		}
		if r := d.verify(verify.Options{Given: now, Period: verify.Period{From: noon.AddDate(1, 0, 0), To: noon.AddDate(2, 0, 0)}}); r.Clean() {
			t.Error("nothing to compare is not all clear")
		}
	})
	t.Run("calendar", func(t *testing.T) {
		resting, err := calendar.Load(fstest.MapFS{})
		if err != nil {
			t.Fatal(err)
		}
		other := set(t, resting)
		if other.Version() != now.Version() {
			t.Fatal("the calendar is part of the version: this test means nothing")
		}
		// Four days from Thursday on: with another calendar there may be as many working days. Make it differ.
		d.sql("ALTER TABLE assessments UPDATE rules = ['unanswered'], score = 20, level = 2 WHERE row_id = 1")
		r := d.verify(verify.Options{Given: other})
		wants(t, r, 1, verify.Calendar)
		if r := d.verify(verify.Options{Given: now}); !slices.Contains(of(r, 1), verify.None) {
			t.Errorf("by the calendar of then: %v", of(r, 1))
		}
		d.sql("ALTER TABLE assessments UPDATE rules = ['worked'], score = 15, level = 1 WHERE row_id = 1")
		if r := d.verify(verify.Options{Given: other}); !slices.Contains(of(r, 1), verify.None) {
			t.Errorf("a rule that asks no calendar: %v", of(r, 1))
		}
	})
	t.Run("forgotten", func(t *testing.T) {
		if _, err := d.db.Forget(t.Context(), 3, "test", "asked for"); err != nil {
			t.Fatal(err)
		}
		r := d.verify(verify.Options{Given: now})
		wants(t, r, 102, verify.Erased)
		wants(t, r, 2, verify.Erased) // "others spoke too" looked at the group
		wants(t, r, 3)
		d.until(noon.Add(4 * time.Hour)) // it falls, and from then on all agrees
		r = d.verify(verify.Options{Given: now, Period: verify.Period{From: noon.Add(4 * time.Hour)}})
		wants(t, r, 102)
		wants(t, r, 2)
	})
	t.Run("expired", func(t *testing.T) {
		d.sql("ALTER TABLE signals DELETE WHERE case_id = 5") // as a time to live does
		d.sql("TRUNCATE TABLE forgotten")
		r := d.verify(verify.Options{Given: now, Expired: week.Add(time.Hour)})
		wants(t, r, 103, verify.Expired)
		wants(t, r, 4, verify.Expired)
		if r := d.verify(verify.Options{Given: now, Expired: week.Add(-time.Hour)}); !slices.Contains(of(r, 103), verify.None) {
			t.Errorf("nothing was so old: %v", of(r, 103))
		}
	})
	t.Run("made up for after a later instant", func(t *testing.T) {
		due, replied := noon.Add(5*time.Hour), contact(8, 0, noon.Add(5*time.Hour+10*time.Second), noon.Add(5*time.Hour+20*time.Second))
		replied.ID[15], replied.Kind, replied.Act, replied.Purpose, replied.Person = 1, ingest.Action, "replied", "", 0
		d.store(contact(8, 106, week, due.Add(-time.Minute)), replied)
		s := scorer.New(d.db, d.db, now, nil)
		for _, at := range []scorer.Instant{{AsOf: due.Add(time.Minute), Trigger: scorer.Arrival, Cases: []uint64{8}}, {AsOf: due, Trigger: scorer.Scheduled, Late: true}} {
			if _, err := s.Score(t.Context(), at, func(context.Context, []scorer.Change) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		r := d.verify(verify.Options{Given: now, Period: verify.Period{From: due, To: due.Add(time.Hour)}})
		wants(t, r, 8, verify.LateTick)
		which := fmt.Sprintf("row_id = 8 AND toUnixTimestamp64Milli(as_of) = %d", due.UnixMilli())
		d.sql("CREATE TABLE earlier AS assessments")
		d.sql("INSERT INTO earlier SELECT * REPLACE (stored_at - INTERVAL 1 HOUR AS stored_at) FROM assessments WHERE " + which)
		d.sql("ALTER TABLE assessments DELETE WHERE " + which)
		d.sql("INSERT INTO assessments SELECT * FROM earlier")
		if r := d.verify(verify.Options{Given: now, Period: verify.Period{From: due, To: due.Add(time.Hour)}}); !slices.Contains(of(r, 8), verify.None) {
			t.Errorf("written in order: %v", of(r, 8))
		}
	})
	t.Run("never evaluated", func(t *testing.T) {
		d.sql(fmt.Sprintf("ALTER TABLE ticks DELETE WHERE toUnixTimestamp64Milli(as_of) = %d", noon.Add(time.Hour).UnixMilli()))
		r := d.verify(verify.Options{Given: now})
		if at := noon.Add(time.Hour); len(r.Missed) != 1 || r.Missed[0] != (verify.Gap{From: at, To: at, Instants: 1}) {
			t.Errorf("missed %+v", r.Missed)
		}
	})
	t.Run("text", func(t *testing.T) {
		var out strings.Builder
		r := d.verify(verify.Options{Given: now})
		r.Print(&out, verify.PrintOptions{Zone: simulate.Zone()})
		for _, want := range []string{"原因不明 unexplained：群体 group " + scorer.RowName(103), "当时 stood     40 橙色 orange: several", "重放 replayed ", fmt.Sprintf("原因不明 unexplained %d\n", r.Unexplained)} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("no %q in\n%s", want, &out)
			}
		}
	})
}
