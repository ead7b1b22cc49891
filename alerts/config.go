package alerts

import (
	"time"

	"yujing/rules"
)

// Config is the part `alerts:` of yujing.yaml. The zero value of a field means
// its default; Default fills them in.
type Config struct {
	// Zone is the time zone of quiet hours and of times in messages.
	Zone string `yaml:"zone"`
	// Receivers, in order. With none configured the defaults of Default stand.
	Receivers []Receiver `yaml:"receivers"`
	// Fallback names the receiver who is told when nobody else remains; without
	// it, the first of role duty.
	Fallback string `yaml:"fallback"`
	Quota    Quota  `yaml:"quota"`
	Retry    Retry  `yaml:"retry"`
	// Sign stands before a text message, in 【】: providers require it.
	Sign string `yaml:"sign"`
	// Dispute tells how to contest an alert. It is part of every message.
	Dispute rules.Text `yaml:"dispute"`
	// Ask is what a text message asks for, by level (blue, yellow, orange, red),
	// of a threat of harm (safety), and when the warning system itself needs help
	// (system): a service to the complainant, never a measure against one.
	Ask map[string]rules.Text `yaml:"ask"`
	// URL of an alert in the console; {id} is replaced. "" leaves it out.
	URL string `yaml:"url"`
	// DigestWait is how long a digest waits for more when nobody says that
	// catching up is done.
	DigestWait time.Duration `yaml:"digest_wait"`
}

// Quota limits what one receiver gets, over all the receiver's channels.
type Quota struct {
	// Messages per receiver and hour; what exceeds it is bundled into one
	// message. Several channels share it evenly.
	Messages int `yaml:"messages"`
	// Reserved of these are kept for red, so that red never waits behind blue.
	Reserved int `yaml:"reserved"`
}

// Retry says how long a message that a gateway does not take is tried again.
type Retry struct {
	First   time.Duration `yaml:"first"`   // wait after the first failure; doubles
	Max     time.Duration `yaml:"max"`     // wait at most
	GiveUp  time.Duration `yaml:"give_up"` // since the message was intended
	Timeout time.Duration `yaml:"timeout"` // of one attempt
}

// Receiver is someone who is told, on one or more channels.
type Receiver struct {
	Name  string     `yaml:"name"` // [a-z0-9_-]: part of keys and file names
	Names rules.Text `yaml:"names"`
	// Role is what the receiver is in the ledger of a matter; see Roles.
	Role string `yaml:"role"`
	// Unit is the office the receiver belongs to, with its other spellings. An
	// accusation against it is kept from the receiver.
	Unit    string   `yaml:"unit"`
	Aliases []string `yaml:"unit_aliases"`
	// Channels are entries like {email: a@b.cn}, {sms: "138..."}, {file: .}.
	Channels []map[string]string `yaml:"channels"`
	// Level, Risks, Units and Places are what the receiver wants: this level or
	// above; any of these risks; matters whose present unit is one of these
	// (role unit: its own, if nothing is said); places that begin with one of these.
	Level  string   `yaml:"level"`
	Risks  []string `yaml:"risks"`
	Units  []string `yaml:"units"`
	Places []string `yaml:"places"`
	// Accusations permits accusations (检举控告), but never one against Unit.
	Accusations bool `yaml:"accusations"`
	// Recused are units and matters (SOURCE:REF) in which the receiver has an
	// interest and is never told of (art. 28).
	Recused []string `yaml:"recused"`
	// Quiet hours "22:00-07:00" hold back everything but red and safety.
	Quiet string `yaml:"quiet"`
}

// Roles a receiver can have. police_station_head is in the ledger (七包一台账)
// but is told only of risks that its receiver names.
const (
	RoleDuty       = "duty"
	RoleSafety     = "safety"
	RoleUnit       = "unit"
	RoleDiscipline = "discipline"
	RolePolice     = "police_station_head"
)

// Roles lists the roles that configuration may use.
func Roles() []string {
	return []string{
		RoleDuty, "leader", RoleUnit, RoleSafety, RoleDiscipline,
		"district_leader", "township_secretary", "deputy_secretary",
		"village_secretary", "grid_worker", RolePolice, "legal_worker", "other",
	}
}

// Default is what a configuration file is decoded over. What follows from the
// rest, such as the receivers that stand when none are named, Validate fills in.
func Default() Config {
	var c Config
	c.fillPlain()
	return c
}

func (c *Config) fillPlain() {
	setDefault(&c.Zone, "Asia/Shanghai")
	setDefault(&c.Quota.Messages, 20)
	setDefault(&c.Retry.First, time.Second)
	setDefault(&c.Retry.Max, 5*time.Minute)
	setDefault(&c.Retry.GiveUp, 72*time.Hour)
	setDefault(&c.Retry.Timeout, 30*time.Second)
	setDefault(&c.Sign, "预警")
	setDefault(&c.DigestWait, time.Minute)
}

// fill puts the defaults where nothing is said.
func (c *Config) fill() {
	c.fillPlain()
	setDefault(&c.Dispute, rules.Text{
		ZH: "预警只是提示，由人作出判断。认为有误的，请在系统中以“误报”关闭并写明理由，或向值班室提出。",
		EN: "An alert is a hint; a person decides. If it is wrong, close it as a false alarm with your reason, or tell the duty desk.",
	})
	setDefault(&c.Quota.Reserved, c.Quota.Messages/4)
	c.Ask = merged(defaultAsk(), c.Ask)
	if len(c.Receivers) == 0 {
		c.Receivers = defaultReceivers()
	}
	for i := range c.Receivers {
		r := &c.Receivers[i]
		setDefault(&r.Names.ZH, r.Name)
		setDefault(&r.Names.EN, r.Name)
		if r.Role == RoleUnit && len(r.Units) == 0 && r.Unit != "" {
			r.Units = append([]string{r.Unit}, r.Aliases...)
		}
	}
	if c.Fallback == "" {
		c.Fallback = firstOfRole(c.Receivers, RoleDuty)
	}
}

func firstOfRole(receivers []Receiver, role string) string {
	for _, r := range receivers {
		if r.Role == role {
			return r.Name
		}
	}
	return ""
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func merged[V any](base, over map[string]V) map[string]V {
	for k, v := range over {
		base[k] = v
	}
	return base
}

// askSystem asks for help with the warning system itself.
const askSystem = "system"

func defaultAsk() map[string]rules.Text {
	return map[string]rules.Text{
		"blue":    {ZH: "请按期办理并回访", EN: "please handle in time and call back"},
		"yellow":  {ZH: "请3日内联系信访人", EN: "please contact the complainant within 3 days"},
		"orange":  {ZH: "请24小时内联系信访人", EN: "please contact the complainant within 24 hours"},
		"red":     {ZH: "请立即联系信访人", EN: "please contact the complainant now"},
		askSystem: {ZH: "请尽快检查数据来源", EN: "please check the feed soon"},
		"safety":  {ZH: "请立即派人查看并给予帮助", EN: "please look now and offer help"},
	}
}

func defaultReceivers() []Receiver {
	file := []map[string]string{{"file": "."}}
	return []Receiver{
		{Name: "duty", Names: rules.Text{ZH: "值班室", EN: "duty desk"}, Role: RoleDuty, Channels: file},
		{Name: "safety", Names: rules.Text{ZH: "安全专线", EN: "safety line"}, Role: RoleSafety, Channels: file},
		{Name: "discipline", Names: rules.Text{ZH: "检举控告专办", EN: "accusations desk"}, Role: RoleDiscipline,
			Unit: "纪委监委", Accusations: true, Risks: []string{accusationsOnly}, Channels: file},
	}
}
