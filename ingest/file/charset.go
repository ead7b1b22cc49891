package file

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/transform"

	"yujing/ingest"
)

const (
	bom      = "\xef\xbb\xbf"
	utf8Name = "utf-8"
	gbName   = "gb18030"
)

// charset decodes the records of one file. The encoding is the one that most
// of the first lines with a Chinese character have; a record in the other one
// is told, not guessed at.
type charset struct {
	name string // "" until it is decided
	gb   *encoding.Decoder
	buf  []byte
}

// decode gives a record as UTF-8. ahead is what is read of the file from the
// record on: it decides the encoding at the first record that is not ASCII.
func (c *charset) decode(raw, ahead []byte) (string, *ingest.Fault) {
	if ascii(raw) {
		return string(raw), nil
	}
	if c.name == "" {
		c.name = c.vote(ahead)
	}
	if c.name == utf8Name {
		if utf8.Valid(raw) {
			return string(raw), nil
		}
		if _, ok := c.fromGB(raw); ok {
			return "", mixed("GB18030", "UTF-8")
		}
		return "", noText()
	}
	if surelyUTF8(raw) {
		return "", mixed("UTF-8", "GB18030")
	}
	text, ok := c.fromGB(raw)
	if !ok {
		return "", noText()
	}
	return text, nil
}

func mixed(record, file string) *ingest.Fault {
	return &ingest.Fault{Reason: "the record is in " + record + ", the file in " + file, Remedy: "save the whole file in one encoding and import it again; or run: yujing rejects retry, which reads the record by itself"}
}

func noText() *ingest.Fault {
	return &ingest.Fault{Reason: "the record is no text in UTF-8 or GB18030", Remedy: "save the file as UTF-8 and import it again"}
}

// vote looks at the lines with a byte that is not ASCII.
func (c *charset) vote(ahead []byte) string {
	utf, gb := 0, 0
	for line := range bytes.Lines(ahead) {
		switch {
		case ascii(line):
		case utf8.Valid(line):
			utf++
		default:
			if _, ok := c.fromGB(bytes.TrimRight(line, "\r\n")); ok {
				gb++
			}
		}
	}
	if gb > utf {
		return gbName
	}
	return utf8Name
}

// gbReplacement is U+FFFD in GB18030: a text that an earlier program damaged
// holds it rightly, and is not damaged anew.
const gbReplacement = "\x84\x31\xa4\x37"

// fromGB decodes GB18030; ok is false if it is none.
func (c *charset) fromGB(raw []byte) (string, bool) {
	if c.gb == nil {
		c.gb = simplifiedchinese.GB18030.NewDecoder()
	}
	if need := 3*len(raw) + 16; len(c.buf) < need {
		c.buf = make([]byte, need)
	}
	c.gb.Reset()
	n, _, err := c.gb.Transform(c.buf, raw, true)
	if err != nil && err != transform.ErrEndOfSpan || bytes.Count(c.buf[:n], []byte("\uFFFD")) > bytes.Count(raw, []byte(gbReplacement)) {
		return "", false
	}
	return string(c.buf[:n]), true
}

// surelyUTF8 says that bytes are UTF-8 and not GB18030 that happens to be
// valid: four or more characters of three bytes do not happen.
func surelyUTF8(raw []byte) bool {
	if !utf8.Valid(raw) {
		return false
	}
	long := 0
	for _, r := range string(raw) {
		if r >= 0x800 {
			long++
		}
	}
	return long >= 4
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}
