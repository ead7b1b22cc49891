package rules

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds on patterns: RE2 in ClickHouse gives up on what is larger than its
// memory, Go on what is larger than its own.
const (
	maxPattern     = 1000 // bytes
	maxRepeat      = 100  // in {n,m}
	maxPatternSize = 4000 // instructions that Go compiles it to
)

// patternProblem says what is wrong with a pattern, "" if nothing is. Both
// engines read RE2's syntax, but not the same edges of it, nor the same tables
// of Unicode; so a pattern has a closed list of forms, like all else here.
func patternProblem(pattern string) (message, help string) {
	if len(pattern) > maxPattern {
		return fmt.Sprintf("pattern longer than %d bytes", maxPattern), "use several contains"
	}
	if _, err := regexp.Compile(pattern); err != nil {
		return strings.TrimPrefix(err.Error(), "error parsing regexp: "), "patterns are RE2: no look-around, no back-references"
	}
	s := patternScanner{rest: strings.TrimPrefix(pattern, "(?i)"), start: true}
	for s.rest != "" && s.message == "" {
		s.next()
	}
	if s.start {
		s.refuse("an empty alternative (every text matches it)", "leave it out")
	}
	if s.message == "" && instructions(pattern) > maxPatternSize {
		s.refuse("pattern too large", "repeat less, or use several patterns")
	}
	return s.message, s.help
}

// instructions is the size of what Go compiles a pattern to.
func instructions(pattern string) int {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 0 // told before
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return maxPatternSize + 1
	}
	return len(prog.Inst)
}

// patternScanner goes over a pattern that Go has accepted, one form at a time.
type patternScanner struct {
	rest          string
	start         bool // of an alternative: nothing stands in it yet
	anchor        bool // the last form was ^, $ or \b
	message, help string
}

func (s *patternScanner) refuse(message, help string) {
	if s.message == "" {
		s.message, s.help = message+" is not in the language", help
	}
}

// take gives the first n bytes and goes on behind them.
func (s *patternScanner) take(n int) string {
	taken := s.rest[:n]
	s.rest = s.rest[n:]
	return taken
}

func (s *patternScanner) next() {
	started, anchored := s.start, s.anchor
	s.start, s.anchor = false, false
	switch c := s.rest[0]; c {
	case '|', ')':
		if started {
			s.refuse("an empty alternative (every text matches it)", "leave it out")
		}
		s.take(1)
		s.start = c == '|'
	case '(':
		s.group()
	case '[':
		s.class()
	case '\\':
		s.anchor = s.escape(`dDsSwWb`)
	case '^', '$':
		s.take(1)
		s.anchor = true
	case '*', '+', '?', '{':
		if anchored {
			s.refuse("a repeated ^, $ or \\b", "leave the repetition out")
		}
		s.repeat()
	default:
		s.take(1) // a character, or a byte of one
	}
}

// group opens ( or (?: ; the flags that differ between the engines are refused.
func (s *patternScanner) group() {
	s.take(1)
	s.start = true
	switch {
	case !strings.HasPrefix(s.rest, "?"):
	case strings.HasPrefix(s.rest, "?:"):
		s.take(2)
	case strings.HasPrefix(s.rest, "?P<") || strings.HasPrefix(s.rest, "?<"):
		s.refuse("a named group", "write ( )")
	default:
		s.refuse("a flag other than (?i) at the start", "a dot matches no newline, ^ and $ are the ends of the text; write (.|\\n) for any character")
	}
}

// escape takes a backslash and what it stands before; it says whether that is \b.
func (s *patternScanner) escape(letters string) (anchor bool) {
	c := s.take(2)[1] // Go refuses a lone backslash, and one before a character that is not ASCII
	if isWord(c) && strings.IndexByte(letters+"ntr_", c) < 0 {
		s.refuse(`\`+string(rune(c)), escapeHelp(c))
	}
	return c == 'b'
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func escapeHelp(c byte) string {
	switch c {
	case 'B':
		return `RE2 finds it within a character of several bytes, Go does not; name the characters around: \w{2}`
	case 'p', 'P':
		return "the engines know different versions of Unicode; write a range: [一-鿿]"
	case 'A':
		return "write ^"
	case 'z', 'Z':
		return "write $"
	case 'Q', 'E':
		return `put \ before each sign`
	}
	return "write the character itself"
}

// class takes [...]: characters, ranges, and \d \s \w.
func (s *patternScanner) class() {
	s.take(1)
	if strings.HasPrefix(s.rest, "^") {
		s.take(1)
	}
	for first := true; ; first = false {
		switch c := s.rest[0]; {
		case c == ']' && !first:
			s.take(1)
			return
		case c == '[' || c == ']':
			s.refuse("[ or ] within a class", `put \ before it; for [:digit:] write 0-9`)
			s.take(1)
		case c == '\\':
			s.escape(`dDsSwW`)
		default:
			s.take(1)
		}
	}
}

// repeat takes * + ? or {n,m}, and the ? of a lazy one, which changes nothing here.
func (s *patternScanner) repeat() {
	if s.rest[0] != '{' {
		s.take(1)
	} else {
		s.counted()
	}
	if strings.HasPrefix(s.rest, "?") {
		s.refuse("a lazy repetition", "leave the second ? out: whether a text matches is the same")
	}
}

func (s *patternScanner) counted() {
	end := strings.IndexByte(s.rest, '}')
	if end < 0 {
		s.refuse("{ as a character", `write \{`)
		s.take(1)
		return
	}
	low, high, ranged := strings.Cut(strings.Trim(s.take(end+1), "{}"), ",")
	n, err := strconv.Atoi(low)
	if ranged && high != "" && err == nil {
		n, err = strconv.Atoi(high)
	}
	switch {
	case err != nil:
		s.refuse("{ as a character", `write \{`)
	case n == 0:
		s.refuse("a repetition of zero times", "leave it out")
	case n > maxRepeat:
		s.refuse(fmt.Sprintf("a repetition of more than %d times", maxRepeat), "repeat less")
	}
}

// enginePattern is a pattern as ClickHouse has to be given it to find what Go
// finds. There a dot matches a newline unless (?-s) says no. And before RE2 runs
// it looks for the part of the pattern that stands literally; of a character
// before ? or * it takes away one byte where it should take away them all, so
// 几十?户 would never be found in 几户. In a class the character is not taken for
// a literal.
func enginePattern(pattern string) string {
	var b strings.Builder
	b.WriteString("(?-s)")
	class, escaped := false, false
	for i, r := range pattern {
		next := pattern[i+utf8.RuneLen(r):]
		switch {
		case escaped:
			escaped = false
		case r == '\\':
			escaped = true
		case r == '[':
			class = true
		case r == ']':
			class = false
		case r >= utf8.RuneSelf && !class && next != "" && strings.IndexByte("?*+{", next[0]) >= 0:
			b.WriteString("[" + string(r) + "]")
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
