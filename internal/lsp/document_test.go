package lsp

import (
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

// A line of everything that counts differently: ASCII, Chinese, a rune beyond the
// basic plane (two UTF-16 units), a combining mark.
const mixed = "a重😀é件"

func TestColumns(t *testing.T) {
	for _, c := range []struct {
		encoding encoding
		units    []int // before each rune of mixed, and at its end
	}{
		{utf8Units, []int{0, 1, 4, 8, 10, 13}},
		{utf16Units, []int{0, 1, 2, 4, 5, 6}},
		{utf32Units, []int{0, 1, 2, 3, 4, 5}},
	} {
		d := newDocument("", "", nil, "x\n"+mixed)
		for runes, units := range c.units {
			if got := d.position(place{1, runes}, c.encoding); got != (position{1, units}) {
				t.Errorf("%s: rune %d is at %v, want %d", c.encoding, runes, got, units)
			}
			if got := d.place(position{1, units}, c.encoding); got != (place{1, runes}) {
				t.Errorf("%s: unit %d is %v, want rune %d", c.encoding, units, got, runes)
			}
		}
	}
}

func TestColumnsThatAreNone(t *testing.T) {
	d := newDocument("", "", nil, "x\n"+mixed)
	for _, c := range []struct {
		at   position
		want place
	}{
		{position{1, 3}, place{1, 2}}, // between the halves of a surrogate pair
		{position{1, 99}, place{1, 5}},
		{position{9, 0}, place{1, 5}},
		{position{-1, 0}, place{0, 0}},
	} {
		if got := d.place(c.at, utf16Units); got != c.want {
			t.Errorf("%v is %v, want %v", c.at, got, c.want)
		}
	}
	if got := d.position(place{1, 99}, utf16Units); got != (position{1, 6}) {
		t.Errorf("beyond the end: %v", got)
	}
}

func TestLinesEndAsTheProtocolSays(t *testing.T) {
	d := newDocument("", "", nil, "a\r\nb\rc\n\nd")
	if len(d.lines) != 5 || d.line(1) != "b" || d.line(3) != "" || d.line(4) != "d" || d.line(7) != "" {
		t.Errorf("%q", d.lines)
	}
}

func FuzzColumns(f *testing.F) {
	f.Add(mixed, 3)
	f.Fuzz(func(t *testing.T, line string, units int) {
		if !utf8.ValidString(line) || units < 0 {
			return
		}
		if got, want := utf16Units.units(line), len(utf16.Encode([]rune(line))); got != want {
			t.Errorf("%q takes %d units, want %d", line, got, want)
		}
		n := utf16Units.runes(line, units)
		if before := utf16Units.units(string([]rune(line)[:n])); before > units {
			t.Errorf("%q: rune %d is at %d, beyond %d", line, n, before, units)
		}
	})
}

func TestURIs(t *testing.T) {
	for uri, path := range map[string]string{
		"file:///a/rules.d/repeat.yaml":                  "/a/rules.d/repeat.yaml",
		"file:///a/%E8%A7%84%E5%88%99/%E9%87%8D%20.yaml": "/a/规则/重 .yaml",
		"untitled:Untitled-1":                            "",
		"file:///c%3A/rules.d/a.yaml":                    "c:/rules.d/a.yaml",
	} {
		if got := pathOf(uri); got != path {
			t.Errorf("%s is %q, want %q", uri, got, path)
		}
	}
	if got := uriOf("/a/规则/重 .yaml"); pathOf(got) != "/a/规则/重 .yaml" {
		t.Errorf("there and back again: %s", got)
	}
}
