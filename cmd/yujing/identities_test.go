package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// canary is a word in every planted text that is no identity: the search must
// find it, or it searches where nothing lies.
const canary = "金丝雀矿井"

// Ten thousand identities in ten spellings, in every field of the shipped
// feeds, mapped or not, in names of files, sheets and columns, in records that
// are rejected and in files that are broken: after an import and a run of the
// daemon none is left anywhere, in the store or beside it. The same journey of
// a program that does not mask leaves them everywhere, so the search can fail.
func TestNoIdentityIsKept(t *testing.T) {
	t.Run("masking on", func(t *testing.T) {
		t.Parallel()
		left := identitiesLeft(t, itself(t), 10_000)
		for _, where := range slices.Sorted(maps.Keys(left)) {
			t.Errorf("%s: %d identities, such as %v", where, len(left[where]), left[where][:min(3, len(left[where]))])
		}
	})
	t.Run("masking off", func(t *testing.T) {
		t.Parallel()
		left := identitiesLeft(t, unmasked(t), 1_000)
		for _, where := range []string{"signals.text", "signals.subject", "signals.ref", "rejects.masked", "rejects.reason", "rejects.file",
			"assessments.ref", "alert_events.detail", "files of the store", "outbox", "said"} {
			t.Logf("%s: %d identities", where, len(left[where]))
			if len(left[where]) == 0 {
				t.Errorf("nothing found in %s, though nothing was masked", where)
			}
		}
	})
}

// unmasked builds the program with one line changed: no text is suspicious.
// What is shipped has no switch for that.
func unmasked(t *testing.T) string {
	t.Helper()
	source, err := filepath.Abs("../../internal/privacy/mask.go")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	const door = "if !suspicious(text) {"
	if bytes.Count(text, []byte(door)) != 1 {
		t.Fatalf("%s: %q is no longer the one way into masking; adapt this test", source, door)
	}
	dir := t.TempDir()
	open, overlay, program := filepath.Join(dir, "mask.go"), filepath.Join(dir, "overlay.json"), filepath.Join(dir, "unmasked")
	replaced, err := json.Marshal(map[string]map[string]string{"Replace": {source: open}})
	if err != nil {
		t.Fatal(err)
	}
	for path, data := range map[string][]byte{open: bytes.Replace(text, []byte(door), []byte("if true {"), 1), overlay: replaced} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("go", "build", "-overlay", overlay, "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("build without masking: %v\n%s", err, out)
	}
	return program
}

// identitiesLeft takes so many identities through the whole program and says
// where some were found afterwards.
func identitiesLeft(t *testing.T, path string, identities int) map[string][]string {
	p := newProgram(t, path)
	p.deploy("http: {listen: '127.0.0.1:0'}\nscoring: {schedule: '*/2 * * * * *'}\n")
	p.uncompress()
	feeds := &feeds{p: p, planter: newPlanter(7), in: t.TempDir(), now: time.Now()}
	for _, source := range []string{"hotline-12345", "bureau", "online"} {
		if _, code := p.run(append([]string{"import", "--source", source, "--verbose"}, feeds.some(source, identities/6)...)...); code != exitProblems {
			t.Errorf("import of %s: exit code %d, but some records are bad", source, code)
		}
	}
	p.daemon(func(address string) {
		for _, source := range []string{"hotline-12345", "bureau", "online"} {
			feeds.drop(source, feeds.some(source, identities/6))
		}
		p.settled("var")
		p.write("said/metrics", p.get("http://"+address+"/metrics"))
		p.write("said/readyz", p.get("http://"+address+"/readyz"))
	}, "--verbose")
	if made := feeds.planter.made; made < identities {
		t.Fatalf("only %d identities were planted", made)
	}
	p.everyReport()
	return p.search(feeds.planter.finder)
}

// uncompress makes the store and then has every column of it written as it is.
func (p *program) uncompress() {
	p.t.Helper()
	changes := map[string][]string{}
	for _, c := range p.sql("SELECT table, name, type FROM system.columns WHERE database = currentDatabase() ORDER BY table, position") {
		changes[c[0]] = append(changes[c[0]], fmt.Sprintf("MODIFY COLUMN %s %s CODEC(NONE)", c[1], strings.ReplaceAll(c[2], `\'`, `'`)))
	}
	for table, all := range changes {
		p.fine("sql", "--write", "ALTER TABLE "+table+" "+strings.Join(all, ", "))
	}
}

