package simulate

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

func period(days int) (from, to time.Time) {
	from = time.Date(2026, 1, 1, 0, 0, 0, 0, Zone())
	return from, from.AddDate(0, 0, days).Add(15 * time.Hour)
}

func mustRun(t testing.TB, o Options) *Report {
	t.Helper()
	r, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// tree gives the hash of every file.
func tree(t *testing.T, dir string) map[string][32]byte {
	t.Helper()
	files := map[string][32]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == stateFile {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[name] = sha256.Sum256(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestSameSeedSameBytes(t *testing.T) {
	from, to := period(40)
	o := Options{Seed: 3, From: from, To: to, Contacts: 3000, Dirty: 10, Hazards: true}
	var trees [3]map[string][32]byte
	for i := range trees {
		o.Dir = filepath.Join(t.TempDir(), "d")
		if i == 2 {
			o.Seed = 4
		}
		mustRun(t, o)
		trees[i] = tree(t, o.Dir)
	}
	if diff := cmp.Diff(trees[0], trees[1]); diff != "" {
		t.Errorf("the same seed wrote other files:\n%s", diff)
	}
	same := 0
	for name, sum := range trees[2] {
		if trees[0][name] == sum {
			same++
		}
	}
	if same > 0 {
		t.Errorf("another seed wrote %d equal files", same)
	}
}

// seen is a contact as a reader of the files sees it.
type seen struct {
	ref, place, category, purpose, subject, related string
	who                                             []string
	at                                              time.Time
	people, level, competent                        int
	acts                                            map[string]time.Time
}

// reread reads a whole output directory back, the latest row of each record counting.
func reread(t *testing.T, dir string) (contacts map[string]*seen, rows int) {
	t.Helper()
	contacts = map[string]*seen{}
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*"))
	slices.Sort(files)
	for _, name := range files {
		var table [][]string
		switch filepath.Ext(name) {
		case ".csv":
			table = readCSV(t, name)
		case ".xlsx":
			table = readXLSX(t, name)
		case ".jsonl":
			rows += readLines(t, name, contacts)
			continue
		}
		rows += len(table) - 1
		column := map[string]int{}
		for i, h := range table[0] {
			column[h] = i
		}
		for _, row := range table[1:] {
			s := tableRow(t, name, row, column)
			contacts[s.ref] = s
		}
	}
	return contacts, rows
}

func readCSV(t *testing.T, name string) [][]string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
	if err != nil {
		t.Fatal(err)
	}
	table, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if diff := cmp.Diff(HotlineHeader(), table[0]); diff != "" {
		t.Fatal(diff)
	}
	return table
}

func readXLSX(t *testing.T, name string) [][]string {
	t.Helper()
	book, err := excelize.OpenFile(name)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	table, err := book.GetRows(BureauSheet)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(BureauHeader(), table[0]); diff != "" {
		t.Fatal(diff)
	}
	for i, row := range table {
		table[i] = append(row, make([]string, len(table[0])-len(row))...)
	}
	return table
}

func clockTime(t *testing.T, value string) time.Time {
	t.Helper()
	if value == "" {
		return time.Time{}
	}
	at, err := time.ParseInLocation(time.DateTime, value, Zone())
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func tableRow(t *testing.T, file string, row []string, column map[string]int) *seen {
	t.Helper()
	get := func(names ...string) string {
		for _, n := range names {
			if i, ok := column[n]; ok {
				return row[i]
			}
		}
		return ""
	}
	s := &seen{ref: get("工单编号", "信访件编号"), place: get("问题属地"), purpose: get("诉求目的", "信访目的"),
		subject: get("诉求对象", "投诉对象"), related: get("关联工单", "关联件"), acts: map[string]time.Time{}}
	s.at = clockTime(t, get("来电时间", "登记时间"))
	s.category = get("二级分类")
	if c := get("内容分类"); c != "" {
		s.category = strings.Split(c, "/")[1]
	}
	s.level = slices.Index(levelWords(), get("登记级别", "登记机构级别"))
	s.competent = slices.Index(levelWords(), get("有权级别", "有权处理机关级别"))
	s.people, _ = strconv.Atoi(get("联名人数", "信访人数"))
	s.who = normal(get("来电号码", "联系电话"), get("证件号码"))
	for name, i := range column {
		if strings.HasSuffix(name, "时间") && name != "更新时间" && row[i] != "" {
			s.acts[name] = clockTime(t, row[i])
		}
	}
	if s.ref == "" || s.at.IsZero() || s.level < 1 || s.competent < 1 || s.people < 1 || len(s.place) != 12 {
		t.Fatalf("%s: incomplete row %q", file, row)
	}
	return s
}

// normal makes one spelling of the many.
func normal(values ...string) []string {
	var who []string
	for _, v := range values {
		v = strings.Map(func(r rune) rune {
			if r >= 0xFF10 && r <= 0xFF19 {
				return r - 0xFF10 + '0'
			}
			if r == ' ' || r == '-' || r == '+' {
				return -1
			}
			return r
		}, strings.ToUpper(v))
		if len(v) > 11 && len(v) < 16 && strings.HasSuffix(v[:len(v)-11], "86") {
			v = v[len(v)-11:]
		}
		if len(v) == 15 {
			v = v[:6] + "19" + v[6:]
			v += string(checkDigit([]byte(v)))
		}
		if v != "" {
			who = append(who, v)
		}
	}
	return who
}

func readLines(t *testing.T, name string, contacts map[string]*seen) int {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	dec := json.NewDecoder(file)
	dec.DisallowUnknownFields()
	rows := 0
	for {
		var l struct {
			Type, ID, Event, Act, Unit, Rating, Channel, Account, Phone, Place string
			Level, Competent, Target, Purpose, Text, Related                   string
			Category                                                           [3]string
			People                                                             int
			At, Known, Due                                                     time.Time
		}
		if err := dec.Decode(&l); errors.Is(err, io.EOF) {
			return rows
		} else if err != nil {
			t.Fatalf("%s: line %d: %v", name, rows+1, err)
		}
		rows++
		if l.Type == "event" {
			c := contacts[l.ID]
			if c == nil || l.At.Before(c.at) || !l.Known.IsZero() && l.Known.Before(l.At) || !slices.Contains(actNames(), l.Act) {
				t.Fatalf("%s: line %d: impossible event %+v", name, rows, l)
			}
			c.acts[l.Act] = l.At
			continue
		}
		contacts[l.ID] = &seen{ref: l.ID, place: l.Place, category: l.Category[1], purpose: l.Purpose, subject: l.Target, related: l.Related,
			at: l.At, people: l.People, level: slices.Index(levelNames(), l.Level), competent: slices.Index(levelNames(), l.Competent),
			who: normal(l.Phone, l.Account), acts: map[string]time.Time{}}
	}
}

// TestFilesTellTheTruth reads the feeds back and finds, from the files alone, as
// many outcomes as the truth has.
func TestFilesTellTheTruth(t *testing.T) {
	from, to := period(200)
	dir := filepath.Join(t.TempDir(), "out")
	r := mustRun(t, Options{Seed: 5, From: from, To: to, Contacts: 20_000, Dir: dir})
	contacts, rows := reread(t, dir)
	if want := r.Rows[0] + r.Rows[1] + r.Rows[2]; rows != want {
		t.Errorf("%d rows read, %d written", rows, want)
	}
	if len(contacts) != r.Contacts || r.Records[0]+r.Records[1]+r.Records[2] != r.Contacts {
		t.Errorf("%d records read, %d contacts simulated, records %v", len(contacts), r.Contacts, r.Records)
	}
	for _, c := range contacts {
		for act, at := range c.acts {
			if at.Before(c.at) || at.After(to) {
				t.Fatalf("%s: %s at %s, contact at %s, end %s", c.ref, act, at, c.at, to)
			}
		}
	}
	repeat, collective, escalated := outcomes(contacts)
	near(t, "repeat", repeat, r.Repeat, 0.03)
	near(t, "collective", collective, r.Collective, 0.02)
	near(t, "escalated", escalated, r.Escalated, 0.03)
	truthAgrees(t, dir, r)
}

func near(t *testing.T, what string, got, want int, tolerance float64) {
	t.Helper()
	t.Logf("%s: %d from the files, %d in truth", what, got, want)
	if d := float64(got-want) / float64(want); d > tolerance || d < -tolerance {
		t.Errorf("%s: the files show %d, the truth is %d", what, got, want)
	}
}

// outcomes joins contacts as feeds are joined and counts what came of them.
func outcomes(contacts map[string]*seen) (repeat, collective, escalated int) {
	list := make([]*seen, 0, len(contacts))
	for _, c := range contacts {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *seen) int { return a.at.Compare(b.at) })
	type matter struct {
		last                time.Time
		repeated, escalated bool
		person              string
	}
	matters := map[string]*matter{}
	type visit struct {
		person string
		at     time.Time
	}
	groups, done := map[string][]visit{}, map[string]bool{}
	for _, c := range list {
		m := &matter{person: c.ref}
		for _, who := range c.who {
			if known := matters[who+c.category+c.place]; known != nil {
				m = known
				break
			}
		}
		if len(c.who) > 0 && m.last.IsZero() {
			m.person = c.who[0]
		}
		for _, who := range c.who {
			matters[who+c.category+c.place] = m
		}
		review := strings.HasPrefix(c.purpose, "复") || strings.HasSuffix(c.purpose, "review")
		if !m.last.IsZero() && c.at.Sub(m.last) >= 24*time.Hour && !review && !m.repeated {
			m.repeated = true
			repeat++
		}
		m.last = c.at
		if c.level >= c.competent+2 && !m.escalated {
			m.escalated = true
			escalated++
		}
		key := c.subject
		if key == "" {
			key = c.place + c.category
		}
		if len(c.who) > 0 {
			groups[key] = append(groups[key], visit{m.person, c.at})
		}
		people := map[string]bool{}
		for _, v := range groups[key] {
			if c.at.Sub(v.at) < 90*24*time.Hour {
				people[v.person] = true
			}
		}
		if !done[key] && (c.people >= 5 || len(people) >= 5) {
			done[key] = true
			collective++
		}
	}
	return repeat, collective, escalated
}

// truthAgrees holds the truth files against the report.
func truthAgrees(t *testing.T, dir string, r *Report) {
	t.Helper()
	count := func(name string) (rows int, filled map[string]int, sums map[string]int) {
		file, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		table, err := csv.NewReader(file).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		filled, sums = map[string]int{}, map[string]int{}
		for _, row := range table[1:] {
			for i, v := range row {
				if v != "" && v != "false" {
					filled[table[0][i]]++
				}
				n, _ := strconv.Atoi(v)
				sums[table[0][i]] += n
			}
		}
		return len(table) - 1, filled, sums
	}
	rows, filled, sums := count("truth.csv")
	got := []int{rows, sums["contacts"], filled["repeat_at"], filled["escalated_at"], filled["double_at"], filled["review_at"],
		filled["concluded_at"], filled["after_conclusion_at"], filled["repeat_after_missed_deadline"]}
	want := []int{r.Matters, r.Contacts, r.Repeat, r.Escalated, r.Doubles, r.Reviews, r.Concluded, r.AfterConclusion, r.AfterMissed}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("truth.csv against the report:\n%s", diff)
	}
	rows, filled, sums = count("groups.csv")
	if rows != r.Groups || filled["collective_at"] != r.Collective || sums["contacts"] != r.Contacts {
		t.Errorf("groups.csv has %d groups, %d collective, %d contacts; the report %d, %d, %d",
			rows, filled["collective_at"], sums["contacts"], r.Groups, r.Collective, r.Contacts)
	}
}

// Bureaus' own rates, and every kind of coming again that the law treats differently.
func TestRates(t *testing.T) {
	from, to := period(240)
	r := mustRun(t, Options{Seed: 9, From: from, To: to, Contacts: 40_000})
	share := func(what string, n, of int, low, high float64) {
		v := float64(n) / float64(of)
		t.Logf("%s: %.4f", what, v)
		if v < low || v > high {
			t.Errorf("%s: %.4f, want %.4f to %.4f", what, v, low, high)
		}
	}
	share("contacts, of those asked for", r.Contacts, 40_000, 0.93, 1.07)
	share("repeat", r.Repeat, r.Matters, 0.045, 0.075)
	share("collective, of groups", r.Collective, r.Groups, 0.006, 0.014)
	share("escalated", r.Escalated, r.Matters, 0.0035, 0.0075)
	share("double submission", r.Doubles, r.Matters, 0.01, 0.05)
	share("repeat after a missed deadline", r.AfterMissed, r.Repeat, 0.1, 0.6)
	share("review", r.Reviews, r.Matters, 0.003, 0.03)
	share("re-review and conclusion", r.Concluded, r.Matters, 0.0005, 0.02)
	share("after conclusion", r.AfterConclusion, r.Matters, 0.0001, 0.01)
	share("actions for each contact", r.Actions, r.Contacts, 3, 8)
}

// The register sees days, nights and holidays.
func TestWorkingHours(t *testing.T) {
	from, to := period(120)
	dir := filepath.Join(t.TempDir(), "out")
	mustRun(t, Options{Seed: 2, From: from, To: to, Contacts: 8000, Dir: dir})
	contacts, _ := reread(t, dir)
	w := newClock(midnight(from), Options{}.calendar())
	perHour, visits, closed := [2]float64{}, 0, 0
	for _, c := range contacts {
		at := w.since(c.at)
		if w.open(at) {
			perHour[1]++
		} else {
			perHour[0]++
		}
		if strings.HasPrefix(c.ref, "XF") && c.level <= int(county) {
			visits++
			if !w.open(at) {
				closed++
			}
		}
	}
	hours := [2]float64{}
	for at := int32(0); at < w.since(to); at += hour / 2 {
		if w.open(at) {
			hours[1] += 0.5
		} else {
			hours[0] += 0.5
		}
	}
	busy, quiet := perHour[1]/hours[1], perHour[0]/hours[0]
	t.Logf("%.2f contacts an hour while offices are open, %.2f else", busy, quiet)
	if busy < 2*quiet {
		t.Errorf("%.2f contacts an hour while offices are open, %.2f else: want at least twice as many", busy, quiet)
	}
	if visits == 0 || float64(closed) > 0.02*float64(visits) {
		t.Errorf("%d of %d petitions were handed in while the bureau was closed", closed, visits)
	}
}

func TestBrokenRecordsAreFewAndCounted(t *testing.T) {
	from, to := period(60)
	dir := filepath.Join(t.TempDir(), "out")
	r := mustRun(t, Options{Seed: 6, From: from, To: to, Contacts: 6000, Dirty: 20, Dir: dir})
	for source, name := range sourceNames() {
		if share := float64(r.Broken[source]) / float64(r.Rows[source]); r.Broken[source] == 0 || share > 0.05 {
			t.Errorf("%s: %d of %d rows are broken", name, r.Broken[source], r.Rows[source])
		}
	}
	files, _ := filepath.Glob(filepath.Join(dir, "online", "*"))
	bad := 0
	for _, f := range files {
		data, _ := os.ReadFile(f)
		for line := range strings.Lines(string(data)) {
			if !json.Valid([]byte(line)) {
				bad++
			}
		}
	}
	if bad == 0 {
		t.Error("no line of the online feed is cut short or has a stray quote")
	}
}

func TestOneFeedForAll(t *testing.T) {
	from, to := period(30)
	for _, f := range []Format{Hotline, Bureau, Online} {
		dir := filepath.Join(t.TempDir(), "out")
		r := mustRun(t, Options{Seed: 8, From: from, To: to, Contacts: 1500, Format: f, Dir: dir})
		contacts, rows := reread(t, dir)
		if len(contacts) != r.Contacts || rows != r.Rows[f.only()] {
			t.Errorf("%s: %d contacts and %d rows read, %d and %v written", f, len(contacts), rows, r.Contacts, r.Rows)
		}
	}
	dir := filepath.Join(t.TempDir(), "out")
	mustRun(t, Options{Seed: 8, From: from, To: to, Contacts: 300, Format: CSV, Dir: dir})
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*.csv"))
	data, err := os.ReadFile(files[0])
	if err != nil || !strings.HasPrefix(string(data), "工单编号,来电时间,") {
		t.Errorf("the plain CSV is not UTF-8: %v", err)
	}
}

// Memory depends on how much is going on, not on how long the district lives.
func TestMemoryIsBounded(t *testing.T) {
	slots := func(days int) (matters, groups, records uint32) {
		from, to := period(days)
		o, err := Options{Seed: 1, From: from, To: to, PerDay: 60}.withDefaults()
		if err != nil {
			t.Fatal(err)
		}
		w := newWorld(o, silent{})
		if err := w.run(w.clock.since(to)); err != nil {
			t.Fatal(err)
		}
		return w.matters.next, w.groups.next, w.records.next
	}
	m1, g1, r1 := slots(400)
	m4, g4, r4 := slots(1600)
	t.Logf("slots after 400 days %d %d %d, after 1600 days %d %d %d", m1, g1, r1, m4, g4, r4)
	if m4 > m1*13/10 || g4 > g1*13/10 || r4 > r1*13/10 {
		t.Errorf("four times the period needs more memory: %d %d %d, then %d %d %d", m1, g1, r1, m4, g4, r4)
	}
}

func TestTexts(t *testing.T) {
	from, to := period(90)
	dir := filepath.Join(t.TempDir(), "out")
	mustRun(t, Options{Seed: 12, From: from, To: to, Contacts: 15_000, Format: CSV, Dir: dir})
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*.csv"))
	var all []string
	accusations, orders := 0, 0
	for _, f := range files {
		data, _ := os.ReadFile(f)
		table, err := csv.NewReader(strings.NewReader(string(data))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range table[1:] {
			orders++
			all = append(all, row[11])
			if row[5] == "检举" {
				accusations++
			}
		}
	}
	if share := float64(accusations) / float64(orders); share < 0.005 || share > 0.02 {
		t.Errorf("%.4f of the orders are accusations, want about 0.01", share)
	}
	text := strings.Join(all, "\n")
	for what, pattern := range map[string]string{
		"phone number": `1[3-9]\d{9}`, "ID number": `339901\d{11}[0-9Xx]`, "threat of harm": "跳下去|不想活|同归于尽|死在他们门口",
		"thanks": "感谢|表扬", "in vain": "至今没有答复|互相推诿", "higher": "去市里|到省里|北京", "joint": "共同签名|联名",
		"double-spelled phone": `1\d\d \d{4} \d{4}|1\d\d-\d{4}-\d{4}|１`,
	} {
		if !regexp.MustCompile(pattern).MatchString(text) {
			t.Errorf("no text has a %s", what)
		}
	}
	distinct := map[string]bool{}
	for _, s := range all {
		distinct[s] = true
	}
	if len(distinct) < len(all)/4 { // an order is exported about twice
		t.Errorf("%d different texts in %d rows", len(distinct), len(all))
	}
	if strings.ContainsAny(text, "{}") {
		t.Error("a template was not filled")
	}
}

func TestBadOptions(t *testing.T) {
	from, to := period(1)
	for name, o := range map[string]Options{
		"period must begin":  {From: to, To: from},
		"unknown format":     {From: from, To: to, Format: "pdf"},
		"give 0 to 500":      {From: from, To: to, Dirty: 1000},
		"more than one dist": {From: from, To: to, Contacts: 1_000_000},
		"an hour or more":    {From: from, To: to, Every: time.Second},
		"is negative":        {From: from, To: to, PerDay: -1},
	} {
		if _, err := Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error %v, want one that says %q", err, name)
		}
	}
	dir := t.TempDir()
	os.WriteFile(filepath.Join(dir, "old.csv"), nil, 0o644)
	if _, err := Run(context.Background(), Options{From: from, To: to, Dir: dir}); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("a directory with files: %v", err)
	}
}

func BenchmarkMillion(b *testing.B) {
	from := time.Date(2025, 1, 1, 0, 0, 0, 0, Zone())
	for _, f := range []Format{"", CSV, Hotline, All} {
		name := string(f)
		if f == "" {
			name = "events-only"
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				o := Options{Seed: 1, From: from, To: from.AddDate(1, 0, 0), Contacts: 1_000_000, Format: f}
				if f != "" {
					o.Dir = filepath.Join(b.TempDir(), "out")
				}
				r := mustRun(b, o)
				b.ReportMetric(float64(r.Contacts)/r.Seconds, "contacts/s")
				os.RemoveAll(o.Dir)
			}
		})
	}
}
