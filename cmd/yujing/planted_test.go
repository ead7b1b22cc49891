package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// planter makes identities that nobody has, each once, in ten spellings in turn.
type planter struct {
	random *rand.Rand
	made   int
	finder finder
}

func newPlanter(seed uint64) *planter {
	return &planter{random: rand.New(rand.NewPCG(seed, 1)), finder: finder{}}
}

// next is a phone or an ID card, in the next spelling.
func (p *planter) next() string {
	n := p.made
	p.made++
	if n%2 == 0 {
		return p.phone(n / 2 % 10)
	}
	return p.card(n / 2 % 10)
}

func (p *planter) phone(spelling int) string {
	d := fmt.Sprintf("1%d%09d", 3+p.random.IntN(7), p.random.IntN(1e9))
	if p.finder[d] || strings.HasSuffix(d, "0") { // a trailing zero has no place in 1.39E10
		return p.phone(spelling)
	}
	p.finder[d] = true
	parts := []any{d[:3], d[3:7], d[7:]}
	switch spelling {
	case 0:
		return d
	case 1:
		return fmt.Sprintf("%s %s %s", parts...)
	case 2:
		return fmt.Sprintf("%s-%s-%s", parts...)
	case 3:
		return wide(d)
	case 4:
		return "+86 " + d
	case 5:
		return fmt.Sprintf("0086-%s-%s-%s", parts...)
	case 6:
		return fmt.Sprintf("(+86)%s.%s.%s", parts...)
	case 7:
		return wide(fmt.Sprintf("%s-%s-%s", parts...))
	case 8:
		return numerals(d)
	default:
		return d[:1] + "." + d[1:] + "E10" // what a spreadsheet makes of it
	}
}

func (p *planter) card(spelling int) string {
	provinces := []string{"330106", "110105", "510104", "440305", "610102"}
	year, month, day := 1940+p.random.IntN(60), 1+p.random.IntN(12), 1+p.random.IntN(28)
	d := fmt.Sprintf("%s%04d%02d%02d%03d", provinces[p.random.IntN(len(provinces))], year, month, day, p.random.IntN(1000))
	last := checkDigit(d)
	if p.finder[d] || (spelling == 1 || spelling == 5) != (last == "X") {
		return p.card(spelling) // the two spellings of an X need one
	}
	p.finder[d] = true
	short := d[:6] + d[8:]
	parts := []any{d[:6], d[6:14], d[14:] + last}
	switch spelling {
	case 0:
		return d + last
	case 1:
		return d + "x"
	case 2:
		return fmt.Sprintf("%s %s %s", parts...)
	case 3:
		return fmt.Sprintf("%s-%s-%s", parts...)
	case 4:
		return wide(d + last)
	case 5:
		return wide(d + "x")
	case 6, 7:
		if year < 1911 || year > 1999 || p.finder[short] {
			return p.card(spelling)
		}
		p.finder[short] = true
		if spelling == 7 {
			return short[:6] + " " + short[6:12] + " " + short[12:]
		}
		return short
	case 8:
		return fmt.Sprintf("%s %s %s %s %s", d[:4], d[4:8], d[8:12], d[12:16], d[16:]+last)
	default:
		return fmt.Sprintf("%s.%s.%s", parts...)
	}
}

// checkDigit is the eighteenth character of an ID card (GB 11643-1999).
func checkDigit(seventeen string) string {
	weights := []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += w * int(seventeen[i]-'0')
	}
	return string("10X98765432"[sum%11])
}

func wide(s string) string {
	return strings.Map(func(r rune) rune { return r - '!' + '！' }, s)
}

func numerals(d string) string {
	return strings.NewReplacer("0", "〇", "1", "一", "2", "二", "3", "三", "4", "四", "5", "五", "6", "六", "7", "七", "8", "八", "9", "九").Replace(d)
}

// finder holds the digits of identities: 11 of a phone, 15 or 17 of an ID card.
// It shares nothing with the code that masks.
type finder map[string]bool

// in gives the identities that occur in bytes of whatever kind, in any
// spelling: digits of all scripts count, what may part them is passed over.
func (f finder) in(data []byte) (found []string) {
	var digits []byte // of the run at hand
	var begins []bool // whether each of them follows no digit directly
	apart := true
	for i := 0; i < len(data); {
		d, size, kind := symbol(data[i:])
		i += size
		switch kind {
		case other:
			digits, begins, apart = digits[:0], begins[:0], true
			continue
		case between:
			apart = true
			continue
		}
		digits, begins, apart = append(digits, d), append(begins, apart), false
		for _, n := range []int{11, 15, 17} {
			from := len(digits) - n
			if from < 0 || !f[string(digits[from:])] {
				continue
			}
			if begins[from] || strings.HasSuffix(string(digits[:from]), "86") {
				found = append(found, string(digits[from:]))
			}
		}
		if len(digits) > 4096 {
			digits, begins = append(digits[:0], digits[4000:]...), append(begins[:0], begins[4000:]...)
		}
	}
	return found
}

const (
	other = iota
	digit
	between // may stand within a number
)

// symbol reads one character of UTF-8, or one byte or pair of GB18030.
func symbol(b []byte) (d byte, size, kind int) {
	switch c := b[0]; {
	case c >= '0' && c <= '9':
		return c, 1, digit
	case c == 0 || strings.IndexByte(" -.()+_/,[]", c) >= 0:
		return 0, 1, between
	case c < utf8.RuneSelf:
		return 0, 1, other
	}
	if r, n := utf8.DecodeRune(b); n > 1 {
		if r >= '０' && r <= '９' {
			return byte(r-'０') + '0', n, digit
		}
		if i := strings.IndexRune("〇一二三四五六七八九", r); i >= 0 {
			return byte(i/3) + '0', n, digit
		}
		if strings.ContainsRune("　－．，（）、。·–—", r) {
			return 0, n, between
		}
		return 0, n, other
	}
	if len(b) > 1 && b[0] == 0xa3 && b[1] >= 0xb0 && b[1] <= 0xb9 {
		return b[1] - 0xb0 + '0', 2, digit
	}
	return 0, 1, other
}

// The search sees every spelling, alone and within a text, and nothing where there is nothing.
func TestFinderSeesEverySpelling(t *testing.T) {
	p := newPlanter(1)
	for range 400 {
		s := p.next()
		for _, text := range []string{s, "请联系" + s + "，谢谢", `{"a":"` + s + `"}`, "2026-03-01 " + s} {
			if len(p.finder.in([]byte(text))) == 0 {
				t.Errorf("not found in %q", text)
			}
		}
	}
	for _, text := range []string{"", "2026-03-01 09:00:00", "330106001001", "工单20260301123456789"} {
		if found := p.finder.in([]byte(text)); len(found) > 0 {
			t.Errorf("found %q in %q", found, text)
		}
	}
}
