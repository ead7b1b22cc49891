package file_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
)

func TestBoston(t *testing.T) {
	b := open(t)
	source := b.shipped("examples/boston311/boston311.yaml")
	text := "case_enquiry_id,open_dt,target_dt,closed_dt,ontime_status,case_status,closure_reason,case_title,subject,reason,type,queue,department,location,neighborhood,ward,location_zipcode,property_type,property_id,latitude,longitude,source\n" +
		"1001,2015-03-07 23:30:00,2015-03-10 08:30:00,2015-03-09 10:00:00,ONTIME,Closed,Case Closed. Done.,Pothole,Public Works Department,Highway Maintenance,Pothole Repair,Q,PWDx,1 Main St  Boston,Roxbury,Ward 1,2119.0,Address,1.0,42.3,-71.0,Constituent Call\n" +
		"1002,2015-03-20 12:00:00,,,ONTIME,Open,,Pothole,Public Works Department,Highway Maintenance,Pothole Repair,Q,PWDx,1 Main St  Boston,Roxbury,Ward 1,2119.0,Address,1.0,42.3,-71.0,City Worker App\n" +
		"1003,2015-03-20 12:00:00,,2015-03-20 11:59:58,ONTIME,Closed,\"Closed, automatically\",Pothole,Public Works Department,Highway Maintenance,Pothole Repair,Q,PWDx,,,,,,,42.3,-71.0,Self Service\n" +
		"1004,2015-03-20 12:00:00,,,ONTIME,Open,,Pothole,Public Works Department,Highway Maintenance,Pothole Repair,Q,PWDx,,,,,,,42.3,-71.0,Self Service\n" +
		"1005,2015-03-21 12:00:00,,,ONTIME,Open,,Lamp,Public Works Department,Street Lights,Street Light Outages,Q,PWDx,1 Main St  Boston,Roxbury,Ward 1,2119.0,Address,1.0,42.3,-71.0,Telepathy\n"
	r := b.take(source, [5]int{5, 6, 0, 0, 1}, b.write("boston.csv", text))
	if r.Flagged != 1 || !strings.Contains(fmt.Sprint(reasons(r)), `"Telepathy" is not in the table channel`) {
		t.Errorf("%d flagged, %v", r.Flagged, reasons(r))
	}
	// Empty locations join nothing; the night of 8 March had 23 hours.
	if got := b.cases(); got != "1001 1002\n1003\n1004" {
		t.Errorf("cases:\n%s", got)
	}
	want := "1001\tclosed\t\t2015-03-09 14:00:00.000\t\tPWDx\tCase Closed. Done.\t0\n" +
		"1001\topened\thotline\t2015-03-08 04:30:00.000\t2015-03-10 12:30:00.000\t\tPothole\t1\n" +
		"1002\topened\t\t2015-03-20 16:00:00.000\t\t\tPothole\t1\n" +
		"1003\tclosed\t\t2015-03-20 15:59:58.000\t\tPWDx\tClosed, automatically\t0\n" +
		"1003\topened\tonline\t2015-03-20 16:00:00.000\t\t\tPothole\t0\n" +
		"1004\topened\tonline\t2015-03-20 16:00:00.000\t\t\tPothole\t0"
	if diff := cmp.Diff(want, b.sql(`SELECT ref, name, channel, at, if(due = 0, '', toString(due)), unit, text, group_id != 0 FROM signals FINAL ORDER BY ref, name`)); diff != "" {
		t.Error(diff)
	}
}

