package privacy

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// phoneLike tells a phone number from a list of numbers that adds up to as many
// digits: house numbers (13、15、17号), an amount, a row of ordinals.
func phoneLike(runs []run, normal string) bool {
	if len(runs) == 1 || normal[0] == '0' {
		return true
	}
	widest, narrowest, list := 0, mostDigits, false
	for i, r := range runs {
		widest = max(widest, len(r.digits))
		if i < len(runs)-1 {
			narrowest = min(narrowest, len(r.digits)) // the last group may be a rest
		}
		list = list || i > 0 && strings.ContainsAny(r.sep, ",，、､/／")
	}
	switch {
	case widest == 1:
		return true // 1 3 9 0 5 7 1 1 2 3 4
	case list:
		return widest >= 4 && len(runs[0].digits) >= 2
	default:
		return widest >= 3 || widest == 2 && narrowest == 2
	}
}

// isAmount reports whether the groups are thousands, such as 138,000,000.00.
func isAmount(runs []run) bool {
	n := len(runs)
	if n > 2 && isPoint(runs[n-1].sep) {
		n--
	}
	if n < 2 || len(runs[0].digits) > 3 {
		return false
	}
	for _, r := range runs[1:n] {
		if r.sep != "," && r.sep != "，" || len(r.digits) != 3 {
			return false
		}
	}
	return true
}

// isDecimal reports whether two groups are a number with a decimal point, such
// as an amount of 158000000.00 or a longitude of 130.28463512.
func isDecimal(runs []run) bool {
	return len(runs) == 2 && isPoint(runs[1].sep) && runs[0].digits[0] != '0'
}

func isPoint(sep string) bool { return sep == "." || sep == "．" }

// exponent undoes what a spreadsheet does to a long number: 1.3905711234E10 is
// 13905711234. whole has all digits; end is how many bytes of rest are the exponent.
func exponent(rest string, runs []run) (whole string, end int, ok bool) {
	if len(runs) != 2 || !isPoint(runs[1].sep) || len(runs[0].digits) != 1 {
		return "", 0, false
	}
	power, ok := cutAny(rest, "E", "e", "Ｅ", "ｅ")
	if !ok {
		return "", 0, false
	}
	power, _ = cutAny(power, "+", "＋")
	number := leadingDigits(power)
	if next, _ := utf8.DecodeRuneInString(power[len(number):]); isArabic(next) {
		return "", 0, false
	}
	mantissa := runs[0].digits + runs[1].digits
	zeros := atoi(number) + 1 - len(mantissa)
	if number == "" || zeros < 0 || zeros > mostDigits-fewestDigits {
		return "", 0, false
	}
	return mantissa + strings.Repeat("0", zeros), len(rest) - len(power) + len(number), true
}

// isLocal reports whether digits may be a local number, without its area code.
func isLocal(digits string) bool {
	return (len(digits) == 7 || len(digits) == 8 && !isDay(digits)) && digits[0] >= '2' && digits[0] <= '8'
}

// isDay reports whether eight digits are a day of our time, yyyymmdd.
func isDay(d string) bool {
	return (d[:2] == "19" || d[:2] == "20") && isMonthDay(d[4:8])
}

func isMonthDay(d string) bool {
	m, day := atoi(d[:2]), atoi(d[2:])
	return m >= 1 && m <= 12 && day >= 1 && day <= 31
}

// announced reports whether the text says that a phone number comes now.
func announced(before string) bool {
	before = strings.TrimRight(before, " \u00a0\u3000:：=（(-")
	before = cutEnd(before, "是", "为")
	before = cutEnd(before, "号码", "号")
	return cutEnd(before, "电话", "座机", "固话", "手机", "tel", "Tel", "TEL", "☎") != before
}

// cutEnd removes the first of some endings that text has.
func cutEnd(text string, ends ...string) string {
	for _, end := range ends {
		if cut, ok := strings.CutSuffix(text, end); ok {
			return cut
		}
	}
	return text
}

// cutAny removes the first of some beginnings that text has.
func cutAny(text string, heads ...string) (string, bool) {
	for _, head := range heads {
		if cut, ok := strings.CutPrefix(text, head); ok {
			return cut, true
		}
	}
	return text, false
}

// emails finds the e-mail addresses of a text.
func emails(text string) []found {
	var all []found
	done := 0
	for i, r := range text {
		if r != '@' && r != '＠' || i < done {
			continue
		}
		size := utf8.RuneLen(r)
		from := i - tailLen(text[done:i], mailRune)
		to := i + size + headLen(text[i+size:], mailRune)
		to = from + len(strings.TrimRight(text[from:to], ".-_%+"))
		host := text[min(i+size, to):to]
		if from == i || !strings.Contains(strings.Trim(host, "."), ".") {
			continue
		}
		all = append(all, found{from: from, to: to, token: Email, normal: strings.ToLower(text[from:to])})
		done = to
	}
	return all
}

// mailRune reports whether a rune may stand in an address: no Chinese, no full width but the @.
func mailRune(r rune) bool {
	return letter(r) || r >= '0' && r <= '9' || strings.ContainsRune(".-_%+", r)
}

// headLen and tailLen count the bytes at the head or tail of a text for which is holds.
func headLen(text string, is func(rune) bool) int {
	return len(text) - len(strings.TrimLeftFunc(text, is))
}

func tailLen(text string, is func(rune) bool) int {
	return len(text) - len(strings.TrimRightFunc(text, is))
}

func leadingDigits(s string) string {
	return s[:headLen(s, func(r rune) bool { return r >= '0' && r <= '9' })]
}

// atoi reads a short number; what is none is 0.
func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
