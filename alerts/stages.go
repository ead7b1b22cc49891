package alerts

import "context"

// stage is one step of delivery. What is decided with the alert runs before its
// events are stored and is stored with them; the rest runs in the lane of one
// receiver's channel.
type stage struct {
	name    string
	decide  func(*Config, *Event)
	deliver func(*lane, context.Context, *turn) verdict
}

// verdict is why a turn of a lane ends here; "" lets it go on.
type verdict string

// stages are the road of every message, in order. What a crash cuts off before
// "intend" is decided anew from the stored event; what it cuts off between
// "intend" and "record" goes out again under the same key.
func stages() []stage {
	return []stage{
		{name: "route", decide: (*Config).decideRoute}, // who may know, and who wants to
		{name: "mute", deliver: (*lane).mute},          // hold what is muted, in quiet hours, or part of a digest that still grows
		{name: "quota", deliver: (*lane).quota},        // pick the most urgent; bundle what exceeds the hour
		{name: "dedupe", deliver: (*lane).dedupe},      // leave out what is settled or closed by a person meanwhile
		{name: "render", deliver: (*lane).render},      // from the stored event alone: the same on every attempt
		{name: "intend", deliver: (*lane).intend},      // stored before sent
		{name: "send", deliver: (*lane).send},
		{name: "record", deliver: (*lane).record}, // sent, failed (again later), or given up
	}
}

// decideRoute puts into an event who hears of it.
func (c *Config) decideRoute(e *Event) {
	r := c.route(subject{Risk: e.Risk, Level: e.Level, Matter: &e.Detail.Matter})
	e.To, e.Detail.Passed, e.Detail.Note = r.To, r.Passed, r.Note
}