// No instant before the import sees a status or a rating.
func TestLiuyan(t *testing.T) {
	b := open(t)
	source := b.shipped("examples/liuyan/liuyan.yaml")
	head := "tid,date,fid,forum,level,district,title,content,domain,type,status,has_reply,reply_org,likes,grade_manner,grade_speed\n"
	rows := []string{"1,2024-08-27,,市长,,西湖区,路灯,\"路灯不亮,请致电13905711234\",城建,投诉/求助,办理中,0,,0,,\n", "2,2024-08-28,,市长,city,,噪音,夜间施工,,,已办理,0,,3,5,2\n", "3,2024-08-29,,省长,province,,咨询,如何办证,政务,咨询,待回复,0,,0,,\n"}
	b.take(source, [5]int{3, 6, 0, 0, 0}, b.write("a.csv", head+strings.Join(rows, "")))
	imported := b.clock()
	visible := func(asOf time.Time) string {
		return b.sql(fmt.Sprintf(`SELECT arrayStringConcat(arraySort(groupArray(name)), ' ') FROM signals FINAL WHERE at <= '%[1]s' AND known_at <= '%[1]s' AND known_until > '%[1]s'`, asOf.Format("2006-01-02 15:04:05.000")))
	}
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2024, 8, 27, 15, 59, 59, 0, time.UTC), ""}, // the day is not over in China
		{time.Date(2024, 8, 27, 16, 0, 0, 0, time.UTC), "message"},
		{imported.Add(-time.Millisecond), "message message message"},
		{imported, "accepted message message message rated replied"},
	} {
		if got := visible(c.at); got != c.want {
			t.Errorf("as of %v: %q, want %q", c.at, got, c.want)
		}
	}
	b.later(time.Hour)
	b.take(source, [5]int{3, 0, 6, 0, 0}, b.write("b.csv", head+rows[2]+rows[0]+rows[1]))
	// The status moves on and a grade is changed: the past does not learn of it.
	now := b.later(time.Hour)
	b.take(source, [5]int{2, 1, 3, 1, 0}, b.write("c.csv", head+strings.Replace(rows[0], "办理中", "已办理", 1)+strings.Replace(rows[1], "5,2", "5,5", 1)))
	if got := b.sql(`SELECT rating FROM signals FINAL WHERE name = 'rated' AND closed_at = 0`); got != "satisfied" {
		t.Errorf("rating %s", got)
	}
	if got := b.believedAt("2", "rated", "rating", now.Add(-time.Millisecond)); got != "not" {
		t.Errorf("rating before the change: %s", got)
	}
	if got := b.sql(`SELECT text FROM signals FINAL WHERE ref = '1' AND name = 'message'`); got != `路灯\n路灯不亮,请致电[电话]` {
		t.Errorf("text %s", got)
	}
}

// hotlineRow is an order with what every test needs; pairs replace.
func hotlineRow(pairs ...string) string {
	header := strings.Split(hotlineHeader, ",")
	values := map[string]string{"工单编号": "HZ1", "来电时间": "2024-01-02 15:04:05", "来电号码": "13905711234", "问题属地": "330106001002", "诉求目的": "投诉", "一级分类": "城乡建设",
		"二级分类": "物业", "诉求内容": "停车难", "登记级别": "县区", "有权级别": "乡镇", "更新时间": "2024-01-03 08:00:00"}
	for _, p := range pairs {
		column, value, _ := strings.Cut(p, "=")
		values[column] = value
	}
	out := make([]string, len(header))
	for i, h := range header {
		out[i] = values[h]
	}
	return strings.Join(out, ",") + "\r\n"
}

const hotlineHeader = "工单编号,来电时间,来电号码,证件号码,问题属地,诉求目的,一级分类,二级分类,三级分类,诉求对象,联名人数,诉求内容,关联工单,登记级别,有权级别,转派时间,责任单位,限办截止,受理时间,不予受理时间,退回时间,延期时间,答复时间,办结时间,回访时间,评价时间,满意度,更新时间"

func TestHotlineInGB18030(t *testing.T) {
	b := open(t)
	source := b.shipped("sources.d/hotline-12345.yaml")
	text, err := simplifiedchinese.GB18030.NewEncoder().String(hotlineHeader + "\r\n" +
		hotlineRow("转派时间=2024-01-02 16:00:00", "责任单位=西溪街道办事处", "限办截止=2024-01-09 16:00:00") + hotlineRow("工单编号=HZ2", "来电时间=2024-02-02 15:04:05", "来电号码=139 0571 1234"))
	if err != nil {
		t.Fatal(err)
	}
	b.take(source, [5]int{2, 3, 0, 0, 0}, b.write("a.csv", text))
	if got := b.cases(); got != "HZ1 HZ2" {
		t.Errorf("cases %q", got)
	}
	// A later export has more filled in, in another encoding.
	b.later(time.Hour)
	b.take(source, [5]int{1, 2, 2, 0, 0}, b.write("b.csv", hotlineHeader+"\n"+hotlineRow("转派时间=2024-01-02 16:00:00", "责任单位=西溪街道办事处", "限办截止=2024-01-09 16:00:00",
		"评价时间=2024-01-08 09:00:00", "满意度=不满意", "办结时间=2024-01-07 09:00:00", "更新时间=2024-01-08 10:00:00")))
	if got := b.sql(`SELECT rating, at FROM signals FINAL WHERE act = 'rated'`); got != "not\t2024-01-08 01:00:00.000" {
		t.Errorf("rated %s", got)
	}
}

