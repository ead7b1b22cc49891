package ingest

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"yujing/internal/privacy"
	"yujing/internal/problem"
)

func testKey(t testing.TB) *privacy.Key {
	t.Helper()
	key, err := privacy.NewKey([]byte("an insecure key of 32 bytes ....")[:32])
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// sourceOf loads a definition; what its feed would read the tests give.
func sourceOf(t testing.TB, text string) *Source {
	t.Helper()
	kinds := map[string]FeedKind{"file": func(*problem.Decoder, *yaml.Node) Feed { return nil }}
	sources, problems := LoadSources(fstest.MapFS{"a.yaml": {Data: []byte(text)}}, LoadOptions{Kinds: kinds})
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	return sources[0]
}

func shipped(t testing.TB, name string) *Source {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return sourceOf(t, string(text))
}

// record of "column=value" pairs.
func record(pairs ...string) *Record {
	rec := &Record{Header: &Header{}, Line: 7}
	for _, p := range pairs {
		column, value, _ := strings.Cut(p, "=")
		rec.Header.Columns = append(rec.Header.Columns, column)
		rec.Fields = append(rec.Fields, value)
	}
	return rec
}

// order is a row of the hotline with every column; pairs replace values.
func order(pairs ...string) *Record {
	rec := record("工单编号=HZ2026010200001", "来电时间=2026-01-02 15:04:05", "来电号码=13905711234", "证件号码=", "问题属地=330106001002",
		"诉求目的=投诉", "一级分类=城乡建设", "二级分类=物业", "三级分类=停车", "诉求对象=某某物业公司", "联名人数=", "诉求内容=小区停车难,请致电 13905711234",
		"关联工单=", "登记级别=县区", "有权级别=乡镇", "转派时间=2026-01-02 16:00:00", "责任单位=西溪街道办事处", "限办截止=2026-01-09 16:00:00",
		"受理时间=", "不予受理时间=", "退回时间=", "延期时间=", "答复时间=", "办结时间=", "回访时间=", "评价时间=", "满意度=", "更新时间=2026-01-03 08:00:00")
	for _, p := range pairs {
		column, value, _ := strings.Cut(p, "=")
		for i, c := range rec.Header.Columns {
			if c == column {
				rec.Fields[i] = value
			}
		}
	}
	return rec
}

const hotline = "../sources.d/hotline-12345.yaml"

func TestHotlineOrder(t *testing.T) {
	key := testKey(t)
	got := newMapper(shipped(t, hotline), key).mapRecord(order())
	if got.fault != nil || len(got.drafts) != 2 {
		t.Fatalf("%d signals, %v", len(got.drafts), got.fault)
	}
	at := time.Date(2026, 1, 2, 7, 4, 5, 0, time.UTC)
	call := Signal{Source: "hotline-12345", Name: "call", Ref: "HZ2026010200001", Kind: Contact, Channel: "hotline", Level: County, Competent: Township,
		Place: "330106001002", Category: [3]string{"城乡建设", "物业", "停车"}, Subject: "某某物业公司", Purpose: "complaint", People: 1,
		Text: "小区停车难,请致电 [电话]", At: at, KnownAt: at, Updated: time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC),
		Keys:  []Key{Key(key.Pseudonym("13905711234", "城乡建设/物业", "330106001002"))},
		Who:   []uint64{key.Pseudonym("+86 139-0571-1234")},
		Group: hash64("group of subject", "某某物业公司"),
		ID:    signalID("hotline-12345", "HZ2026010200001", "call"), Version: got.drafts[0].Version}
	if diff := cmp.Diff(call, got.drafts[0].Signal); diff != "" {
		t.Error(diff)
	}
	sent := got.drafts[1]
	if sent.Act != "transferred" || sent.Unit != "西溪街道办事处" || !sent.At.Equal(at.Add(55*time.Minute+55*time.Second)) || !sent.Due.Equal(sent.At.AddDate(0, 0, 7)) || sent.ID == got.drafts[0].ID {
		t.Errorf("transferred: %+v", sent.Signal)
	}
}

