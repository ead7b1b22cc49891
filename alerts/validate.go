package alerts

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"yujing/internal/problem"
	"yujing/rules"
)

// AddressChecks says for each channel there is what an address must look like.
// The daemon fills it from the packages of the channels.
type AddressChecks map[string]func(address string) error

// Validate fills in the defaults and finds everything wrong at once. node is the
// mapping under `alerts:` in file, for the places of the problems; nil is allowed.
func (c *Config) Validate(file string, node *yaml.Node, channels AddressChecks) problem.List {
	v := &validator{file: file, node: node, channels: channels}
	v.dispute(c) // before the defaults hide that it was left out
	c.fill()
	v.general(c)
	names := map[string]int{}
	for i := range c.Receivers {
		r := &c.Receivers[i]
		if first, ok := names[r.Name]; ok {
			v.errorf(v.receiver(i, "name"), "give each receiver a name of its own", "receiver %d has the name %q of receiver %d", i+1, r.Name, first+1)
		}
		names[r.Name] = i
		v.one(i, r)
	}
	v.whole(c)
	v.found.Sort()
	return v.found
}

type validator struct {
	file     string
	node     *yaml.Node
	channels AddressChecks
	found    problem.List
}

type path []any // keys (string) and indices (int)

func (v *validator) receiver(i int, rest ...any) path {
	return append(path{"receivers", i}, rest...)
}

func (v *validator) errorf(at path, help, format string, args ...any) {
	v.add(problem.Error, at, help, format, args...)
}

func (v *validator) warnf(at path, help, format string, args ...any) {
	v.add(problem.Warning, at, help, format, args...)
}

func (v *validator) add(s problem.Severity, at path, help, format string, args ...any) {
	p := problem.Problem{File: v.file, Severity: s, Message: fmt.Sprintf(format, args...), Help: help, Check: "receivers"}
	if n := find(v.node, at); n != nil {
		p.Line, p.Column, p.Width = n.Line, n.Column, max(1, len([]rune(n.Value)))
	}
	v.found = append(v.found, p)
}

