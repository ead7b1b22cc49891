package privacy

import "strings"

// What stands in a text where an identity stood. None holds a digit or an @,
// so masking a masked text changes nothing.
const (
	Phone  = "[电话]"
	IDCard = "[证件号]"
	Email  = "[邮箱]"
)

// Mask replaces phone numbers, ID-card numbers and e-mail addresses in a text
// by [电话], [证件号] and [邮箱].
//
// It finds mobiles, landlines with their area code, local numbers that follow
// a word such as 电话, and ID cards of 18 and 15 digits in any common spelling:
// spaces, hyphens, dots, commas or brackets between the digits, full width,
// Chinese numerals, +86 / 0086 / 86, a lower-case or full-width x, a number
// that Excel wrote as 1.3905711234E10.
//
// It leaves dates, times, amounts, decimal numbers, division codes of 6 to 12
// digits and order numbers alone: an identity begins and ends at a digit
// boundary, so a run of 13 to 17 or of more than 18 digits is no phone. Three
// order numbers it cannot tell from an identity and hides: eleven digits that
// begin with 13 to 19, a division code followed by yymmdd and three digits,
// and (one in eleven, by its check digit) a division code followed by a recent
// yyyymmdd and four digits. For a field whose values must stay apart (a ref, a
// record id) use [Key.MaskRef].
//
// A text without seven digits in a row (but for what may stand between them)
// and without @ is returned as it is, without an allocation. Mask is idempotent and keeps what is not UTF-8 as it is.
func Mask(text string) string {
	return hide(text, func(token, _ string) string { return token })
}

// Fewest digits of an identity: a local number, a mobile in Chinese numerals.
const (
	fewestDigits   = 7
	fewestNumerals = 11
	mostDigits     = 18
)

// hide replaces each identity by what replace makes of its token and its
// normal form.
func hide(text string, replace func(token, normal string) string) string {
	if !suspicious(text) {
		return text
	}
	var out strings.Builder
	done := 0
	for f := range identities(text) {
		out.WriteString(text[done:f.from])
		out.WriteString(replace(f.token, f.normal))
		done = f.to
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

// suspicious is the fast path: few texts hold enough digits in one chain.
func suspicious(text string) bool {
	digits, numerals := 0, 0
	for _, r := range text {
		if r == '@' || r == '＠' {
			return true
		}
		switch _, s := digit(r); {
		case s == arabic:
			digits++
		case s == chinese:
			numerals++
		case (digits|numerals) != 0 && !separates(r):
			digits, numerals = 0, 0
		}
		if digits >= fewestDigits || numerals >= fewestNumerals {
			return true
		}
	}
	return false
}

// script tells the digits of one number from those of its neighbour: in
// 13905711234一直无人接听 the 一 is no twelfth digit.
type script uint8

const (
	none script = iota
	arabic
	chinese
)

// digit gives the ASCII digit that a rune stands for.
func digit(r rune) (byte, script) {
	switch {
	case r >= '0' && r <= '9':
		return byte(r), arabic
	case r < 0x3000:
		return 0, none
	case r >= '０' && r <= '９':
		return byte(r-'０') + '0', arabic
	case r >= 0x1d7ce && r <= 0x1d7ff: // styled digits of mathematics, five sets of ten
		return byte((r-0x1d7ce)%10) + '0', arabic
	}
	switch r {
	case '〇', '零':
		return '0', chinese
	case '一', '幺':
		return '1', chinese
	case '二':
		return '2', chinese
	case '三':
		return '3', chinese
	case '四':
		return '4', chinese
	case '五':
		return '5', chinese
	case '六':
		return '6', chinese
	case '七':
		return '7', chinese
	case '八':
		return '8', chinese
	case '九':
		return '9', chinese
	}
	return 0, none
}

// separates reports whether a rune may stand between the digits of one number.
// A colon (times), a line break and a tab (fields) may not.
func separates(r rune) bool {
	switch r {
	case ' ', '\u00a0', '\u3000', '-', '.', '·', ',', '，', '、', '。', '．', '/', '／', '_', '＿',
		'(', ')', '（', '）', '[', ']', '【', '】', '–', '—', '―', '‐', '‑', '‒', '−', '－', '﹣', '•', '・', '‧', '｡', '､':
		return true
	}
	return ignorable(r) || r >= 0x2000 && r <= 0x200a || r == 0x202f || r == 0x205f
}

// ignorable runes have no width: they hide in copied numbers.
func ignorable(r rune) bool {
	return r >= 0x200b && r <= 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2060 && r <= 0x2064 || r == 0xfeff || r == 0xad
}

// opens and closes are the brackets that may stand around a prefix or an area code.
func opens(r rune) bool  { return r == '(' || r == '（' || r == '[' || r == '【' }
func closes(r rune) bool { return r == ')' || r == '）' || r == ']' || r == '】' }

func letter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// isX reports whether a rune is the check digit ten of an ID card.
func isX(r rune) bool { return r == 'X' || r == 'x' || r == 'Ｘ' || r == 'ｘ' }

func isArabic(r rune) bool { _, s := digit(r); return s == arabic }
