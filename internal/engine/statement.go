package engine

import "strings"

// statement is what the shim must know of a statement before it hands it to the engine. The engine parses it properly;
// where this reading is unsure it errs towards the slower way.
type statement struct {
	verb     string // first word in upper case: SELECT, INSERT, ...; "" if there is none
	readOnly bool   // it only reads: the statement may be run again
	leaves   bool   // it leaves something in the connection (SET, USE, temporary table), which must then not be reused
	multiple bool   // a second statement follows
	totals   bool   // WITH TOTALS
	format   string // name after the last FORMAT, of a statement that is no INSERT

	insert insertion
}

// insertion describes INSERT INTO ... FORMAT name data: the data is everything from byte dataAt on.
type insertion struct {
	piped  bool   // the data is in a format; false for INSERT ... SELECT and INSERT ... VALUES
	head   string // INSERT INTO t (columns) SETTINGS ...
	format string // "" if none is named and the data is yet to come
	dataAt int
}

// parse reads a statement. Of an INSERT it reads the head only, never the data.
func parse(sql string) statement {
	var s statement
	scan := scanner{sql: sql}
	tok := scan.next()
	for tok.kind == tokenPunct && tok.text == "(" {
		tok = scan.next()
	}
	if tok.kind != tokenWord {
		return s
	}
	s.verb = strings.ToUpper(tok.text)
	switch s.verb {
	case "INSERT":
		s.insert = scan.insertion()
		return s
	case "SET", "USE", "ATTACH", "BEGIN", "COMMIT", "ROLLBACK":
		s.leaves = true
	case "SELECT", "WITH", "FROM", "SHOW", "DESC", "DESCRIBE", "EXISTS", "EXPLAIN", "CHECK", "VALUES":
		s.readOnly = true
	}
	scan.rest(&s)
	return s
}

// selects reports whether the library might stream the statement.
func (s statement) selects() bool {
	return s.verb == "SELECT" || s.verb == "WITH" || s.verb == "FROM"
}

// rest looks through the statement after its verb for what may follow anywhere.
func (sc *scanner) rest(s *statement) {
	ended := false
	for before := ""; ; {
		tok := sc.next()
		if tok.kind == tokenEnd {
			return
		}
		if ended {
			s.multiple = true
			return
		}
		word := ""
		switch {
		case tok.kind == tokenPunct && tok.text == ";":
			ended = true
		case tok.kind == tokenWord:
			word = strings.ToUpper(tok.text)
			switch {
			case before == "FORMAT":
				s.format = tok.text
			case word == "INSERT" && s.verb == "WITH", word == "OUTFILE" && before == "INTO":
				s.readOnly = false
			case word == "TOTALS":
				s.totals = true
			case word == "TEMPORARY" && s.verb == "CREATE":
				s.leaves = true
			}
		}
		before = word
	}
}

// insertion reads on after INSERT up to the data or the SELECT.
func (sc *scanner) insertion() insertion {
	depth := 0
	for {
		tok := sc.next()
		switch tok.kind {
		case tokenEnd:
			return insertion{piped: true, head: strings.TrimSpace(sc.sql), dataAt: len(sc.sql)}
		case tokenPunct:
			switch tok.text {
			case "(":
				depth++
			case ")":
				depth--
			case ";":
				return insertion{piped: true, head: strings.TrimSpace(sc.sql[:tok.at]), dataAt: len(sc.sql)}
			}
		case tokenWord:
			if depth > 0 {
				continue
			}
			switch strings.ToUpper(tok.text) {
			case "VALUES", "SELECT", "WITH", "FROM", "WATCH":
				return insertion{}
			case "FORMAT":
				head := strings.TrimSpace(sc.sql[:tok.at])
				name := sc.next()
				if strings.EqualFold(name.text, "Values") {
					return insertion{}
				}
				return insertion{piped: true, head: head, format: name.text, dataAt: dataStart(sc.sql, sc.at)}
			}
		}
	}
}

// dataStart skips blanks and one line end between the name of the format and the data, as ClickHouse does.
func dataStart(sql string, at int) int {
	for at < len(sql) && (sql[at] == ' ' || sql[at] == '\t' || sql[at] == '\r' || sql[at] == ';') {
		at++
	}
	if at < len(sql) && sql[at] == '\n' {
		at++
	}
	return at
}

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenQuoted // 'text', "name", `name`, $tag$text$tag$
	tokenPunct
)

type token struct {
	kind tokenKind
	text string
	at   int
}

// scanner splits SQL into tokens, leaving out comments.
type scanner struct {
	sql string
	at  int
}

func (sc *scanner) next() token {
	for sc.skipSpace() || sc.skipComment() {
	}
	start := sc.at
	if start >= len(sc.sql) {
		return token{kind: tokenEnd, at: start}
	}
	kind := tokenPunct
	switch c := sc.sql[start]; {
	case c == '\'' || c == '"' || c == '`':
		kind = tokenQuoted
		sc.skipQuoted(c)
	case c == '$' && sc.skipHeredoc():
		kind = tokenQuoted
	case isWordByte(c):
		kind = tokenWord
		for sc.at < len(sc.sql) && isWordByte(sc.sql[sc.at]) {
			sc.at++
		}
	default:
		sc.at++
	}
	return token{kind: kind, text: sc.sql[start:sc.at], at: start}
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

func (sc *scanner) skipSpace() bool {
	start := sc.at
	for sc.at < len(sc.sql) && strings.IndexByte(" \t\n\r\f\v", sc.sql[sc.at]) >= 0 {
		sc.at++
	}
	return sc.at > start
}

func (sc *scanner) skipComment() bool {
	rest := sc.sql[sc.at:]
	switch {
	case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "#!"), strings.HasPrefix(rest, "# "):
		sc.skipPast("\n", 0)
	case strings.HasPrefix(rest, "/*"):
		sc.skipPast("*/", 2)
	default:
		return false
	}
	return true
}

// skipPast moves behind the next mark that starts at least skip bytes on, or to the end.
func (sc *scanner) skipPast(mark string, skip int) {
	found := strings.Index(sc.sql[sc.at+skip:], mark)
	if found < 0 {
		sc.at = len(sc.sql)
		return
	}
	sc.at += skip + found + len(mark)
}

func (sc *scanner) skipQuoted(quote byte) {
	for sc.at++; sc.at < len(sc.sql); sc.at++ {
		switch sc.sql[sc.at] {
		case '\\':
			sc.at++
		case quote: // a doubled quote reads as two quoted tokens, which is as good
			sc.at++
			return
		}
	}
	sc.at = len(sc.sql)
}

func (sc *scanner) skipHeredoc() bool {
	length := strings.IndexByte(sc.sql[sc.at+1:], '$')
	if length < 0 {
		return false
	}
	tag := sc.sql[sc.at : sc.at+length+2]
	for i := 1; i < len(tag)-1; i++ {
		if !isWordByte(tag[i]) {
			return false
		}
	}
	if !strings.Contains(sc.sql[sc.at+len(tag):], tag) {
		return false
	}
	sc.skipPast(tag, len(tag))
	return true
}
