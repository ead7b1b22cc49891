package main

import (
	"slices"

	"yujing/alerts"
	"yujing/internal/calendar"
	"yujing/internal/config"
	"yujing/internal/schema"
	"yujing/rules"
)

func configSchema(root string) (*schema.Schema, error) {
	c := &converter{
		sources:  &sources{root, map[string]map[string]structure{}},
		lists:    list,
		duration: pattern(`^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$`),
		used:     map[string]bool{},
	}
	c.known = map[string]*schema.Schema{
		"clickhouse.Config.protocol":    oneOf("native", "http"),
		"clickhouse.Embedded.memory_mb": {Type: schema.Types{"integer"}, Minimum: new(256)},
		"email.Config.tls":              oneOf("starttls", "tls", "none", ""),
		"sms.Config.max_parts":          whole(0, 10),
		"alerts.Config.ask":             asks(c),
		"alerts.Receiver.name":          pattern(`^[a-z0-9][a-z0-9_-]*$`),
		"alerts.Receiver.role":          oneOf(alerts.Roles()...),
		"alerts.Receiver.channels":      channels(),
		"alerts.Receiver.level":         oneOf(append(alertLevels(), "")...),
		"alerts.Receiver.places":        list(&schema.Schema{Type: schema.Types{"string", "integer"}, Pattern: "^[0-9]{2,12}$"}),
		"alerts.Receiver.risks":         list(as(schema.RoleRisk, text())),
		"alerts.Receiver.quiet":         pattern(`^([0-9]{1,2}:[0-9]{2}-[0-9]{1,2}:[0-9]{2})?$`),
	}
	c.known["config.document.deadlines"] = deadlines(c)
	s := c.object("yujing/internal/config", "document")
	s.Properties.Get("alerts").Properties.Get("receivers").Items.Required = []string{"name", "role", "channels"}
	s.Title, s.Description = "yujing: configuration", "yujing.yaml. Every key has a default. See docs/config.md."
	for section, meaning := range map[string]string{
		"clickhouse": "Where the store is: without addr the embedded engine in the data directory.",
		"scoring":    "When every row is scored.",
		"alerts":     "Who is told of what, how often, and what the messages say.",
		"email":      "The channel email: off until its server is named.",
		"sms":        "The channel sms, through Kannel: off until its url is named.",
	} {
		s.Properties.Get(section).Description = meaning
	}
	slices.SortStableFunc(s.Properties, func(a, b schema.Property) int { return order(a.Name) - order(b.Name) })
	return s, c.err()
}

// order puts what the document reads by itself back among the rest.
func order(key string) int {
	return map[string]int{"alerts": 2, "email": 3, "sms": 4, "outbox": 5, "deadlines": 1}[key]
}

func asks(c *converter) *schema.Schema {
	s := object("", nil)
	for _, level := range append(alertLevels(), alerts.SafetyRisk, "system") {
		s.Properties = append(s.Properties, key(level, c.object("yujing/rules", "Text"), "What a message at this level asks for."))
	}
	return s
}

func channels() *schema.Schema {
	entry := object("One channel with its address.", nil)
	for _, name := range config.ChannelNames() {
		entry.Properties = append(entry.Properties, key(name, text(), "The address on this channel."))
	}
	entry.MinKeys, entry.MaxKeys = 1, 1
	return &schema.Schema{Type: schema.Types{"array"}, Items: entry, MinItems: 1}
}

// deadlines is what calendar.ParseDeadlines reads.
func deadlines(c *converter) *schema.Schema {
	starts := []string{"contact"}
	for _, purpose := range rules.Words()["purpose"] {
		starts = append(starts, "purpose:"+purpose)
	}
	c.known["calendar.Deadline.kind"] = pattern(`^[a-z0-9_]+$`)
	c.known["calendar.Deadline.starts"] = &schema.Schema{Type: schema.Types{"array"}, Items: oneOf(append(starts, calendar.Actions()...)...), MinItems: 1}
	c.known["calendar.Deadline.ends"] = &schema.Schema{Type: schema.Types{"array"}, Items: oneOf(calendar.Actions()...), MinItems: 1}
	c.known["calendar.Deadline.length"] = whole(1, 3650)
	c.known["calendar.Deadline.extension"] = whole(0, 3650)
	c.known["calendar.Deadline.channel"] = oneOf(append(rules.Words()["channel"], "")...)
	c.known["calendar.Deadline.source"] = filled()
	entry := c.object("yujing/internal/calendar", "Deadline")
	entry.Required = []string{"kind", "starts", "length", "ends", "source"}
	s := list(entry)
	s.Description = "The table of deadlines: an entry replaces the default of its kind, or adds a kind."
	return s
}