// everyReport asks everything that a person may ask.
func (p *program) everyReport() {
	p.t.Helper()
	p.run("score", "--json")
	p.run("alerts", "--json", "--all")
	p.run("alerts")
	p.run("rejects", "list")
	rejects, _ := p.run("rejects", "list", "--json")
	for line := range bytes.Lines(rejects[:min(len(rejects), 4000)]) {
		var r struct{ ID string }
		if json.Unmarshal(line, &r) == nil {
			p.run("rejects", "show", r.ID)
		}
	}
	p.run("rejects", "retry")
	for _, row := range p.sql("SELECT lower(leftPad(hex(case_id), 16, '0')) FROM signals GROUP BY case_id ORDER BY count() DESC LIMIT 3") {
		p.run("explain", row[0])
		p.run("explain", row[0], "--json")
	}
}

// search looks for identities, and for the canary, in the store through the
// engine and in every file below the program's directory.
func (p *program) search(f finder) map[string][]string {
	p.t.Helper()
	left, canaries, searched := map[string][]string{}, map[string]int{}, 0
	look := func(where string, data []byte) {
		searched += len(data)
		if found := f.in(data); len(found) > 0 {
			left[where] = append(left[where], found...)
		}
		canaries[where] += bytes.Count(data, []byte(canary))
	}
	for where, text := range p.texts() {
		look(where, text)
	}
	if packed := p.sql("SELECT table, name FROM system.columns WHERE database = currentDatabase() AND data_compressed_bytes < data_uncompressed_bytes"); len(packed) > 0 {
		p.t.Errorf("columns that are compressed all the same: %v", packed)
	}
	err := filepath.WalkDir(p.dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		name, _ := filepath.Rel(p.dir, path)
		if strings.HasSuffix(name, ".bad") {
			return p.keptForMending(entry)
		}
		data, err := os.ReadFile(path)
		look(placeBelow(name), append([]byte(name+"\n"), data...))
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, where := range []string{"signals.text", "rejects.masked", "files of the store"} {
		if canaries[where] == 0 {
			p.t.Errorf("the search does not see what lies in %s", where)
		}
	}
	p.t.Logf("%d identities to look for, %d bytes searched in %d places", len(f), searched, len(canaries))
	return left
}

// texts gives all that the engine answers for every text column of every table.
func (p *program) texts() map[string][]byte {
	p.t.Helper()
	columns, texts := map[string][]string{}, map[string][]byte{}
	for _, c := range p.sql("SELECT table, name FROM system.columns WHERE database = currentDatabase() AND position(type, 'String') > 0") {
		columns[c[0]] = append(columns[c[0]], fmt.Sprintf("toString(%s) AS `%[2]s.%[1]s`", c[1], c[0]))
	}
	for table, all := range columns {
		cmd := p.command("sql", "SELECT "+strings.Join(all, ", ")+" FROM "+table, "--format", "JSONEachRow")
		answer, err := cmd.Output()
		if err != nil {
			p.t.Fatalf("%s: %v", table, err)
		}
		for line := range bytes.Lines(answer) {
			var row map[string]string
			if err := json.Unmarshal(line, &row); err != nil {
				p.t.Fatalf("%s: %v", table, err)
			}
			for column, text := range row {
				texts[column] = append(append(texts[column], text...), '\n')
			}
		}
	}
	return texts
}

// keptForMending: a file of the inbox that cannot be read to its end stays for
// a person to mend, as whoever sent it named it, for its owner's eyes alone.
func (p *program) keptForMending(entry os.DirEntry) error {
	info, err := entry.Info()
	if err == nil && info.Mode().Perm() != 0o600 {
		p.t.Errorf("%s can be read by others: %v", entry.Name(), info.Mode())
	}
	return err
}

func placeBelow(name string) string {
	for prefix, place := range map[string]string{"var/store/": "files of the store", "var/outbox/": "outbox", "said/": "said"} {
		if strings.HasPrefix(name, prefix) {
			return place
		}
	}
	return name
}

// feeds writes files of the shipped feeds in which identities lie everywhere.
type feeds struct {
	p       *program
	planter *planter
	in      string
	now     time.Time
	files   int
}

// some writes files of a source with about so many identities.
func (f *feeds) some(source string, identities int) []string {
	f.p.t.Helper()
	end := f.planter.made + identities
	switch source {
	case "hotline-12345":
		return append(f.hotline(end-20), f.broken(end)...)
	case "bureau":
		return append(f.bureau(end-2), f.strangeWorkbook())
	default:
		return f.online(end)
	}
}

// name is a file's name with an identity in it.
func (f *feeds) name(extension string) string {
	f.files++
	name := strings.NewReplacer("/", "", "\x00", "").Replace(f.planter.next())
	return filepath.Join(f.in, fmt.Sprintf("%03d 投诉%s的%s", f.files, name, extension))
}

func (f *feeds) save(extension string, data []byte) string {
	f.p.t.Helper()
	path := f.name(extension)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		f.p.t.Fatal(err)
	}
	return path
}

