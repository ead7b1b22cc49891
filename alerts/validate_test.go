package alerts_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"yujing/alerts"
	"yujing/alerts/email"
	"yujing/alerts/outbox"
	"yujing/alerts/sms"
	"yujing/internal/problem"
)

func checks() alerts.AddressChecks {
	return alerts.AddressChecks{"email": email.CheckAddress, "sms": sms.CheckAddress, "file": outbox.CheckAddress}
}

func validate(t *testing.T, file string) (alerts.Config, problem.List) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	d := &problem.Decoder{File: file}
	root := d.Parse(data)
	cfg := alerts.Default()
	d.Decode(root, &cfg)
	return cfg, append(d.Problems, cfg.Validate(file, root, checks())...)
}

// Each bad fixture is named by its mistake; the first line is a comment with
// what must be said, and on which line.
func TestValidate(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) < 10 {
		t.Fatal(len(files), err)
	}
	for _, path := range files {
		file := filepath.Base(path)
		t.Run(strings.TrimSuffix(file, ".yaml"), func(t *testing.T) {
			_, found := validate(t, file)
			data, _ := os.ReadFile(path)
			for _, line := range strings.Split(string(data), "\n") {
				want, ok := strings.CutPrefix(line, "# want ")
				if !ok {
					continue
				}
				if want == "nothing" {
					if len(found) > 0 {
						t.Error(found)
					}
					return
				}
				if !strings.Contains(found.Error(), want) {
					t.Errorf("want %s\n got %s", want, found.Error())
				}
			}
			for _, p := range found {
				if p.Line == 0 {
					t.Errorf("without a place: %s", p)
				}
			}
		})
	}
}

func TestDefaultsAreValid(t *testing.T) {
	cfg := alerts.Default()
	if found := cfg.Validate("", nil, checks()); len(found) > 0 {
		t.Error(found)
	}
	if len(cfg.Receivers) == 0 || cfg.Fallback == "" || cfg.Quota.Messages != 20 {
		t.Errorf("%+v", cfg)
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	var cfg alerts.Config
	if err := yaml.Unmarshal([]byte("zone: Mars/Base\nreceivers: [{name: A, role: king}, {name: b, role: duty, level: pink, channels: [{fax: 1}]}]"), &cfg); err != nil {
		t.Fatal(err)
	}
	found := cfg.Validate("yujing.yaml", nil, checks())
	if found.Count(problem.Error) != 7 {
		t.Errorf("want 7 errors (zone, name, role, no channel, level, fax, safety), got\n%s", found)
	}
	if !errors.As(found.Err(), new(problem.List)) {
		t.Error("no error")
	}
}