// The version tells what changed, not when we learned of it.
func TestVersion(t *testing.T) {
	m := newMapper(shipped(t, hotline), testKey(t))
	version := func(pairs ...string) uint64 {
		t.Helper()
		got := m.mapRecord(order(pairs...))
		if got.fault != nil {
			t.Fatal(got.fault)
		}
		return got.drafts[0].Version
	}
	first := version()
	for _, same := range []string{"更新时间=2026-01-05 08:00:00", "办结时间=2026-01-05 08:00:00", "关联工单=HZ1", "来电号码=+86 139 0571 1234"} {
		if version(same) != first {
			t.Errorf("%s changes the contact's version", same)
		}
	}
	for _, other := range []string{"问题属地=330106001003", "诉求内容=别的事", "来电号码=13905711235", "联名人数=2", "登记级别=市", "来电时间=2026-01-02 15:04:06"} {
		if version(other) == first {
			t.Errorf("%s does not change the contact's version", other)
		}
	}
}

// Unknown never joins.
func TestUnknownJoinsNothing(t *testing.T) {
	m := newMapper(shipped(t, hotline), testKey(t))
	for _, unknown := range []string{"来电号码=", "来电号码=不详", "来电号码=匿名", "二级分类=", "问题属地="} {
		if got := m.mapRecord(order(unknown)); got.fault != nil || len(got.drafts[0].Keys) != 0 {
			t.Errorf("%s: keys %v, %v", unknown, got.drafts[0].Keys, got.fault)
		}
	}
	got := m.mapRecord(order("证件号码=330106196001011234"))
	if len(got.drafts[0].Who) != 2 || len(got.drafts[0].Keys) != 2 {
		t.Errorf("two identities: who %v, keys %v", got.drafts[0].Who, got.drafts[0].Keys)
	}
}

func TestRecordsThatCannotBeMapped(t *testing.T) {
	without := func(column, instead string) *Record {
		rec := order()
		for i, c := range rec.Header.Columns {
			if c == column {
				rec.Header.Columns[i] = instead
			}
		}
		return rec
	}
	for name, c := range map[string]struct {
		rec  *Record
		want string
	}{
		"a date that is none":    {order("来电时间=2026-02-30 10:00:00"), `signal call: at (来电时间): "2026-02-30 10:00:00" is no time; correct it, or declare`},
		"no time":                {order("来电时间="), "signal call: at (来电时间) is empty; give"},
		"no number":              {order("工单编号=  "), "the record has no id: 工单编号 is empty"},
		"unknown level":          {order("登记级别=街道"), `signal call: level: "街道" is not in the table level; add it`},
		"no number of people":    {order("联名人数=几十"), `signal call: people (联名人数): "几十" is no number of people`},
		"a later time is none":   {order("办结时间=已办"), `signal closed: at (办结时间): "已办" is no time`},
		"misspelt column":        {without("来电时间", "来电时问"), `no column "来电时间" (there is "来电时问"); correct the header or the mapping`},
		"missing column":         {without("诉求内容", "备注说明文字"), `no column "诉求内容"; correct`},
		"column twice":           {without("三级分类", "二级分类"), `column "二级分类" stands twice in the header; rename`},
		"an identity in a fault": {order("登记级别=13905711234"), `"[电话]" is not in the table level`},
	} {
		t.Run(name, func(t *testing.T) {
			got := newMapper(shipped(t, hotline), testKey(t)).mapRecord(c.rec)
			if got.fault == nil || !strings.Contains(got.fault.Error(), c.want) || len(got.drafts) > 0 {
				t.Errorf("%d signals, fault %v; want %s", len(got.drafts), got.fault, c.want)
			}
			if got.fault != nil && got.fault.Remedy == "" {
				t.Error("no remedy")
			}
		})
	}
}

const laterText = `
source: a
kind: file
zone: UTC
delay: 1h
record: n
later: {sent: [unit], done: [reason, grade, seen], $stored: [state]}
signals:
  - {name: call, kind: contact, at: called}
  - {name: closed, kind: action, act: {is: closed}, at: done, text: reason, unit: unit}
  - {name: noted, kind: action, act: {is: registered}, at: called, known_at: told}
  - {name: seen, kind: action, act: {is: visited}, at: seen}
  - {name: state, kind: action, act: {is: accepted}, at: $stored, when: 'row["state"] == "open"', text: grade}
`

