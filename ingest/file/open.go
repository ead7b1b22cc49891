package file

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/text/encoding/unicode"

	"yujing/ingest"
)

// Open begins to read a file. A *ingest.Fault says why it cannot be read.
func (f *Feed) Open(name string) (ingest.Reader, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	r, err := f.open(file)
	if err != nil {
		file.Close()
		return nil, err
	}
	return r, nil
}

// counted counts the bytes taken from the disk.
type counted struct {
	io.Reader
	n int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

func (f *Feed) open(file *os.File) (ingest.Reader, error) {
	disk := &counted{Reader: file}
	in := bufio.NewReaderSize(disk, 1<<16)
	zipped := startsWith(in, "\x1f\x8b")
	if zipped {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, cutShort(err)
		}
		in = bufio.NewReaderSize(z, 1<<16)
	}
	format, err := f.format(in)
	if err != nil {
		return nil, err
	}
	if format == xlsxFormat {
		return f.openWorkbook(file, in, zipped)
	}
	lines := newLines(file, disk, plainText(in), f.Encoding)
	if format == jsonFormat {
		return &jsonReader{lines: lines}, nil
	}
	return &csvReader{lines: lines, dialect: f.dialect(format)}, nil
}

// plainText turns the UTF-16 that Excel calls "Unicode text" into UTF-8.
func plainText(in *bufio.Reader) io.Reader {
	if startsWith(in, "\xff\xfe") || startsWith(in, "\xfe\xff") {
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(in)
	}
	return in
}

func startsWith(in *bufio.Reader, mark string) bool {
	head, _ := in.Peek(len(mark))
	return string(head) == mark
}

// format compares what the file is with what the source expects.
func (f *Feed) format(in *bufio.Reader) (string, error) {
	found, err := sniff(in)
	if err != nil {
		return "", err
	}
	switch {
	case f.Format == "":
		return found, nil
	case f.Format == xlsxFormat && found != xlsxFormat:
		return "", &ingest.Fault{Reason: "is no workbook (.xlsx), it only may be called so", Remedy: "open it in Excel or WPS and save it as .xlsx"}
	case f.Format != xlsxFormat && found == xlsxFormat:
		return "", &ingest.Fault{Reason: "is a workbook (.xlsx), the source sends " + f.Format, Remedy: "save it as " + f.Format + ", or correct format: in the source's definition"}
	}
	return f.Format, nil
}

// sniff tells a format by a file's first bytes.
func sniff(in *bufio.Reader) (string, error) {
	head, err := in.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", cutShort(err)
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte(bom)), " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return xlsxFormat, nil
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return "", &ingest.Fault{Reason: "is an old .xls workbook, or one with a password", Remedy: "save it as .xlsx without a password"}
	case bytes.HasPrefix(text, []byte("<")):
		return "", &ingest.Fault{Reason: "is a web page or XML, whatever its name says", Remedy: "open it in Excel or WPS and save it as .xlsx or .csv"}
	case bytes.HasPrefix(text, []byte("{")):
		return jsonFormat, nil
	}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	if bytes.Count(first, []byte("\t")) > bytes.Count(first, []byte(",")) {
		return tsvFormat, nil
	}
	return csvFormat, nil
}

// cutShort says of a read error what it means to a person.
func cutShort(err error) error {
	var fault *ingest.Fault
	switch {
	case err == nil || errors.Is(err, io.EOF) || errors.As(err, &fault):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &ingest.Fault{Reason: "the file is cut short: its compressed data ends early", Remedy: "fetch it again and import it; what was read before is stored"}
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return &ingest.Fault{Reason: "the file's compressed data is damaged", Remedy: "fetch it again and import it; what was read before is stored"}
	}
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err // the name may hold an identity
	}
	return &ingest.Fault{Reason: fmt.Sprintf("cannot be read: %v", err), Remedy: "fetch it again and import it; what was read before is stored"}
}
