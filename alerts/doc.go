// Package alerts is the last station of a complaint's journey: what the rules
// say of a matter becomes an alert, and the alert reaches a person.
//
// An alert's life is a sequence of events, appended and never changed; its
// state is their fold (fold.go). What the scorer found changed proposes events
// (propose.go), people add theirs (acts.go). An event that somebody must hear of
// names whom (route.go); from there each receiver's channel has a lane of its
// own, so that a gateway that is down holds up nobody else (lane.go). The stages
// of delivery stand in order in stages.go.
//
// Delivery is at least once. What was between "intend" and "record" when the
// process died goes out again under the same key; the file channel creates by
// key, so there never twice.
package alerts
