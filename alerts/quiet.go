package alerts

import (
	"fmt"
	"time"
)

// quiet is a span of the day, in minutes after midnight; it may pass midnight.
type quiet struct{ from, to int }

func parseQuiet(s string) (quiet, error) {
	var h1, m1, h2, m2 int
	if n, err := fmt.Sscanf(s, "%d:%d-%d:%d", &h1, &m1, &h2, &m2); err != nil || n != 4 ||
		h1 < 0 || h1 > 23 || h2 < 0 || h2 > 24 || m1 < 0 || m1 > 59 || m2 < 0 || m2 > 59 ||
		fmt.Sprintf("%02d:%02d-%02d:%02d", h1, m1, h2, m2) != s {
		return quiet{}, fmt.Errorf("%q are no quiet hours", s)
	}
	q := quiet{h1*60 + m1, (h2*60 + m2) % (24 * 60)}
	if q.from == q.to {
		return quiet{}, fmt.Errorf("quiet hours %q would never begin or never end", s)
	}
	return q, nil
}

// until gives when the quiet around now ends; zero if it is not quiet. now's
// location is the one the hours are meant in.
func (q quiet) until(now time.Time) time.Time {
	if q.from == q.to {
		return time.Time{}
	}
	minute := now.Hour()*60 + now.Minute()
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	end := func(days int) time.Time {
		return midnight.AddDate(0, 0, days).Add(time.Duration(q.to) * time.Minute)
	}
	switch {
	case q.from < q.to && q.from <= minute && minute < q.to:
		return end(0)
	case q.from > q.to && minute >= q.from:
		return end(1)
	case q.from > q.to && minute < q.to:
		return end(0)
	}
	return time.Time{}
}