// find walks to the deepest node of the path that the file has.
func find(n *yaml.Node, at path) *yaml.Node {
	for _, step := range at {
		var next *yaml.Node
		switch key := step.(type) {
		case string:
			next = child(n, key)
		case int:
			if n != nil && n.Kind == yaml.SequenceNode && key < len(n.Content) {
				next = n.Content[key]
			}
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

func child(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func (v *validator) dispute(c *Config) {
	if (c.Dispute.ZH == "") != (c.Dispute.EN == "") {
		v.errorf(path{"dispute"}, "say it in zh and in en", "how to dispute an alert is said in one language only")
	}
}

func (v *validator) general(c *Config) {
	if _, err := time.LoadLocation(c.Zone); err != nil {
		v.errorf(path{"zone"}, `use a name like "Asia/Shanghai"`, "%q is no time zone", c.Zone)
	}
	if c.Quota.Messages < 1 || c.Quota.Reserved < 0 || c.Quota.Reserved >= c.Quota.Messages {
		v.errorf(path{"quota"}, "e.g. messages: 20, reserved: 5", "a quota of %d messages an hour with %d of them reserved for red leaves none", c.Quota.Messages, c.Quota.Reserved)
	}
	if c.Retry.First < 0 || c.Retry.Max < c.Retry.First || c.Retry.GiveUp < c.Retry.Max || c.Retry.Timeout < 0 {
		v.errorf(path{"retry"}, "first <= max <= give_up, all above 0", "retry times %v, %v, %v, %v contradict each other", c.Retry.First, c.Retry.Max, c.Retry.GiveUp, c.Retry.Timeout)
	}
	for level := range c.Ask {
		if l, err := rules.ParseLevel(level); (err != nil || l == rules.None) && level != SafetyRisk && level != askSystem {
			v.errorf(path{"ask", level}, "use blue, yellow, orange, red, safety or system", "ask: %q is no level", level)
		}
	}
	for l := rules.Blue; l <= rules.Red; l++ {
		if over := c.worstShort(l) + shortName - onePart; over > 0 {
			v.warnf(path{"ask", l.String()}, "say it shorter, or shorten sign", "a text message at %s can take %d characters more than one part holds", l, over)
		}
	}
	if c.URL != "" && !strings.Contains(c.URL, "{id}") {
		v.warnf(path{"url"}, `e.g. "https://yujing.example/alerts/{id}"`, "the url of an alert does not say where its number goes")
	}
}

func (v *validator) one(i int, r *Receiver) {
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`).MatchString(r.Name) {
		v.errorf(v.receiver(i, "name"), "use a-z, 0-9, _ and -; put the Chinese name under names", "receiver %d: the name %q cannot be part of a file name", i+1, r.Name)
	}
	if !slices.Contains(Roles(), r.Role) {
		v.errorf(v.receiver(i, "role"), "use one of "+strings.Join(Roles(), ", "), "receiver %s: %q is no role", r.Name, r.Role)
	}
	if l, err := rules.ParseLevel(r.Level); r.Level != "" && (err != nil || l == rules.None) {
		v.errorf(v.receiver(i, "level"), "use blue, yellow, orange or red", "receiver %s: %q is no level", r.Name, r.Level)
	}
	if r.Quiet != "" {
		if _, err := parseQuiet(r.Quiet); err != nil {
			v.errorf(v.receiver(i, "quiet"), `e.g. "22:00-07:00"`, "receiver %s: %v", r.Name, err)
		}
	}
	for n, place := range r.Places {
		if !regexp.MustCompile(`^[0-9]{2,12}$`).MatchString(place) {
			v.errorf(v.receiver(i, "places", n), "give the first 2 to 12 digits of a division code", "receiver %s: %q is no place", r.Name, place)
		}
	}
	v.duties(i, r)
	v.addresses(i, r)
}

// duties checks what responsible use asks of a receiver.
func (v *validator) duties(i int, r *Receiver) {
	if r.Accusations && r.Unit == "" {
		v.errorf(v.receiver(i, "accusations"), "say its unit, so that an accusation against that unit can be kept from it",
			"receiver %s is permitted accusations but has no unit (art. 30)", r.Name)
	}
	switch {
	case r.Role == RolePolice && len(r.Risks) == 0:
		v.errorf(v.receiver(i, "role"), "name each risk it is to hear of under risks, or leave the receiver out",
			"receiver %s: the police are never told by default", r.Name)
	case r.Role == RolePolice:
		v.warnf(v.receiver(i, "risks"), "keep this only if the matter itself needs the police; a complaint is not a public-order case",
			"receiver %s: the police will hear of %s", r.Name, strings.Join(r.Risks, ", "))
	}
	if r.Role == RoleUnit && len(r.Units) == 0 {
		v.errorf(v.receiver(i, "role"), "say its unit or the units it wants", "receiver %s: a unit without a unit would hear of everybody's matters", r.Name)
	}
}

func (v *validator) addresses(i int, r *Receiver) {
	if len(r.Channels) == 0 {
		v.errorf(v.receiver(i), `e.g. channels: [{email: duty@example.cn}]`, "receiver %s has no channel", r.Name)
	}
	seen := map[string]bool{}
	for n, entry := range r.Channels {
		if len(entry) != 1 {
			v.errorf(v.receiver(i, "channels", n), "write one channel an entry: [{email: ...}, {sms: ...}]", "receiver %s: channel %d names %d channels", r.Name, n+1, len(entry))
		}
		for name, address := range entry {
			at := v.receiver(i, "channels", n, name)
			check, known := v.channels[name]
			switch {
			case !known:
				v.errorf(at, "use one of "+strings.Join(v.known(), ", "), "receiver %s: there is no channel %q", r.Name, name)
			case seen[name]:
				v.errorf(at, "make a second receiver for the second address", "receiver %s has channel %s twice", r.Name, name)
			case check(address) != nil:
				v.errorf(at, "", "receiver %s: %v", r.Name, check(address))
			}
			seen[name] = true
		}
	}
}

func (v *validator) known() []string {
	var names []string
	for name := range v.channels {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// whole checks what only all receivers together can lack.
func (v *validator) whole(c *Config) {
	for _, r := range c.Receivers {
		if slots := c.Quota.Messages / max(1, len(r.Channels)); slots < 1 {
			v.errorf(path{"quota", "messages"}, "", "receiver %s has more channels (%d) than messages an hour (%d)", r.Name, len(r.Channels), c.Quota.Messages)
		}
	}
	i := slices.IndexFunc(c.Receivers, func(r Receiver) bool { return r.Name == c.Fallback })
	switch {
	case i < 0 && c.Fallback != "":
		v.errorf(path{"fallback"}, "name one of the receivers", "the fallback %q is no receiver", c.Fallback)
	case i < 0:
		v.warnf(path{"receivers"}, "add a receiver of role duty", "no fallback: an alert for which no receiver remains reaches nobody")
	case c.Receivers[i].Role == RolePolice:
		v.errorf(path{"fallback"}, "name another receiver", "the police cannot be the fallback")
	}
	if firstOfRole(c.Receivers, RoleSafety) == "" {
		v.errorf(path{"receivers"}, "add a receiver of role safety", "nobody would hear of a threat of harm")
	}
	if !slices.ContainsFunc(c.Receivers, func(r Receiver) bool { return r.Accusations }) {
		v.warnf(path{"receivers"}, "permit one receiver accusations, with its unit", "no receiver may know of accusations: alerts on them reach nobody")
	}
}