// drop moves files into the daemon's inbox, as whoever delivers them should.
func (f *feeds) drop(source string, files []string) {
	f.p.t.Helper()
	inbox := filepath.Join(f.p.dir, "var", "inbox", source)
	if err := os.MkdirAll(inbox, 0o700); err != nil {
		f.p.t.Fatal(err)
	}
	for _, path := range files {
		if err := os.Rename(path, filepath.Join(inbox, filepath.Base(path))); err != nil {
			f.p.t.Fatal(err)
		}
	}
}

// record is the n-th record of a table: sound but for one column, another for
// each record, which holds an identity.
func (f *feeds) record(n int, columns []string, sound map[string]string) []string {
	fields := make([]string, len(columns))
	for i, column := range columns {
		fields[i] = sound[column]
		if i != n%len(columns) {
			continue
		}
		if fields[i] = f.planter.next(); n/len(columns)%2 == 1 {
			fields[i] = "请拨" + fields[i] + "。" + canary
		}
	}
	return fields
}

func (f *feeds) text(n int) string {
	text := fmt.Sprintf("%s:多次反映无人处理,电话%s,身份证%s。", canary, f.planter.next(), f.planter.next())
	if n%97 == 0 {
		text += "再不解决我就跳楼"
	}
	return text
}

func (f *feeds) at(n int, hours int) string {
	return f.now.Add(-time.Duration(n%480+2-hours) * time.Hour).In(time.FixedZone("", 8*3600)).Format(time.DateTime)
}

// hotline is a CSV in GB18030.
func (f *feeds) hotline(end int) []string {
	columns := strings.Split("工单编号,来电时间,来电号码,证件号码,问题属地,诉求目的,一级分类,二级分类,三级分类,诉求对象,联名人数,诉求内容,关联工单,登记级别,有权级别,转派时间,责任单位,限办截止,受理时间,不予受理时间,退回时间,延期时间,答复时间,办结时间,回访时间,评价时间,满意度,更新时间,备注,经办人", ",")
	columns = append(columns, f.planter.next()) // a column called like this is a mistake, too
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	_ = w.Write(columns)
	for n := 0; f.planter.made < end; n++ {
		_ = w.Write(f.record(n, columns, map[string]string{
			"工单编号": fmt.Sprintf("R%d-%d", f.files, n), "来电时间": f.at(n, 0), "来电号码": f.planter.next(), "证件号码": f.planter.next(),
			"问题属地": fmt.Sprintf("33010600100%d", n%5), "诉求目的": "投诉", "一级分类": "城乡建设", "二级分类": "物业管理", "三级分类": "停车",
			"诉求内容": f.text(n), "登记级别": "县区", "有权级别": "县区", "转派时间": f.at(n, 1), "责任单位": "区住建局", "更新时间": f.at(n, 1),
			"备注": f.planter.next(), "经办人": f.planter.next(),
		}))
	}
	w.Flush()
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes(text.Bytes())
	if err != nil {
		f.p.t.Fatal(err)
	}
	return []string{f.save(".csv", gb)}
}