func TestBureauWorkbook(t *testing.T) {
	b := open(t)
	source := b.shipped("sources.d/bureau.yaml")
	header := strings.Split("信访件编号,信访形式,登记时间,登记机构级别,有权处理机关级别,信访目的,问题属地,内容分类,投诉对象,信访人数,联系电话,证件号码,主要内容,关联件,转送时间,交办时间,责任单位,限办截止,受理时间,不予受理时间,退回时间,延期时间,答复时间,办结时间,回访时间,评价时间,满意度,督办时间,复查时间,复核时间,终结时间,听证时间,走访时间", ",")
	at := time.Date(2024, 1, 2, 15, 4, 5, 0, time.UTC)
	row := func(id string, sent any, more map[string]any) []any {
		values := map[string]any{"信访件编号": id, "信访形式": "来访", "登记时间": at, "登记机构级别": "市", "有权处理机关级别": "乡镇", "信访目的": "投诉求决", "问题属地": "330106001", "内容分类": "城乡建设/物业/停车",
			"信访人数": 5, "联系电话": "13905711234", "主要内容": "停车难", "交办时间": sent, "责任单位": "街道", "限办截止": "2024-03-02 00:00:00"}
		for k, v := range more {
			values[k] = v
		}
		out := make([]any, len(header))
		for i, h := range header {
			out[i] = values[h]
		}
		return out
	}
	names := make([]any, len(header))
	for i, h := range header {
		names[i] = h
	}
	path := b.workbook("信访件", [][]any{names, row("XF1", "2024-01-03 08:00:00", nil),
		row("XF2", at.AddDate(0, 0, 1), map[string]any{"终结时间": at.AddDate(0, 1, 0), "登记时间": "2024-01-09"}), row("XF3", nil, map[string]any{"登记时间": "2024-03-09 10:00:00", "关联件": "XF1"})})
	b.take(source, [5]int{3, 6, 0, 0, 0}, path)
	if got := b.sql(`SELECT ref, name, at, known_at, people, category2, unit FROM signals FINAL WHERE name IN ('petition', 'assigned') ORDER BY ref, name`); got != "XF1\tassigned\t2024-01-03 00:00:00.000\t2024-01-03 00:00:00.000\t0\t\t街道\n"+
		"XF1\tpetition\t2024-01-02 07:04:05.000\t2024-01-02 07:04:05.000\t5\t物业\t\n"+
		"XF2\tassigned\t2024-01-03 07:04:05.000\t2024-01-03 07:04:05.000\t0\t\t街道\n"+
		"XF2\tpetition\t2024-01-08 16:00:00.000\t2024-01-08 16:00:00.000\t5\t物业\t\n"+
		"XF3\tpetition\t2024-03-09 02:00:00.000\t2024-03-09 02:00:00.000\t5\t物业\t" {
		t.Errorf("stored:\n%s", got)
	}
	if got := b.cases(); got != "XF1 XF2\nXF3" { // XF2 concluded the matter in February; a link does not open it again
		t.Errorf("cases %q", got)
	}
}

func (b *bureau) workbook(sheet string, rows [][]any) string {
	b.Helper()
	x := excelize.NewFile()
	defer x.Close()
	if err := x.SetSheetName("Sheet1", sheet); err != nil {
		b.Fatal(err)
	}
	for i, row := range rows {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := x.SetSheetRow(sheet, cell, &row); err != nil {
			b.Fatal(err)
		}
	}
	path := filepath.Join(b.TempDir(), "a.xlsx")
	if err := x.SaveAs(path); err != nil {
		b.Fatal(err)
	}
	return path
}

