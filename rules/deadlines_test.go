package rules

import (
	"testing"
	"time"

	"yujing/internal/calendar"
)

// step is a signal some days before (negative) or after the start of a test:
// a contact ("contact", "contact:review") or an action.
type step struct {
	day  int
	what string
	due  int // day of a stated due date, 0 = none
}

func TestDeadlines(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 3, 2, 10, 0, 0, 0, zone) // a Monday, no holiday within a month
	table := map[string]calendar.Deadline{}
	for _, d := range calendar.Deadlines() {
		table[d.Kind] = d
	}
	for name, c := range map[string]struct {
		kind    string
		channel string
		steps   []step
		now     int
		due     string // "" = unknown
		overdue bool
	}{
		"register from the first contact":           {"register", "visit", []step{{0, "contact", 0}}, 10, "03-17", false},
		"register late":                             {"register", "visit", []step{{0, "contact", 0}}, 16, "03-17", true},
		"registered in time":                        {"register", "visit", []step{{0, "contact", 0}, {3, "registered", 0}}, 30, "03-17", false},
		"register by handing on":                    {"register", "visit", []step{{0, "contact", 0}, {3, "transferred", 0}}, 30, "03-17", false},
		"objection five working days":               {"objection", "visit", []step{{0, "contact", 0}, {0, "transferred", 0}}, 4, "03-09", false},
		"objection past":                            {"objection", "visit", []step{{0, "contact", 0}, {0, "transferred", 0}}, 8, "03-09", true},
		"accept not started is unknown":             {"accept", "visit", []step{{0, "contact", 0}}, 90, "", false},
		"accept from handing on":                    {"accept", "visit", []step{{0, "contact", 0}, {2, "assigned", 0}}, 10, "03-19", false},
		"accept on the last day":                    {"accept", "visit", []step{{0, "contact", 0}, {0, "assigned", 0}}, 15, "03-17", false},
		"accept the day after":                      {"accept", "visit", []step{{0, "contact", 0}, {0, "assigned", 0}}, 16, "03-17", true},
		"accepted":                                  {"accept", "visit", []step{{0, "contact", 0}, {0, "assigned", 0}, {5, "accepted", 0}}, 60, "03-17", false},
		"refused ends it too":                       {"accept", "visit", []step{{0, "contact", 0}, {0, "assigned", 0}, {5, "not_accepted", 0}}, 60, "03-17", false},
		"accepted late is no longer overdue":        {"accept", "visit", []step{{0, "contact", 0}, {0, "assigned", 0}, {20, "accepted", 0}}, 60, "03-17", false},
		"handing on again resets nothing":           {"accept", "visit", []step{{0, "contact", 0}, {0, "transferred", 0}, {12, "assigned", 0}}, 20, "03-17", true},
		"a return binds the unit no more":           {"accept", "visit", []step{{0, "contact", 0}, {0, "transferred", 0}, {4, "returned", 0}}, 60, "03-17", false},
		"the next unit has its own time":            {"accept", "visit", []step{{0, "contact", 0}, {0, "transferred", 0}, {4, "returned", 0}, {6, "assigned", 0}}, 18, "03-23", false},
		"a new round after it was met":              {"accept", "visit", []step{{0, "contact", 0}, {0, "assigned", 0}, {5, "accepted", 0}, {40, "contact", 0}, {41, "assigned", 0}}, 45, "04-27", false},
		"reply not accepted is unknown":             {"reply", "visit", []step{{0, "contact", 0}, {0, "assigned", 0}}, 90, "", false},
		"reply sixty days":                          {"reply", "visit", []step{{0, "contact", 0}, {0, "accepted", 0}}, 60, "05-01", false},
		"reply past sixty days":                     {"reply", "visit", []step{{0, "contact", 0}, {0, "accepted", 0}}, 61, "05-01", true},
		"extended by thirty":                        {"reply", "visit", []step{{0, "contact", 0}, {0, "accepted", 0}, {50, "extended", 0}}, 61, "05-31", false},
		"an extension before acceptance is not its": {"reply", "visit", []step{{-9, "contact", 0}, {-9, "extended", 0}, {0, "accepted", 0}}, 61, "05-01", true},
		"replied":                                     {"reply", "visit", []step{{0, "contact", 0}, {0, "accepted", 0}, {30, "replied", 0}}, 90, "05-01", false},
		"what the source states comes first":          {"reply", "visit", []step{{0, "contact", 0}, {0, "transferred", 20}, {1, "accepted", 0}}, 10, "03-22", false},
		"stated though acceptance is unknown":         {"reply", "visit", []step{{0, "contact", 0}, {0, "transferred", 20}}, 21, "03-22", true},
		"stated and answered":                         {"reply", "visit", []step{{0, "contact", 0}, {0, "transferred", 20}, {9, "replied", 0}}, 60, "03-22", false},
		"stated anew":                                 {"reply", "visit", []step{{0, "contact", 0}, {0, "transferred", 20}, {18, "extended", 40}}, 21, "04-11", false},
		"the day of the answer is not acceptance's":   {"accept", "visit", []step{{0, "contact", 0}, {0, "transferred", 5}}, 10, "03-17", false},
		"hotline five working days":                   {"hotline_reply", "hotline", []step{{0, "contact", 0}, {0, "transferred", 0}}, 4, "03-09", false},
		"hotline late":                                {"hotline_reply", "hotline", []step{{0, "contact", 0}, {0, "transferred", 0}}, 8, "03-09", true},
		"the hotline's time is not a visit's":         {"hotline_reply", "visit", []step{{0, "contact", 0}, {0, "transferred", 0}}, 30, "", false},
		"hotline, stated":                             {"hotline_reply", "hotline", []step{{0, "contact", 0}, {0, "transferred", 12}}, 8, "03-14", false},
		"review from its asking":                      {"review", "letter", []step{{0, "contact", 0}, {10, "contact:review", 0}}, 20, "04-11", false},
		"review late":                                 {"review", "letter", []step{{0, "contact", 0}, {10, "contact:review", 0}}, 41, "04-11", true},
		"review not asked":                            {"review", "letter", []step{{0, "contact", 0}}, 90, "", false},
		"reviewed":                                    {"review", "letter", []step{{0, "contact", 0}, {10, "contact:review", 0}, {20, "reviewed", 0}}, 60, "04-11", false},
		"re-review takes the day of the hearing out":  {"re_review", "letter", []step{{0, "contact:re_review", 0}, {10, "hearing", 0}}, 31, "04-02", false},
		"re-review takes all days of the hearing out": {"re_review", "letter", []step{{0, "contact:re_review", 0}, {10, "hearing", 0}, {13, "hearing", 0}}, 33, "04-05", false},
		"a hearing before the asking counts nothing":  {"re_review", "letter", []step{{-20, "contact", 0}, {-5, "hearing", 0}, {0, "contact:re_review", 0}}, 33, "04-01", true},
		"review does not take hearings out":           {"review", "letter", []step{{0, "contact:review", 0}, {10, "hearing", 0}}, 31, "04-01", true},
	} {
		t.Run(name, func(t *testing.T) {
			f := &Facts{Over: OverCase}
			for _, s := range c.steps {
				signal := Signal{ID: s.what, At: start.AddDate(0, 0, s.day).UTC(), Channel: c.channel}
				if s.due != 0 {
					signal.Due = time.Date(2026, 3, 2+s.due, 23, 59, 59, 0, zone).UTC()
				}
				switch s.what {
				case "contact":
					f.Contacts = append(f.Contacts, signal)
				case "contact:review", "contact:re_review":
					signal.Purpose = s.what[len("contact:"):]
					f.Contacts = append(f.Contacts, signal)
				default:
					signal.Act = s.what
					f.Actions = append(f.Actions, signal)
				}
			}
			state := deadlineOf(table[c.kind], f, start.AddDate(0, 0, c.now).UTC(), calendar.Embedded(), zone)
			due := ""
			if !state.due.IsZero() {
				due = state.due.In(zone).Format("01-02")
			}
			if due != c.due || state.overdue != c.overdue {
				t.Errorf("due %q, overdue %v; want %q, %v", due, state.overdue, c.due, c.overdue)
			}
		})
	}
}
