package privacy

import (
	"strings"

	"golang.org/x/text/width"
)

// Normalise gives the one spelling of an identity that all its spellings share,
// so that they have one pseudonym:
//
//   - full-width characters become half-width, characters without width go;
//   - in a number, spaces, hyphens, dots, commas and brackets go; a mobile loses
//     +86, 0086, 86 and a leading 0, a landline begins with its area code's 0;
//   - an ID card has 18 characters and a capital X: one of 15 digits gets its
//     century and check digit (GB 11643-1999);
//   - what is no number (an account, an address) is only trimmed;
//   - what stands for "not known" (无, 不详, 匿名, 00000000000, ...) is "": unknown
//     joins nothing.
func Normalise(identity string) string {
	s := strings.Map(dropIgnorable, identity)
	if strings.ContainsFunc(s, isWide) {
		s = width.Fold.String(s)
	}
	s = strings.Trim(s, " \t\r\n'’`\"")
	if isPlaceholder(s) {
		return ""
	}
	if !strings.ContainsFunc(s, isArabic) {
		return s
	}
	digits, intl := s, false
	if !isPlain(s) {
		var ok bool
		if digits, intl, ok = numeric(s); !ok {
			return s
		}
	}
	if strings.Count(digits, digits[:1]) == len(digits) {
		return "" // 0, 00000000000, 11111111
	}
	if normal, ok := idCard(digits); ok {
		return normal
	}
	if normal, ok := phone(digits, intl); ok {
		return normal
	}
	return digits
}

func dropIgnorable(r rune) rune {
	if ignorable(r) {
		return -1
	}
	return r
}

// isWide reports whether a rune has a narrow form: full width, or the wide space.
func isWide(r rune) bool { return r == 0x3000 || r >= 0xff00 && r <= 0xffef }

// isPlain reports whether s is ASCII digits alone, as most numbers are.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// isPlaceholder reports whether a cell says that nobody is named.
func isPlaceholder(s string) bool {
	switch strings.ToLower(strings.Trim(s, "-—_./ *()")) {
	case "", "无", "空", "没有", "不详", "未知", "不明", "保密", "不便透露", "未提供", "未留", "未填", "暂无",
		"n/a", "na", "null", "nil", "none", "unknown", "anonymous":
		return true
	}
	return strings.HasPrefix(s, "匿名")
}

// numeric gives the digits of a number, with a capital X at its end if it has
// one, and whether it began with a plus; false if s is no number.
func numeric(s string) (digits string, intl, ok bool) {
	if strings.Contains(s, ".") {
		if whole, isFloat := spreadsheet(s); isFloat {
			return whole, false, true
		}
	}
	if rest := strings.TrimLeft(s, "([ "); strings.HasPrefix(rest, "+") {
		s, intl = rest[1:], true
	}
	var b strings.Builder
	for i, r := range s {
		switch d, script := digit(r); {
		case script == arabic:
			b.WriteByte(d)
		case isX(r) && i == len(s)-1 && b.Len() == 17:
			b.WriteByte('X')
		case !separates(r):
			return "", false, false
		}
	}
	return b.String(), intl, b.Len() > 0
}

// spreadsheet gives the digits of a number that a spreadsheet wrote as
// 13905711234.0 or 1.3905711234E10.
func spreadsheet(s string) (string, bool) {
	runs := split(s)
	if len(runs) != 2 || runs[0].from != 0 {
		if len(runs) != 3 {
			return "", false
		}
		runs = runs[:2]
	}
	if runs[0].from != 0 || !isPoint(runs[1].sep) {
		return "", false
	}
	rest := s[runs[1].to:]
	if whole, end, ok := exponent(rest, runs); ok && end == len(rest) {
		return whole, true
	}
	return runs[0].digits, rest == "" && strings.Trim(runs[1].digits, "0") == "" && len(runs[0].digits) > 4
}

// phone gives the normal form of a phone number: 11 digits for a mobile, area
// code and number for a landline. intl says that a plus stood before it.
func phone(digits string, intl bool) (string, bool) {
	if isMobile(digits) || isLandline(digits) {
		return digits, true
	}
	rest, found := cutAny(digits, "0086", "086", "86")
	if !found {
		rest, _ = strings.CutPrefix(digits, "0")
		return rest, isMobile(rest)
	}
	rest = strings.TrimPrefix(rest, "0")
	if isMobile(rest) {
		return rest, true
	}
	intl = intl || strings.HasPrefix(digits, "00")
	return "0" + rest, intl && isLandline("0"+rest)
}

// isMobile: 13 to 19 and nine digits.
func isMobile(d string) bool {
	return len(d) == 11 && d[0] == '1' && d[1] >= '3' && d[1] <= '9'
}

// isLandline: an area code of three digits (010, 020 to 029) and eight, or of
// four (03xx to 09xx) and seven or eight, of which the first is not 0.
func isLandline(d string) bool {
	if len(d) < 11 || len(d) > 12 || d[0] != '0' || d[1] == '0' {
		return false
	}
	area := 4
	if d[1] == '1' || d[1] == '2' {
		area = 3
		if len(d) != 11 || d[1] == '1' && d[2] != '0' {
			return false
		}
	}
	return d[area] != '0'
}

// surely is the year of birth from which on the check digit of an ID card must
// be right. Order numbers are often a division code, today's date and four
// digits; whom such a number would name cannot yet write a complaint.
const surely = "2010"

// idCard gives the 18 characters of an ID card of 18 or 15. The division must
// be a province and the date of birth a date. A wrong check digit is a slip of
// the pen, and still names a person.
func idCard(d string) (string, bool) {
	switch {
	case len(d) == 15 && isProvince(d[:2]) && isMonthDay(d[8:12]):
		d = d[:6] + "19" + d[6:]
		return d + string(checkDigit(d)), true
	case len(d) != 18 || !isProvince(d[:2]) || !isMonthDay(d[10:14]):
		return "", false
	case d[6:8] == "19", d[6:8] == "20" && d[6:10] < surely:
		return d, true
	default:
		return d, d[6:8] == "20" && d[6:10] < "2100" && d[17] == checkDigit(d[:17])
	}
}

// isProvince reports whether two digits begin the division code of a province
// (GB/T 2260), of Taiwan, Hong Kong or Macao, or of a foreigner's card.
func isProvince(d string) bool {
	switch d[0] {
	case '1':
		return d[1] >= '1' && d[1] <= '5'
	case '2':
		return d[1] >= '1' && d[1] <= '3'
	case '3':
		return d[1] >= '1' && d[1] <= '7'
	case '4':
		return d[1] >= '1' && d[1] <= '6'
	case '5':
		return d[1] >= '0' && d[1] <= '4'
	case '6':
		return d[1] >= '1' && d[1] <= '5'
	case '7':
		return d[1] == '1'
	case '8':
		return d[1] >= '1' && d[1] <= '3'
	default:
		return d == "91"
	}
}

// checkDigit is the last character of an ID card from its first 17 digits (ISO
// 7064 MOD 11-2, as GB 11643-1999 has it).
func checkDigit(d string) byte {
	sum := 0
	for i := range 17 {
		sum = (sum*2 + int(d[i]-'0')) % 11
	}
	return "10X98765432"[sum*2%11]
}
