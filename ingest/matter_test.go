package ingest

import (
	"testing"
	"time"
)

func day(n int) time.Time { return time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n) }

func TestMatterIsLive(t *testing.T) {
	opened := newMatter(1)
	opened.touch(Contact, "", day(0))
	opened.touch(Action, "replied", day(100))
	concluded := newMatter(2)
	concluded.touch(Contact, "", day(0))
	concluded.touch(Action, Concluded, day(50))
	for _, c := range []struct {
		name string
		m    *matter
		at   time.Time
		want bool
	}{
		{"within a year of the last signal", opened, day(465), true},
		{"after 365 silent days", opened, day(466), false},
		{"an older contact that comes late", opened, day(-365), true},
		{"a much older one", opened, day(-366), false},
		{"before the conclusion", concluded, day(50), true},
		{"after the conclusion", concluded, day(50).Add(time.Millisecond), false},
		{"known by its links only", newMatter(3), day(0), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.m.live(c.at); got != c.want {
				t.Errorf("live = %v", got)
			}
		})
	}
}

func TestMatterTimesStayInOrder(t *testing.T) {
	m := newMatter(1)
	for _, n := range []int{5, 1, 9, 1, 7} {
		m.touch(Contact, "", day(n))
	}
	for i := 1; i < len(m.times); i++ {
		if m.times[i-1] > m.times[i] {
			t.Fatalf("times %v", m.times)
		}
	}
	if m.opened != day(1).UnixMilli() {
		t.Errorf("opened %v", m.opened)
	}
}

// Any identity in common makes one complainant within the matter.
func TestComplainant(t *testing.T) {
	m := newMatter(1)
	const phone, card, account, other = 1, 2, 3, 4
	for i, c := range []struct {
		who  []uint64
		want uint64
	}{
		{[]uint64{phone}, phone},
		{[]uint64{phone, card}, phone},
		{[]uint64{card}, phone},
		{[]uint64{other}, other},
		{[]uint64{account, card}, phone},
		{[]uint64{account}, phone},
		{nil, 0},
	} {
		if got := m.complainant(c.who, day(i)); got != c.want {
			t.Errorf("contact %d by %v: %d, want %d", i, c.who, got, c.want)
		}
	}
}

func TestHarm(t *testing.T) {
	h := newHarm()
	for text, want := range map[string]bool{
		"再不处理我就从楼上跳 楼":  true,
		"我已经不想活了":       true,
		"要和他们同-归-于-尽":   true,
		"路灯不亮,请派人维修":    false,
		"楼上漏水,多次反映无人处理": false,
		"I will jump":   false, // the phrases are Chinese
		"":              false,
		"准备泼\u200b汽油":   true,
		"反映小区有人自杀未遂,请关注其家人": true, // one call too many is better than one too few
	} {
		if got := h.in(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if len(h.phrases) < 20 {
		t.Errorf("only %d phrases", len(h.phrases))
	}
}

func TestKeysNeverNone(t *testing.T) {
	if RefKey("a", "") != 0 || RefKey("a", "1") == RefKey("b", "1") || RefKey("a", "1") == 0 {
		t.Error("ref keys")
	}
	if hashParts("a", "bc") == hashParts("ab", "c") {
		t.Error("parts run together")
	}
}
