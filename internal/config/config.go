// Package config composes what each package declares of its own configuration
// into the one file an operator writes, yujing.yaml. It knows no setting of its
// own but where things lie.
package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"yujing/alerts"
	"yujing/alerts/email"
	"yujing/alerts/outbox"
	"yujing/alerts/sms"
	"yujing/internal/calendar"
	"yujing/internal/clickhouse"
	"yujing/internal/problem"
	"yujing/scorer"
)

// Config is yujing.yaml. Every section belongs to the package that uses it.
type Config struct {
	HTTP       HTTP                 `yaml:"http"`
	Key        string               `yaml:"key_file"` // of the deployment's key; "" = DATA/key
	Inbox      string               `yaml:"inbox"`    // where feeds drop files; "" = DATA/inbox
	ClickHouse clickhouse.Config    `yaml:"clickhouse"`
	Retention  clickhouse.Retention `yaml:"retention"`
	Scoring    scorer.Config        `yaml:"scoring"`
	Deadlines  []calendar.Deadline  `yaml:"-"` // read by calendar.ParseDeadlines, which keeps positions
	Alerts     alerts.Config        `yaml:"alerts"`
	Email      email.Config         `yaml:"email"`
	SMS        sms.Config           `yaml:"sms"`
	Outbox     string               `yaml:"outbox"` // where the file channel writes; "" = DATA/outbox
}

// HTTP is where the daemon answers.
type HTTP struct {
	// Listen is for /healthz, /readyz and /metrics; "" = nowhere.
	Listen string `yaml:"listen"`
}

// Validate refuses an address at which nobody can listen.
func (h HTTP) Validate() error {
	if h.Listen == "" {
		return nil
	}
	_, port, err := net.SplitHostPort(h.Listen)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("listen: %q is no address; write HOST:PORT such as 127.0.0.1:8680, or \"\" for none", h.Listen)
	}
	return nil
}

// In gives the configuration with its paths where they lie if none are named:
// in the data directory.
func (c Config) In(dataDir string) Config {
	c.Key = cmp.Or(c.Key, filepath.Join(dataDir, "key"))
	c.Inbox = cmp.Or(c.Inbox, filepath.Join(dataDir, "inbox"))
	c.Outbox = cmp.Or(c.Outbox, filepath.Join(dataDir, "outbox"))
	return c
}

// Default is what holds where yujing.yaml says nothing.
func Default() Config {
	return Config{
		HTTP:       HTTP{Listen: "127.0.0.1:8680"},
		ClickHouse: clickhouse.DefaultConfig(),
		Retention:  clickhouse.DefaultRetention(),
		Scoring:    scorer.DefaultConfig(),
		Deadlines:  calendar.Deadlines(),
		Alerts:     alerts.Default(),
	}
}

// Load reads a configuration strictly: an unknown key is an error, and all
// errors come at once. A path that was not asked for may be missing.
func Load(path string, asked bool) (Config, problem.List) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && !asked {
		return Parse(path, nil) // an empty file says the same: the defaults
	}
	if err != nil {
		return Config{}, problem.List{{File: path, Severity: problem.Error, Message: err.Error(), Check: "config",
			Help: "name the file with --config, or leave it out for the defaults"}}
	}
	return Parse(path, text)
}

// document is the form of yujing.yaml: Config, and what needs its node to be read.
type document struct {
	Config    `yaml:",inline"`
	Deadlines yaml.Node `yaml:"deadlines"`
}

// Parse decodes and validates the text of a configuration.
func Parse(path string, text []byte) (Config, problem.List) {
	f := document{Config: Default()}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return f.Config, problems(path, err)
	}
	var root yaml.Node
	_ = yaml.Unmarshal(text, &root) // the same text, just decoded
	var found problem.List
	add := func(name string, err error) {
		if err != nil {
			found = append(found, problem.Problem{File: path, Line: lineOf(section(&root, name)), Severity: problem.Error,
				Message: name + ": " + err.Error(), Check: "config"})
		}
	}
	add("http", f.HTTP.Validate())
	_, err := f.Scoring.Plan()
	add("scoring", err)
	add("retention", f.Retention.Validate())
	add("clickhouse", f.ClickHouse.Validate())
	var list problem.List
	f.Config.Deadlines, list = calendar.ParseDeadlines(&f.Deadlines, path)
	found = append(found, list...)
	found = append(found, f.Alerts.Validate(path, section(&root, "alerts"), addresses())...)
	found = append(found, f.Email.Validate(path)...)
	found = append(found, f.SMS.Validate(path)...)
	found.Sort()
	return f.Config, found
}

