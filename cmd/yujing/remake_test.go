package main

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// remake HOW FROM TO [MORE] writes a feed's file in another guise: what
// upstream systems, or what went wrong on the way, make of the same records.
func remake(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: remake gzip|gb18030|bom|xlsx|shuffled|halves|cut FROM TO [MORE]")
	}
	how, text, to := args[0], []byte(ts.ReadFile(args[1])), ts.MkAbs(args[2])
	write := func(name string, data []byte) { ts.Check(os.WriteFile(name, data, 0o600)) }
	switch how {
	case "gzip":
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		for line := range bytes.Lines(text) { // many blocks, as a large file has: what is before a cut can be read
			_, err := z.Write(line)
			ts.Check(err)
			ts.Check(z.Flush())
		}
		ts.Check(z.Close())
		write(to, b.Bytes())
	case "gb18030":
		out, err := simplifiedchinese.GB18030.NewEncoder().Bytes(text)
		ts.Check(err)
		write(to, out)
	case "bom":
		write(to, append([]byte("\xef\xbb\xbf"), text...))
	case "xlsx": // MORE is the name of the sheet
		write(to, workbook(ts, text, args[3]))
	case "shuffled": // MORE is the seed
		header, rows := csvLines(text)
		seed, err := strconv.ParseUint(args[3], 10, 64)
		ts.Check(err)
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		write(to, csvFile(header, rows))
	case "halves": // MORE takes the second half
		header, rows := csvLines(text)
		write(to, csvFile(header, rows[:len(rows)/2]))
		write(ts.MkAbs(args[3]), csvFile(header, rows[len(rows)/2:]))
	case "cut": // MORE is how many bytes are left
		n, err := strconv.Atoi(args[3])
		ts.Check(err)
		write(to, text[:n])
	default:
		ts.Fatalf("remake: unknown way %q", how)
	}
}

// workbook holds the fields of a CSV as texts in one sheet.
func workbook(ts *testscript.TestScript, text []byte, sheet string) []byte {
	book := excelize.NewFile()
	defer book.Close()
	ts.Check(book.SetSheetName("Sheet1", sheet))
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	ts.Check(err)
	for i, row := range rows {
		ts.Check(book.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &row))
	}
	var b bytes.Buffer
	ts.Check(book.Write(&b))
	return b.Bytes()
}

// csvLines parts the header from the rows; no field of a fixture spans lines.
func csvLines(text []byte) (header []byte, rows [][]byte) {
	lines := bytes.Split(bytes.TrimRight(text, "\n"), []byte("\n"))
	return lines[0], lines[1:]
}

func csvFile(header []byte, rows [][]byte) []byte {
	return append(bytes.Join(append([][]byte{header}, rows...), []byte("\n")), '\n')
}