func TestOnline(t *testing.T) {
	b := open(t)
	source := b.shipped("sources.d/online.yaml")
	message := `{"type":"message","id":"W1","at":"2024-01-02T15:04:05+08:00","channel":"mailbox","account":"zhang","phone":"13905711234","place":"330106001","level":"county","competent":"county","category":["城乡建设","物业","停车"],"target":"","purpose":"complaint","people":1,"text":"停车难","related":""}` + "\n"
	event := func(id, known, unit string) string {
		return fmt.Sprintf(`{"type":"event","id":"W1","event":"%s","at":"2024-01-03T08:00:00+08:00"%s,"act":"assigned","unit":"%s"}`+"\n", id, known, unit)
	}
	b.take(source, [5]int{3, 3, 0, 0, 0}, b.write("a.jsonl", message+event("E1", "", "甲")+event("E2", `,"known":"2024-01-05T08:00:00+08:00"`, "乙")))
	if got := b.sql(`SELECT unit, known_at FROM signals FINAL WHERE kind = 'action' ORDER BY unit`); got != "乙\t2024-01-05 00:00:00.000\n甲\t2024-01-03 00:00:00.000" {
		t.Errorf("events:\n%s", got)
	}
	// A correction that says when the source knew is known from then on, not before.
	b.later(time.Hour)
	b.take(source, [5]int{1, 0, 0, 1, 0}, b.write("b.jsonl", event("E2", `,"known":"2024-01-07T08:00:00+08:00"`, "丙")))
	for at, want := range map[int]string{6: "乙", 8: "丙"} {
		if got := b.sql(fmt.Sprintf(`SELECT unit FROM signals FINAL WHERE unit != '甲' AND kind = 'action' AND known_at <= '2024-01-0%[1]d' AND known_until > '2024-01-0%[1]d'`, at)); got != want {
			t.Errorf("as of day %d: %s, want %s", at, got, want)
		}
	}
	b.take(source, [5]int{1, 0, 1, 0, 0}, b.write("c.jsonl", event("E2", `,"known":"2024-01-05T08:00:00+08:00"`, "乙"))) // an older word
	// What was done about a message that never comes belongs to the one that names it.
	b.take(source, [5]int{2, 2, 0, 0, 0}, b.write("e.jsonl", strings.Replace(event("E9", "", "丁"), "W1", "W8", 1)+strings.NewReplacer("W1", "W9", `"related":""`, `"related":"W8"`, "13905711234", "13905711299", "zhang", "li").Replace(message)))
	if got := b.sql(`SELECT uniqExact(case_id) FROM signals FINAL WHERE ref IN ('W8', 'W9')`); got != "1" {
		t.Errorf("%s cases", got)
	}
	r := b.take(source, [5]int{2, 0, 0, 0, 2}, b.write("d.jsonl", strings.Replace(message, `"place"`, `"plcae"`, 1)+`{"type":"gossip","id":"W2","at":"2024-01-02T15:04:05+08:00"}`+"\n"))
	for i, want := range []string{`no column "place", but there is "plcae"`, "no signal of the mapping applies to this record"} {
		if got := reasons(r); len(got) != 2 || !strings.Contains(got[i], want) {
			t.Errorf("rejects %q, want %q", got, want)
		}
	}
}

// Planted identities, in every spelling, in mapped and unmapped fields, in file
// and sheet names and in rejects, are nowhere in the store.
func TestPlantedIdentitiesInTheStore(t *testing.T) {
	b := open(t)
	source := b.shipped("sources.d/hotline-12345.yaml")
	spellings := []string{"13905711234", "139 0571 1234", "139-0571-1234", "１３９０５７１１２３４", "+8613905711234", "0086-139-0571-1234", "330106196001011236", "33010619600101123x", "330106600101123"}
	header := strings.Split(hotlineHeader, ",")
	for i, planted := range spellings {
		var text strings.Builder
		text.WriteString(hotlineHeader + ",姓名\r\n")
		for j, column := range header {
			line := strings.TrimSuffix(hotlineRow(fmt.Sprintf("工单编号=P%dx%d", i, j), column+"="+planted), "\r\n")
			text.WriteString(line + "," + planted + "\r\n")
		}
		text.WriteString("broken " + planted + "\r\n")
		if _, err := b.im.Import(t.Context(), source, []string{b.write(planted+".csv", text.String())}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.im.Import(t.Context(), b.shipped("sources.d/bureau.yaml"), []string{b.workbook("王 13905711234", [][]any{{"a", "b"}})}, nil); err != nil {
		t.Fatal(err)
	}
	if n := b.number("SELECT count() FROM signals"); n < 100 {
		t.Fatalf("%d signals stored", n)
	}
	if n := b.number("SELECT count() FROM rejects"); n < 50 {
		t.Fatalf("%d rejects stored", n)
	}
	for _, table := range []string{"signals", "case_links", "rejects"} {
		for row := range strings.Lines(b.sql(textsOf(b, table))) {
			if found := strings.Map(onlyDigits, row); strings.Contains(found, "05711234") || strings.Contains(found, "60010112") {
				t.Errorf("%s holds an identity: %s", table, row)
			}
		}
	}
	if strings.Contains(strings.Map(onlyDigits, "139 0571-１２３４"), "05711234") == false {
		t.Error("the search would not find one")
	}
}

// textsOf selects every text of a table but what is sealed, a line each.
func textsOf(b *bureau, table string) string {
	columns := strings.Split(b.sql(fmt.Sprintf(`SELECT name FROM system.columns WHERE database = currentDatabase() AND table = '%s' AND name NOT IN ('sealed', 'id') AND type NOT LIKE 'DateTime%%' AND type NOT LIKE '%%UInt64%%' ORDER BY position`, table)), "\n")
	var list []string
	for _, c := range columns {
		list = append(list, "toString("+c+")")
	}
	return "SELECT arrayJoin([" + strings.Join(list, ", ") + "]) FROM " + table
}

func onlyDigits(r rune) rune {
	switch {
	case r >= '0' && r <= '9':
		return r
	case r >= '０' && r <= '９':
		return r - '０' + '0'
	}
	return -1
}