// section is the node under a top-level key; nil if it is not there.
func section(root *yaml.Node, key string) *yaml.Node {
	if len(root.Content) == 0 {
		return nil
	}
	top := root.Content[0]
	for i := 0; i+1 < len(top.Content); i += 2 {
		if top.Content[i].Value == key {
			return top.Content[i+1]
		}
	}
	return nil
}

var (
	yamlLine   = regexp.MustCompile(`^line (\d+): (.*)$`)
	noField    = regexp.MustCompile(`^field (\S+) not found in type \S+$`)
	wrongShape = regexp.MustCompile("^cannot unmarshal !!(\\w+)(?: (`.*`))? into (.+)$")
)

// plain says in an operator's words what the decoder says in a programmer's.
func plain(message string) (text, help string) {
	if m := noField.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("unknown key %q", m[1]), "docs/config.md has all keys; look at the spelling and the indentation"
	}
	if m := wrongShape.FindStringSubmatch(message); m != nil {
		is := map[string]string{"seq": "a list", "map": "a section", "int": "a number", "str": "text", "bool": "true or false", "float": "a number"}[m[1]]
		return strings.Join(strings.Fields(is+" "+m[2]+" cannot stand here"), " "), "the key wants " + wants(m[3])
	}
	if strings.Contains(message, "cannot start any token") || strings.Contains(message, "tab character") {
		return message, "YAML is indented by spaces, never by tabs; quote values that begin with @ % or a backquote"
	}
	return message, ""
}

// wants names what a Go type is in a file.
func wants(kind string) string {
	switch {
	case kind == "string":
		return "one text"
	case kind == "bool":
		return "true or false"
	case strings.HasPrefix(kind, "int") || strings.HasPrefix(kind, "uint") || strings.HasPrefix(kind, "float"):
		return "a number"
	case strings.HasPrefix(kind, "[]"):
		return "a list: [a, b]"
	}
	return "keys of its own"
}

// problems places each of the decoder's messages on its line.
func problems(path string, err error) problem.List {
	lines := []string{strings.TrimPrefix(err.Error(), "yaml: ")}
	var typed *yaml.TypeError
	if errors.As(err, &typed) {
		lines = typed.Errors
	}
	var out problem.List
	for _, l := range lines {
		p := problem.Problem{File: path, Severity: problem.Error, Message: l, Check: "config"}
		if m := yamlLine.FindStringSubmatch(l); m != nil {
			p.Line, _ = strconv.Atoi(m[1])
			p.Message = m[2]
		}
		p.Message, p.Help = plain(p.Message)
		out = append(out, p)
	}
	return out
}

// lineOf is where a section begins; 0 if it is not there.
func lineOf(n *yaml.Node) int {
	if n == nil {
		return 0
	}
	return n.Line
}

// addresses says, for each channel there is, what an address must look like. A
// new channel is its package, a line here and one in Channels.
func addresses() alerts.AddressChecks {
	return alerts.AddressChecks{"email": email.CheckAddress, "sms": sms.CheckAddress, "file": outbox.CheckAddress}
}

// ChannelNames gives the channels there are, for those who describe a configuration.
func ChannelNames() []string { return slices.Sorted(maps.Keys(addresses())) }

// Channels opens the channels that are configured; the file channel always is.
func (c *Config) Channels() (map[string]alerts.Channel, error) {
	files, err := outbox.Open(c.Outbox)
	if err != nil {
		return nil, err
	}
	out := map[string]alerts.Channel{"file": files}
	if c.Email.Enabled() {
		if out["email"], err = email.New(c.Email); err != nil {
			return nil, fmt.Errorf("email: %w", err)
		}
	}
	if c.SMS.Enabled() {
		out["sms"] = sms.New(c.SMS)
	}
	return out, nil
}
