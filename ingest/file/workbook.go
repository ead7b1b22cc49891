package file

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"yujing/ingest"
	"yujing/internal/privacy"
)

// A workbook (.xlsx, ECMA-376) is a zip of XML. We read it ourselves, as a
// stream and without temporary files: the libraries give a cell as it is
// displayed, from which 3/4/26 cannot be told, and unpack identities to disk.

// mostUnzipped bounds what is held in memory of a workbook: its shared texts,
// or the whole of one that is gzipped once more.
const mostUnzipped = 1 << 30

func (f *Feed) openWorkbook(file *os.File, in *bufio.Reader, zipped bool) (ingest.Reader, error) {
	var data io.ReaderAt = file
	var size int64
	if zipped {
		all, err := io.ReadAll(io.LimitReader(in, mostUnzipped))
		if err != nil {
			return nil, cutShort(err)
		}
		data, size = bytes.NewReader(all), int64(len(all))
	} else {
		info, err := file.Stat()
		if err != nil {
			return nil, err
		}
		size = info.Size()
	}
	z, err := zip.NewReader(data, size)
	if err != nil {
		return nil, &ingest.Fault{Reason: "is no workbook (.xlsx), or it is cut short", Remedy: "fetch it again, or open it in Excel or WPS and save it as .xlsx"}
	}
	w := &workbook{parts: map[string]*zip.File{}}
	for _, part := range z.File {
		w.parts[strings.TrimPrefix(part.Name, "/")] = part
	}
	sheet, err := w.open(f.Sheet)
	if err != nil {
		return nil, err
	}
	sheet.closer, sheet.size = file, size
	return sheet, nil
}

// workbook is the parts of a workbook that its sheets share.
type workbook struct {
	parts  map[string]*zip.File
	texts  []string
	dates  []bool // by cell style: does it show a date or a time?
	from04 bool   // dates count from 1904
}

// open finds a sheet ("" = the first) and what it needs.
func (w *workbook) open(name string) (*sheetReader, error) {
	target, err := w.find(name)
	if err != nil {
		return nil, err
	}
	if err := w.readTexts(); err != nil {
		return nil, err
	}
	if err := w.readStyles(); err != nil {
		return nil, err
	}
	part, ok := w.parts[target]
	if !ok {
		return nil, noWorkbook(fmt.Errorf("part %s is missing", target))
	}
	in, err := part.Open()
	if err != nil {
		return nil, noWorkbook(err)
	}
	return &sheetReader{book: w, part: in, xml: xml.NewDecoder(bufio.NewReaderSize(in, 1<<16))}, nil
}

func noWorkbook(err error) error {
	return &ingest.Fault{Reason: "is no complete workbook (.xlsx): " + privacy.Mask(err.Error()), Remedy: "open it in Excel or WPS and save it as .xlsx"}
}

// find gives the part that holds a sheet.
func (w *workbook) find(name string) (string, error) {
	var book struct {
		Properties struct {
			From04 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
			Also string `xml:"http://purl.oclc.org/ooxml/officeDocument/relationships id,attr"` // strict workbooks
		} `xml:"sheets>sheet"`
	}
	if err := w.decode("xl/workbook.xml", &book); err != nil {
		return "", err
	}
	w.from04 = book.Properties.From04 == "1" || book.Properties.From04 == "true"
	var names []string
	for _, s := range book.Sheets {
		names = append(names, s.Name)
		if name == "" || strings.TrimSpace(s.Name) == name {
			return w.related(s.ID + s.Also)
		}
	}
	return "", &ingest.Fault{Reason: fmt.Sprintf("no sheet %q in the workbook; there are: %s", name, privacy.Mask(strings.Join(names, ", "))),
		Remedy: "rename the sheet, or correct sheet: in the source's definition"}
}

func (w *workbook) related(id string) (string, error) {
	var list struct {
		Of []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := w.decode("xl/_rels/workbook.xml.rels", &list); err != nil {
		return "", err
	}
	for _, r := range list.Of {
		if r.ID != id {
			continue
		}
		if strings.HasPrefix(r.Target, "/") {
			return r.Target[1:], nil
		}
		return path.Join("xl", r.Target), nil
	}
	return "", noWorkbook(errors.New("a sheet has no part"))
}

// readTexts reads the texts that cells refer to by number.
func (w *workbook) readTexts() error {
	part, ok := w.parts["xl/sharedStrings.xml"]
	if !ok {
		return nil
	}
	in, err := part.Open()
	if err != nil {
		return noWorkbook(err)
	}
	defer in.Close()
	d := xml.NewDecoder(io.LimitReader(bufio.NewReaderSize(in, 1<<16), mostUnzipped))
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return noWorkbook(err)
		}
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "si" {
			text, err := richText(d, "si")
			if err != nil {
				return noWorkbook(err)
			}
			w.texts = append(w.texts, text)
		}
	}
}

// richText joins the runs of a text; how it is read aloud (rPh) is left out.
func richText(d *xml.Decoder, end string) (string, error) {
	var text strings.Builder
	within, aloud := false, false
	for {
		t, err := d.RawToken()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			within = t.Name.Local == "t"
			aloud = aloud || t.Name.Local == "rPh"
		case xml.CharData:
			if within && !aloud {
				text.Write(t)
			}
		case xml.EndElement:
			within = false
			if t.Name.Local == "rPh" {
				aloud = false
			}
			if t.Name.Local == end {
				return unescape(text.String()), nil
			}
		}
	}
}

// readStyles learns which cell styles show a date.
func (w *workbook) readStyles() error {
	if _, ok := w.parts["xl/styles.xml"]; !ok {
		return nil
	}
	var styles struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := w.decode("xl/styles.xml", &styles); err != nil {
		return err
	}
	own := map[int]bool{}
	for _, f := range styles.Formats {
		own[f.ID] = showsDate(f.Code)
	}
	for _, c := range styles.Cells {
		date, defined := own[c.Format]
		if !defined {
			date = builtinDate(c.Format)
		}
		w.dates = append(w.dates, date)
	}
	return nil
}

// builtinDate lists the number formats that show a date or a time without a
// code in the file (ECMA-376 18.8.30, with those of Chinese, Japanese, Korean).
func builtinDate(id int) bool {
	return id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58
}

// showsDate says whether a format code has a year, month, day, hour or second
// outside of quotes, escapes and colours. [h]:mm counts hours; [Red] and
// [$-804] are no dates.
func showsDate(code string) bool {
	quoted := false
	code = strings.ToLower(code)
	for i := 0; i < len(code); i++ {
		switch c := code[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '\\' || c == '_' || c == '*':
			i++
		case c == '[':
			within, _, _ := strings.Cut(code[i+1:], "]")
			if within != "" && strings.Trim(within, "hms") == "" {
				return true
			}
			i += len(within) + 1
		case strings.IndexByte("ymdhs", c) >= 0:
			return true
		}
	}
	return false
}

func (w *workbook) decode(name string, into any) error {
	part, ok := w.parts[name]
	if !ok {
		return noWorkbook(fmt.Errorf("part %s is missing", name))
	}
	in, err := part.Open()
	if err != nil {
		return noWorkbook(err)
	}
	defer in.Close()
	if err := xml.NewDecoder(io.LimitReader(in, mostUnzipped)).Decode(into); err != nil {
		return noWorkbook(err)
	}
	return nil
}
