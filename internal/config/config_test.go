package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"yujing/internal/config"
	"yujing/internal/problem"
)

func TestNoFileIsTheDefaults(t *testing.T) {
	c, problems := config.Load(filepath.Join(t.TempDir(), "yujing.yaml"), false)
	if len(problems) > 0 || len(c.Alerts.Receivers) == 0 || len(c.Deadlines) == 0 || c.Retention.Signals == 0 {
		t.Errorf("%+v, %v", c, problems)
	}
	if _, problems := config.Load(filepath.Join(t.TempDir(), "yujing.yaml"), true); problems.Err() == nil {
		t.Error("a file that was named may not be missing")
	}
}

func TestWhatIsSaidReplacesTheDefault(t *testing.T) {
	c, problems := config.Parse("yujing.yaml", []byte(`
scoring: {schedule: "0 8 * * *"}
deadlines:
  - {kind: hotline_reply, starts: [transferred], length: 3, working: true, ends: [replied, closed], channel: hotline, source: 本市热线办法}
`))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if c.Scoring.Schedule != "0 8 * * *" || c.Scoring.Zone != "Asia/Shanghai" {
		t.Errorf("scoring: %+v", c.Scoring)
	}
	lengths := map[string]int{}
	for _, d := range c.Deadlines {
		lengths[d.Kind] = d.Length
	}
	if lengths["hotline_reply"] != 3 || lengths["reply"] != 60 {
		t.Errorf("deadlines: %v", lengths)
	}
}

// Every mistake of testdata/bad is told at its line, and all of a file at once.
func TestMistakes(t *testing.T) {
	for name, want := range map[string][]string{
		"unknown-key.yaml":            {"unknown-key.yaml:2: error: unknown key \"schedul\""},
		"schedule-and-retention.yaml": {":2: error: scoring: schedule", ":4: error: retention: rejects_days 0"},
		"relative-schedule.yaml":      {"@every has no fixed instants"},
		"deadline-without-end.yaml":   {":2:5: error: deadline \"reply\": nothing ends it"},
		"password-twice.yaml":         {"email"},
		"no-yaml.yaml":                {"no-yaml.yaml:1"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata", "bad", name))
			if err != nil {
				t.Fatal(err)
			}
			_, problems := config.Parse(name, text)
			if problems.Count(problem.Error) == 0 {
				t.Fatal("no error")
			}
			for _, w := range want {
				if !strings.Contains(problems.Error(), w) {
					t.Errorf("want %q in\n%s", w, problems.Error())
				}
			}
		})
	}
}

func TestWhatARestartIsNeededFor(t *testing.T) {
	parse := func(text string) config.Config {
		c, problems := config.Parse("yujing.yaml", []byte(text))
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		return c.In("data")
	}
	running := parse("")
	next, restart := parse(`
http: {listen: "127.0.0.1:1"}
inbox: elsewhere
clickhouse: {addr: ["db:9000"], embedded: {memory_mb: 512}}
retention: {signals_days: 1}
scoring: {schedule: "0 8 * * *"}
deadlines: [{kind: reply, starts: [accepted], length: 3, ends: [replied], source: x}]
alerts: {quota: {messages: 9}}
outbox: out
email: {server: "127.0.0.1:25", tls: none, from: a@b.cn}
`).UntilRestart(running)
	if got, want := strings.Join(restart, " "), "http.listen inbox clickhouse.addr clickhouse.embedded.memory_mb retention.signals_days"; got != want {
		t.Errorf("a restart is needed for %s, want %s", got, want)
	}
	if got, want := strings.Join(config.Changed(running, next), " "), "scoring.schedule deadlines alerts.quota.messages alerts.quota.reserved email.server email.tls email.from outbox"; got != want {
		t.Errorf("changed: %s, want %s", got, want)
	}
	if next.Inbox != "data/inbox" || next.Outbox != "out" || len(next.ClickHouse.Addr) > 0 {
		t.Errorf("%+v", next)
	}
}
