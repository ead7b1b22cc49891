package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// A backup restored into an empty directory gives the same answers to every
// question, tells nobody anything again, and what is imported later joins the
// same matters as it would have in the directory that was lost.
func TestRestoredStoreGivesTheSameAnswers(t *testing.T) {
	p := newProgram(t, itself(t))
	p.deploy("http: {listen: '127.0.0.1:0'}\n")
	now := time.Now().UTC().Truncate(time.Second)
	p.fine("simulate", "--seed", "5", "--contacts", "600", "--out", "feeds", "--from", now.AddDate(0, 0, -60).Format(time.RFC3339), "--to", now.Format(time.RFC3339))
	p.importHalves("var", 0)
	p.daemon(func(string) { p.settled("var"); p.acknowledge() })
	asOf := time.Now().UTC().Format(time.RFC3339)
	want := p.answers("var", asOf)
	p.fine("backup", "copy")
	p.stopEngine("var")
	if err := os.Rename(filepath.Join(p.dir, "var"), filepath.Join(p.dir, "lost")); err != nil {
		t.Fatal(err)
	}

	p.fine("restore", "copy")
	got := p.answers("var", asOf)
	for i, question := range want {
		if !bytes.Equal(question.answer, got[i].answer) {
			t.Errorf("%s: the restored store answers otherwise (%d bytes, was %d)", question.what, len(got[i].answer), len(question.answer))
		}
	}
	p.daemon(func(string) { time.Sleep(2 * time.Second) })
	for _, message := range p.messages("lost") {
		if slices.Contains(p.messages("var"), message) {
			t.Errorf("the message %s went out again", message)
		}
	}
	p.importHalves("lost", 1)
	p.importHalves("var", 1)
	const matters = "SELECT lower(hex(id)), version, case_id, person, group_id, ref FROM signals FINAL WHERE closed_at = 0 ORDER BY id"
	lost, restored := p.fine("--data", "lost", "sql", matters), p.fine("sql", matters)
	if !bytes.Equal(lost, restored) {
		t.Errorf("what was imported after the restore lies in other matters: %d bytes, %d without the loss", len(restored), len(lost))
	}
	if joined := p.sql("SELECT count() FROM (SELECT case_id FROM signals FINAL WHERE kind = 'contact' GROUP BY case_id HAVING uniq(stored_at) > 1)"); joined[0][0] == "0" {
		t.Error("no later contact joined an earlier matter: this proves nothing")
	}
}

// A backup without the key says so, and the key that lies at its place is kept.
func TestBackupNeedsItsKey(t *testing.T) {
	p := newProgram(t, itself(t))
	p.deploy("")
	p.write("calls.csv", []byte("工单编号,来电时间,来电号码\n"))
	p.run("import", "--source", "hotline-12345", "calls.csv")
	p.fine("backup", "--without-key", "copy")
	if _, err := os.Stat(filepath.Join(p.dir, "copy", keyInBackup)); err == nil {
		t.Error("the key is in a backup that should not have it")
	}
	p.fine("--data", "other", "restore", "copy")
	if _, err := os.Stat(filepath.Join(p.dir, "other", "key")); err == nil {
		t.Error("a restore without a key made one: later contacts would silently not join")
	}
	for _, args := range [][]string{{"backup", "copy"}, {"restore", "copy"}, {"--data", "third", "restore", "nowhere"}} {
		if code := p.exit(args...); code != exitUsage {
			t.Errorf("yujing %v: exit code %d, want %d", args, code, exitUsage)
		}
	}
}

// deploy puts the shipped rules and sources beside a configuration.
func (p *program) deploy(config string) {
	p.t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		p.t.Fatal(err)
	}
	p.write("yujing.yaml", []byte(config))
	for _, link := range []string{"rules.d", "sources.d"} {
		if err := os.Symlink(filepath.Join(root, link), filepath.Join(p.dir, link)); err != nil {
			p.t.Fatal(err)
		}
	}
}

// importHalves imports the first or the second half of each simulated feed.
func (p *program) importHalves(data string, half int) {
	p.t.Helper()
	for _, source := range []string{"hotline-12345", "bureau", "online"} {
		files, err := filepath.Glob(filepath.Join(p.dir, "feeds", source, "*"))
		if err != nil || len(files) < 2 {
			p.t.Fatalf("%d files of %s: %v", len(files), source, err)
		}
		middle := len(files) / 2
		files = [][]string{files[:middle], files[middle:]}[half]
		p.fine(append([]string{"--data", data, "import", "--source", source}, files...)...)
	}
}

// acknowledge takes on the first open alert, so that one has been touched.
func (p *program) acknowledge() {
	p.t.Helper()
	var alert struct{ ID string }
	list := p.fine("alerts", "--json")
	line, _, _ := bytes.Cut(list, []byte("\n"))
	if err := json.Unmarshal(line, &alert); err != nil || alert.ID == "" {
		p.t.Fatalf("no open alert: %v\n%s", err, line)
	}
	p.fine("ack", alert.ID, "--by", "值班员")
}

type question struct {
	what   string
	answer []byte
}

// answers asks for scores, alerts, explanations, and how much every table holds.
func (p *program) answers(data, asOf string) (all []question) {
	p.t.Helper()
	ask := func(args ...string) {
		out, _ := p.run(append([]string{"--data", data}, args...)...)
		if len(out) == 0 {
			p.t.Errorf("yujing %v has nothing to say", args)
		}
		all = append(all, question{fmt.Sprint(args), out})
	}
	ask("score", "--json", "--as-of", asOf)
	ask("score", "--json", "--as-of", asOf, "--as-seen")
	ask("alerts", "--json", "--all")
	ask("sql", "SELECT lower(leftPad(hex(case_id), 16, '0')) FROM signals GROUP BY case_id ORDER BY count() DESC, case_id LIMIT 5")
	for line := range bytes.Lines(all[len(all)-1].answer) {
		if row := string(bytes.TrimSpace(line)); len(row) == 16 {
			ask("explain", row, "--json", "--as-of", asOf)
		}
	}
	for _, table := range []string{"signals", "case_links", "rejects", "assessments", "ticks", "alert_events", "deliveries", "schema_versions"} {
		ask("sql", "SELECT count(), groupBitXor(cityHash64(*)) FROM "+table+" FINAL")
	}
	return all
}

func (p *program) messages(data string) (names []string) {
	p.t.Helper()
	files, err := filepath.Glob(filepath.Join(p.dir, data, "outbox", "*.txt"))
	if err != nil {
		p.t.Fatal(err)
	}
	for _, f := range files {
		names = append(names, filepath.Base(f))
	}
	return names
}
