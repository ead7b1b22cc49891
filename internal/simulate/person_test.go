package simulate

import (
	"regexp"
	"testing"

	"yujing/internal/calendar"
)

func TestIdentitiesAreUniqueAndValid(t *testing.T) {
	phones, ids := map[string]bool{}, map[string]bool{}
	wellFormed := regexp.MustCompile(`^1[3-9]\d{9}$`)
	for p := uint64(1); p <= 200_000; p++ {
		ph, id := string(phone(nil, p)), string(idNumber(nil, p))
		if phones[ph] || ids[id] {
			t.Fatalf("person %d: %s or %s is another's", p, ph, id)
		}
		phones[ph], ids[id] = true, true
		if !wellFormed.MatchString(ph) || len(id) != 18 || checkDigit([]byte(id[:17])) != id[17] {
			t.Fatalf("person %d: bad phone %s or ID %s", p, ph, id)
		}
	}
	// The example of GB 11643-1999.
	if got := checkDigit([]byte("11010519491231002")); got != 'X' {
		t.Errorf("check digit is %c, want X", got)
	}
}

func TestSubjectsHaveNamesOfTheirOwn(t *testing.T) {
	d := NewDistrict(1)
	names := map[string]int64{}
	for n := range int64(300_000) {
		name := string(d.subject(nil, kindAt(n), n))
		if other, taken := names[name]; taken {
			t.Fatalf("subjects %d and %d are both %s", other, n, name)
		}
		names[name] = n
	}
}

func kindAt(n int64) kind {
	for k, slots := range slotsOfKinds() {
		if at := int(n % 32); at >= slots[0] && at < slots[0]+slots[1] {
			return kind(k)
		}
	}
	return kinds
}

func TestDistrict(t *testing.T) {
	d := NewDistrict(1)
	if len(d.Townships) != 12 || len(d.Villages) < 170 || len(d.Units) < 30 || len(d.Categories) < 50 {
		t.Errorf("%d townships, %d villages, %d units, %d classes", len(d.Townships), len(d.Villages), len(d.Units), len(d.Categories))
	}
	codes := map[string]bool{}
	for _, v := range d.Villages {
		if len(v.Code) != 12 || codes[v.Code] {
			t.Errorf("%s has the code %s", v.Name, v.Code)
		}
		codes[v.Code] = true
	}
}

// The clock's tables must agree with the calendar.
func TestClockAgreesWithTheCalendar(t *testing.T) {
	cal := calendar.Embedded()
	from, _ := period(0)
	c := newClock(from, cal)
	r := newRNG(1, 99)
	for range 2000 {
		at := int32(r.below(300 * day))
		n := 1 + r.below(40)
		for _, working := range []bool{true, false} {
			want := c.since(cal.Add(c.time(at), n, working))
			if got := c.due(at, n, working); got != want {
				t.Fatalf("due(%s, %d, %v) = %s, the calendar says %s", c.time(at), n, working, c.time(got), c.time(want))
			}
		}
		later := c.work(at, r.float()*20)
		if later < at || !cal.Workday(c.time(later)) || later%day < opens || later%day > closes {
			t.Fatalf("work(%s) = %s", c.time(at), c.time(later))
		}
	}
	if a, b := c.activity(10*day), c.activity(10*day+6*hour); b <= a || b > a+0.5 {
		t.Errorf("activity grows from %v to %v in a night", a, b)
	}
}
