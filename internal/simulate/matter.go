package simulate

// Channels (信访形式).
const (
	hotline uint8 = iota
	online
	mailbox
	letter
	visit
)

// Sources: the three feeds.
const (
	fromHotline uint8 = iota
	fromBureau
	fromOnline
	sourceCount
)

// Purposes (信访目的).
const (
	complaint uint8 = iota
	request
	suggestion
	inquiry
	thanks
	reviewRequest
	reReviewRequest
	accusation
)

// Levels of organs, as in the feeds.
const (
	village uint8 = iota + 1
	township
	county
	city
	province
	nation
)

// Acts of an office (办理方式), in the order of the feeds' columns.
const (
	transferred uint8 = iota
	assigned
	accepted
	notAccepted
	returned
	extended
	replied
	closed
	calledBack
	rated
	supervised
	reviewed
	reReviewed
	concluded
	hearing
	visited
	actCount
)

// Ratings (满意度).
const (
	unrated uint8 = iota
	satisfied
	basically
	dissatisfied
)

const none = 255 // no unit

// refKey names a record; the reference in the files follows from it.
type refKey struct {
	source uint8
	seq    uint32 // from 1, counted per source; 0 = no record
	at     int32
}

// record is one order, petition or message in a feed, in its present state.
type record struct {
	refKey
	related   refKey // 关联件
	channel   uint8
	level     uint8
	competent uint8
	purpose   uint8
	unit      uint8
	rating    uint8
	marks     uint8
	held      bool // its matter may still change it
	touched   bool // changed since the last export
	place     uint16
	category  uint16
	people    uint16
	no        uint16 // number of the contact within its matter, from 1
	subject   int64  // -1 = none
	person    uint64 // 0 = anonymous
	voice     uint64 // seed of the text
	times     [actCount]int32
	dueFrom   int32 // what the stated deadline counts from; 0 = none stated
	changed   int32
}

// stages of a round of handling.
const (
	stageNone uint8 = iota
	stageTransfer
	stageDecide
	stageExtend
	stageReply
	stageClose
	stageCall
	stageRate
)

// matter is a 信访事项 in the course of its life.
type matter struct {
	gen   uint16 // of the slot
	alive bool

	id       uint64
	r        rng
	first    refKey
	group    uint32
	person   uint64
	subject  int64
	place    uint16
	category uint16
	people   uint16 // most that signed at once
	purpose  uint8
	unit     uint8
	stage    uint8
	round    uint8
	contacts uint8

	current uint32   // record of the round
	also    []uint32 // records that came while it waits

	firstAt, lastContact, lastAct    int32
	transferredAt, acceptedAt, due   int32
	answeredAt, refusedAt            int32
	waiting, called, inPerson        bool
	doubled, inVain, higher          bool
	coming, reviewing, solved, stuck bool
	rating                           uint8
	returned                         uint8
	repeats                          uint8
	over                             bool   // concluded (终结)
	reviewRecord                     uint32 // of the 复查 or 复核 that runs

	bound   float64 // rate at which the hazard is asked now, per day
	tempted uint8   // number of the plan to ask it; older ones are void
	asked   bool    // at the end of the plan the hazard is asked, else only planned anew

	previous uint64  // the matter that was concluded before this one came
	outcome  outcome // what the truth file tells
}

// outcome is when what came; 0 = never.
type outcome struct {
	double, repeat, escalated int32
	afterMissed               bool // the first repeat came after a missed deadline
	review, reReview          int32
	concluded, after          int32
	harm                      bool
	missedAccept, missedReply bool
	slowness                  float32 // hidden: what multiplied the time of the last round
}

// group is the matters on one subject, or of one place and second-level class.
type group struct {
	gen   uint16
	alive bool

	id           uint64
	key          groupKey
	first        refKey
	firstAt      int32
	last         int32
	collectiveAt int32
	accusation   bool
	category     uint16
	place        uint16
	contacts     uint32
	members      []member
	matters      []uint32
}

type groupKey struct {
	subject  int64
	place    uint16
	category uint16 // first class with this second level
}

// member is a known complainant of a group.
type member struct {
	person uint64
	at     int32 // latest contact
}

// within counts the known complainants of the last 90 days.
func (g *group) within(now int32) int {
	n := 0
	for _, m := range g.members {
		if m.at > now-90*day {
			n++
		}
	}
	return n
}

// note records that a person came; old members are dropped on the way.
func (g *group) note(person uint64, at int32) {
	kept := g.members[:0]
	seen := false
	for _, m := range g.members {
		if m.person == person {
			m.at, seen = at, true
		}
		if m.at > at-90*day {
			kept = append(kept, m)
		}
	}
	if !seen && person != 0 {
		kept = append(kept, member{person, at})
	}
	g.members = kept
}