// known_at is a mapped column, else at and the delay, never before at, and
// never before a time that governs what is read.
func TestKnownAt(t *testing.T) {
	m := newMapper(sourceOf(t, laterText), testKey(t))
	known := func(name string, pairs ...string) string {
		t.Helper()
		got := m.mapRecord(record(append([]string{"n=1", "called=2026-01-01", "reason=r", "grade=5", "seen=2026-01-03"}, pairs...)...))
		if got.fault != nil {
			t.Fatal(got.fault)
		}
		for _, d := range got.drafts {
			if d.Name == name {
				return d.KnownAt.Format("2006-01-02 15:04")
			}
		}
		return "none"
	}
	const stored = "0001-01-01 00:00"
	for _, c := range []struct {
		name, signal string
		pairs        []string
		want         string
	}{
		{"delay", "call", []string{"done=", "sent=", "unit=", "told=", "state="}, "2026-01-01 01:00"},
		{"a column of its own", "noted", []string{"done=", "sent=", "unit=", "told=2026-01-03", "state="}, "2026-01-03 00:00"},
		{"never before at", "noted", []string{"done=", "sent=", "unit=", "told=2025-12-31", "state="}, "2026-01-01 00:00"},
		{"the governor came before", "closed", []string{"done=2026-01-05", "sent=2026-01-02", "unit=u", "told=", "state="}, "2026-01-05 01:00"},
		{"the governor came after", "closed", []string{"done=2026-01-05", "sent=2026-01-09", "unit=u", "told=", "state="}, "2026-01-09 00:00"},
		{"the governor is not told", "closed", []string{"done=2026-01-05", "sent=", "unit=u", "told=", "state="}, stored},
		{"its own time is filled in later", "seen", []string{"done=2026-01-05", "sent=", "unit=", "told=", "state="}, "2026-01-05 00:00"},
		{"nobody tells when its time was filled in", "seen", []string{"done=", "sent=", "unit=", "told=", "state="}, stored},
		{"no time of its own", "state", []string{"done=", "sent=", "unit=", "told=", "state=open"}, stored},
		{"has not happened", "closed", []string{"done=", "sent=", "unit=", "told=", "state="}, "none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := known(c.signal, c.pairs...); got != c.want {
				t.Errorf("known at %s, want %s", got, c.want)
			}
		})
	}
}

func TestImpossibleTimesAreFlagged(t *testing.T) {
	got := newMapper(shipped(t, hotline), testKey(t)).mapRecord(order("办结时间=2026-01-02 15:04:00"))
	if got.fault != nil {
		t.Fatal(got.fault)
	}
	for _, d := range got.drafts {
		if flagged := len(d.Flags) > 0; flagged != (d.Name == "closed") {
			t.Errorf("%s: flags %v", d.Name, d.Flags)
		}
	}
}

func TestHarmIsFlaggedAndChangesNothingElse(t *testing.T) {
	m := newMapper(shipped(t, hotline), testKey(t))
	got := m.mapRecord(order("诉求内容=再不解决就跳楼"))
	if flags := got.drafts[0].Flags; len(flags) != 1 || flags[0] != FlagHarm {
		t.Errorf("flags %v", flags)
	}
}

// spellings of a mobile and of an ID card.
func spellings() []string {
	return []string{"13905711234", "139 0571 1234", "139-0571-1234", "１３９０５７１１２３４", "+8613905711234", "+86 139 0571 1234", "0086-139-0571-1234",
		"330106196001011230", "33010619600101123x", "330106600101123", "３３０１０６１９６００１０１１２３Ｘ", "330106 19600101 1230"}
}

// digitsOf is what is left of an identity if somebody writes it differently.
func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		}
		return -1
	}, s)
}