// broken is a CSV of which hardly a line can be read, and one that ends too early.
func (f *feeds) broken(end int) []string {
	header := "工单编号,来电时间,来电号码,证件号码\n"
	text := header
	for f.planter.made < end-3 {
		text += fmt.Sprintf("B1,\"没有关上的引号%s,%s\n%s,%s\n", f.planter.next(), f.planter.next(), f.planter.next(), f.planter.next())
	}
	short := header + "B2," + f.planter.next()
	return []string{f.save(".csv", []byte(text)), f.save(".csv", []byte(short))}
}

func (f *feeds) bureau(end int) []string {
	columns := strings.Split("信访件编号,信访形式,登记时间,登记机构级别,有权处理机关级别,信访目的,问题属地,内容分类,投诉对象,信访人数,联系电话,证件号码,主要内容,关联件,转送时间,交办时间,责任单位,限办截止,受理时间,不予受理时间,退回时间,延期时间,答复时间,办结时间,回访时间,评价时间,满意度,督办时间,复查时间,复核时间,终结时间,听证时间,走访时间,备注", ",")
	book := excelize.NewFile()
	defer book.Close()
	_ = book.SetSheetName("Sheet1", "信访件")
	for _, sheet := range []string{f.planter.next(), f.planter.next()} {
		if _, err := book.NewSheet(strings.NewReplacer("/", "", "[", "", "]", "").Replace(sheet)); err != nil {
			f.p.t.Fatal(err)
		}
	}
	_ = book.SetSheetRow("信访件", "A1", &columns)
	for n := 0; f.planter.made < end; n++ {
		row := f.record(n, columns, map[string]string{
			"信访件编号": fmt.Sprintf("X%d-%d", f.files, n), "信访形式": "来访", "登记时间": f.at(n, 0), "登记机构级别": "市", "有权处理机关级别": "县区",
			"信访目的": "投诉", "问题属地": fmt.Sprintf("33010600200%d", n%5), "内容分类": "城乡建设/征地拆迁/补偿", "信访人数": "3", "联系电话": f.planter.next(),
			"证件号码": f.planter.next(), "主要内容": f.text(n), "交办时间": f.at(n, 1), "责任单位": "区住建局", "备注": f.planter.next(),
		})
		if err := book.SetSheetRow("信访件", fmt.Sprintf("A%d", n+2), &row); err != nil {
			f.p.t.Fatal(err)
		}
	}
	path := f.name(".xlsx")
	if err := book.SaveAs(path); err != nil {
		f.p.t.Fatal(err)
	}
	return []string{path}
}

// strangeWorkbook has no sheet of the name that is asked for.
func (f *feeds) strangeWorkbook() string {
	book := excelize.NewFile()
	defer book.Close()
	_ = book.SetSheetName("Sheet1", f.planter.next())
	path := f.name(".xlsx")
	if err := book.SaveAs(path); err != nil {
		f.p.t.Fatal(err)
	}
	return path
}

// online is JSON lines; every fiftieth cannot be read.
func (f *feeds) online(end int) []string {
	columns := []string{"type", "id", "at", "channel", "account", "phone", "place", "level", "competent", "target", "purpose", "people", "text", "related", "note"}
	var text bytes.Buffer
	for n := 0; f.planter.made < end; n++ {
		fields := f.record(n, columns, map[string]string{
			"type": "message", "id": fmt.Sprintf("W%d-%d", f.files, n), "at": f.now.Add(-time.Duration(n%480+1) * time.Hour).Format(time.RFC3339),
			"channel": "online", "account": f.planter.next(), "phone": f.planter.next(), "place": fmt.Sprintf("33010600300%d", n%5), "level": "county",
			"competent": "county", "purpose": "complaint", "text": f.text(n), "note": f.planter.next(),
		})
		object := map[string]any{"category": []string{"环境保护", "噪声", f.planter.next()}, "contact": map[string]string{"mobile": f.planter.next()}}
		for i, column := range columns {
			object[column] = fields[i]
		}
		line, err := json.Marshal(object)
		if err != nil {
			f.p.t.Fatal(err)
		}
		if n%50 == 49 {
			line = line[:len(line)-1]
		}
		text.Write(append(line, '\n'))
	}
	return []string{f.save(".jsonl", text.Bytes())}
}
