package ingest

import (
	"strings"
	"testing"
	"time"
)

func shanghai(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestTimes(t *testing.T) {
	c := clock{zone: shanghai(t)}
	for text, want := range map[string]string{
		"2026-01-02 15:04:05":              "2026-01-02T07:04:05Z",
		"2026-01-02 15:04:05.9876":         "2026-01-02T07:04:05.987Z",
		"2026-01-02T15:04:05":              "2026-01-02T07:04:05Z",
		"2026-01-02T15:04:05Z":             "2026-01-02T15:04:05Z",
		"2026-01-02T15:04:05.5+08:00":      "2026-01-02T07:04:05.5Z",
		"2026-01-02 15:04:05 -0530":        "2026-01-02T20:34:05Z",
		"2026-01-02 15:04":                 "2026-01-02T07:04:00Z",
		"2026-01-02 24:00:00":              "2026-01-02T16:00:00Z",
		"2026-01-02":                       "2026-01-01T16:00:00Z",
		"2026/1/2 3:04":                    "2026-01-01T19:04:00Z",
		"2026/1/2  3:04:05":                "2026-01-01T19:04:05Z",
		"2026.1.2":                         "2026-01-01T16:00:00Z",
		"20260102":                         "2026-01-01T16:00:00Z",
		"20260102150405":                   "2026-01-02T07:04:05Z",
		"2026年1月2日":                        "2026-01-01T16:00:00Z",
		"2026年1月2日 15时":                    "2026-01-02T07:00:00Z",
		"2026年1月2日15时4分":                   "2026-01-02T07:04:00Z",
		"2026年01月02日 15时04分05秒":            "2026-01-02T07:04:05Z",
		"2026年1月2日 15:04:05":               "2026-01-02T07:04:05Z",
		"2024-02-29 00:00:00":              "2024-02-28T16:00:00Z",
		"1986-07-01 12:00:00":              "1986-07-01T03:00:00Z", // China had daylight saving then
		"2026-01-02T15:04:05.123456789+00": "",
		"2023-02-29 00:00:00":              "",
		"2026-13-01":                       "",
		"2026-00-10":                       "",
		"2026-01-32":                       "",
		"2026-01-02 25:00:00":              "",
		"2026-01-02 24:00:01":              "",
		"2026-01-02 10:60:00":              "",
		"2026-01-02 10":                    "",
		"2026-01-02 10:04:05 x":            "",
		"0000-00-00 00:00:00":              "",
		"1900-01-01":                       "",
		"9999-12-31":                       "",
		"01/02/2026":                       "", // 1 February or 2 January?
		"2026-01/02":                       "",
		"今天":                               "",
		"45678.5":                          "",
		"２０２６-01-02":                       "",
	} {
		t.Run(text, func(t *testing.T) {
			got, err := c.parse(text)
			if want == "" {
				if err == nil {
					t.Fatalf("read as %v", got)
				}
				return
			}
			if err != nil || got.Format(time.RFC3339Nano) != want {
				t.Errorf("got %v, %v; want %s", got.Format(time.RFC3339Nano), err, want)
			}
		})
	}
}

func TestTimesInDeclaredLayouts(t *testing.T) {
	c := clock{zone: shanghai(t), layouts: []string{"02.01.2006 15:04", time.DateTime}}
	for text, want := range map[string]string{"02.01.2026 15:04": "2026-01-02T07:04:00Z", "2026-01-02 15:04:05": "2026-01-02T07:04:05Z", "2026-01-02": ""} {
		got, err := c.parse(text)
		if (want == "") != (err != nil) || err == nil && got.Format(time.RFC3339) != want {
			t.Errorf("%s: got %v, %v; want %s", text, got, err, want)
		}
	}
}

// A message may quote what stood there, but never a whole identity.
func TestTimeFaultIsMasked(t *testing.T) {
	c := clock{zone: time.UTC}
	_, err := c.parse("电话 138 0571 1234, 来电")
	if err == nil || strings.Contains(err.Error(), "1234") {
		t.Errorf("got %v", err)
	}
}

// What the Go library reads in the same form we read as the same instant.
func FuzzTimes(f *testing.F) {
	for _, s := range []string{"2026-01-02 15:04:05", "2026-02-29 00:00:00", "2026-1-2", "2026年1月2日 15时4分", "20260102150405", "2026-01-02T15:04:05.123+08:00", "\xff", "9999-99-99 99:99:99"} {
		f.Add(s)
	}
	zone := shanghai(f)
	f.Fuzz(func(t *testing.T, s string) {
		c := clock{zone: zone}
		got, err := c.parse(s)
		if err == nil && (got.Location() != time.UTC || got.Nanosecond()%1e6 != 0) {
			t.Errorf("%q: %v is not whole milliseconds UTC", s, got)
		}
		want, lib := time.ParseInLocation(time.DateTime, s, zone)
		if lib == nil && len(s) == len(time.DateTime) && want.Year() >= 1971 && want.Year() <= 2200 && (err != nil || !got.Equal(want)) {
			t.Errorf("%q: got %v, %v; the library reads %v", s, got, err, want)
		}
	})
}