// An identity planted in any column, mapped or not, leaves nothing of itself in
// a signal, nor in a reject's parts that are not sealed.
func TestPlantedIdentities(t *testing.T) {
	key := testKey(t)
	source := shipped(t, hotline)
	columns := append(order().Header.Columns, "姓名", "备注")
	for _, planted := range spellings() {
		trace := digitsOf(planted)
		trace = trace[len(trace)-8:]
		for _, column := range columns {
			rec := order(column + "=" + planted)
			if len(rec.Fields) < len(columns) {
				rec.Header.Columns = columns
				rec.Fields = append(rec.Fields, planted, planted)
			}
			got := newMapper(source, key).mapRecord(rec)
			got.file = newFileReport("/x/" + planted + ".csv")
			if got.fault == nil {
				got.fault = noMatter(&got.drafts[0])
			}
			reject, err := rejectOf(key, source, &got, got.fault, false, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := unseal(key, nil, reject); err != nil {
				t.Fatal(err)
			}
			reject.Sealed = nil
			for _, text := range stringsOf(t, got.drafts, reject) {
				if strings.Contains(digitsOf(text), trace) {
					t.Errorf("%q in %s leaves %q", planted, column, text)
				}
			}
		}
	}
}

// stringsOf gives every text of what could be stored.
func stringsOf(t *testing.T, drafts []draft, reject Reject) (texts []string) {
	t.Helper()
	add := func(s string) { texts = append(texts, s) }
	for i := range drafts {
		s := &drafts[i].Signal
		for _, text := range []string{s.Ref, s.Channel, s.Place, s.Category[0], s.Category[1], s.Category[2], s.Subject, s.Purpose, s.Unit, s.Text, s.Act, s.Rating} {
			add(text)
		}
		for k, v := range s.Attrs {
			add(k)
			add(v)
		}
	}
	for _, text := range []string{reject.File, reject.Reason, reject.Remedy, reject.Masked} {
		add(text)
	}
	return texts
}

// The test above must be able to fail: without masking it does.
func TestPlantedIdentityIsFoundIfNotMasked(t *testing.T) {
	if !strings.Contains(digitsOf("请致电 139 0571 1234"), "05711234") {
		t.Error("a planted identity would not be found")
	}
}

// Two refs that hold identities stay two refs, and links find them.
func TestRefThatIsAnIdentity(t *testing.T) {
	m := newMapper(shipped(t, hotline), testKey(t))
	first, second := m.mapRecord(order("工单编号=13905711234")), m.mapRecord(order("工单编号=13905711235", "关联工单=13905711234"))
	if first.drafts[0].ref == second.drafts[0].ref || strings.ContainsAny(first.drafts[0].Ref, "0123456789") {
		t.Errorf("refs %q and %q", first.drafts[0].Ref, second.drafts[0].Ref)
	}
	if second.drafts[0].Link != first.drafts[0].ref {
		t.Error("the link does not lead to the ref")
	}
}

// A source without record ids names the columns that make one, identities too.
func TestRecordIDOfSeveralColumns(t *testing.T) {
	source := sourceOf(t, "source: a\nkind: file\nzone: UTC\nrecord: [t, phone]\nsignals: [{name: call, kind: contact, at: t, who: phone}]\n")
	m := newMapper(source, testKey(t))
	a := m.mapRecord(record("t=2026-01-01", "phone=13905711234"))
	b := m.mapRecord(record("t=2026-01-01", "phone=139 0571 1234"))
	c := m.mapRecord(record("t=2026-01-01", "phone=13905711235"))
	if a.drafts[0].ID != b.drafts[0].ID || a.drafts[0].ID == c.drafts[0].ID {
		t.Errorf("ids %v %v %v", a.drafts[0].ID, b.drafts[0].ID, c.drafts[0].ID)
	}
	if strings.Contains(a.id, "139") || len(a.drafts[0].Ref) != 12 {
		t.Errorf("record id %q, ref %q", a.id, a.drafts[0].Ref)
	}
}

func TestExpressions(t *testing.T) {
	source := sourceOf(t, `
source: a
kind: file
zone: Asia/Shanghai
nulls: ["NULL", "-"]
record: n
optional: [note]
ignore: [notes]
maps: {way: {电话: hotline, 网络: online}}
signals:
  - name: call
    kind: contact
    at: time(row["when"], "02.01.2006 15:04")
    channel: lookup("way", row["way"])
    category: split(row["class"], "/")
    people: int(row["many"]) + 1
    subject: part(row["class"], "/", 7)
    text: 'row["text"] + (row["note"] != "" ? ";" + row["note"] : "")'
    attrs: {twice: 'row["text"] + row["text"]'}
`)
	m := newMapper(source, testKey(t))
	got := m.mapRecord(record("n=1", "when=02.01.2026 15:04", "way=电话", "class=a/b/c/d", "many=4", "text=-", "notes=x"))
	if got.fault != nil {
		t.Fatal(got.fault)
	}
	s := got.drafts[0]
	if s.Channel != "hotline" || s.People != 5 || s.Category != [3]string{"a", "b", "c"} || s.Text != "" || s.Attrs != nil || s.Subject != "" || s.At.Hour() != 7 {
		t.Errorf("got %+v", s.Signal)
	}
	for want, rec := range map[string]*Record{
		`people: "5000000001" is no number of people; write a whole number up to 1000000`: record("n=1", "when=02.01.2026 15:04", "way=电话", "class=", "many=5000000000", "text="),
		`people: "-3" is no number of people`:                                             record("n=1", "when=02.01.2026 15:04", "way=电话", "class=", "many=-4", "text="),
		`people: invalid operation`:                                                       record("n=1", "when=02.01.2026 15:04", "way=电话", "class=", "many=x", "text="),
		`channel: "飞鸽" is not in the table way; add`:                                      record("n=1", "when=02.01.2026 15:04", "way=飞鸽", "class=", "many=1", "text="),
		`at: "2.1.26" is no time of the form`:                                             record("n=1", "when=2.1.26", "way=电话", "class=", "many=1", "text="),
		`no column "note", but there is "nots"`:                                           record("n=1", "when=02.01.2026 15:04", "way=电话", "class=", "many=1", "text=", "nots="),
	} {
		if got := m.mapRecord(rec); got.fault == nil || !strings.Contains(got.fault.Error(), want) {
			t.Errorf("fault %v, want %s", got.fault, want)
		}
	}
}

func TestSealedRecordComesBack(t *testing.T) {
	key, source := testKey(t), shipped(t, hotline)
	m := newMapper(source, key).mapRecord(order("登记级别=街道"))
	m.file = newFileReport("/x/export.csv")
	reject, err := rejectOf(key, source, &m, m.fault, false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(reject.Masked, "13905711234") || !strings.Contains(reject.Masked, "来电号码=[身份]") || !strings.Contains(reject.Masked, "登记级别=街道") {
		t.Errorf("masked: %s", reject.Masked)
	}
	rec, err := unseal(key, nil, reject)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(m.record, rec); diff != "" && !strings.Contains(diff, "Line") {
		t.Error(diff)
	}
	moved := reject
	moved.Source = "other"
	if _, err := unseal(key, nil, moved); err == nil {
		t.Error("opens for another source")
	}
	again, _ := rejectOf(key, source, &m, m.fault, false, time.Now())
	if again.ID != reject.ID {
		t.Error("the same record rejected twice is two rejects")
	}
}

// all reads whatever it is given as a record.
type all struct{ Feed }

func (all) Reread(raw string, columns []string) *Record {
	return &Record{Header: &Header{Columns: columns}, Fields: []string{raw}}
}

// What is only the beginning of a record is not read again as if it were the record.
func TestCutRecordIsNotReread(t *testing.T) {
	key, source := testKey(t), shipped(t, hotline)
	for _, cut := range []bool{false, true} {
		m := mapped{record: &Record{Raw: "1,begin", Cut: cut, Fault: &Fault{Reason: "too long"}}, file: newFileReport("/x/export.csv")}
		reject, err := rejectOf(key, source, &m, m.record.Fault, false, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		rec, err := unseal(key, all{}, reject)
		if err != nil || (rec.Fault == nil) == cut || rec.Cut != cut {
			t.Errorf("cut %t: %+v, %v", cut, rec, err)
		}
	}
}

func FuzzMapRecord(f *testing.F) {
	for _, s := range []string{"2026-01-02 15:04:05", "13905711234", "投诉", "", "\x00\xff", "县区", "1e99", "跳楼"} {
		f.Add(s, 1, s, 4)
	}
	source := shipped(f, hotline)
	m := newMapper(source, testKey(f))
	n := len(order().Fields)
	f.Fuzz(func(t *testing.T, a string, i int, b string, j int) {
		rec := order()
		rec.Fields[abs(i)%n], rec.Fields[abs(j)%n] = a, b
		got := m.mapRecord(rec)
		if (got.fault == nil) != (len(got.drafts) > 0) {
			t.Fatalf("%d signals, fault %v", len(got.drafts), got.fault)
		}
		for _, d := range got.drafts {
			if d.At.IsZero() || d.KnownAt.Before(d.At) || d.ID == (ID{}) {
				t.Errorf("%+v", d.Signal)
			}
		}
	})
}

func abs(i int) int {
	if i < 0 {
		return -(i + 1)
	}
	return i
}

func BenchmarkMap(b *testing.B) {
	m := newMapper(shipped(b, hotline), testKey(b))
	rec := order("受理时间=2026-01-03 09:00:00", "答复时间=2026-01-06 10:00:00", "办结时间=2026-01-06 11:00:00", "评价时间=2026-01-07 09:00:00", "满意度=满意")
	b.ReportAllocs()
	for b.Loop() {
		if got := m.mapRecord(rec); got.fault != nil {
			b.Fatal(got.fault)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkMapExpressions(b *testing.B) {
	m := newMapper(shipped(b, "../examples/liuyan/liuyan.yaml"), testKey(b))
	rec := record("tid=1", "date=2026-01-02", "fid=", "forum=市长", "level=city", "district=", "title=路灯", "content=路灯不亮", "domain=城建", "type=咨询", "status=已办理", "has_reply=0", "reply_org=", "likes=0", "grade_manner=5", "grade_speed=3")
	b.ReportAllocs()
	for b.Loop() {
		if got := m.mapRecord(rec); got.fault != nil {
			b.Fatal(got.fault)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
