package ingest

import (
	"context"
	"iter"
	"time"
)

// Key is something by which contacts are recognised as one matter: a hash of
// SOURCE:REF, or a keyed pseudonym of identity + category + place. 0 = none.
type Key uint64

// Link says that from KnownAt on a key stands for a case. Links are appended,
// never changed: the case as of an instant is the latest link known by then.
type Link struct {
	Key      Key
	Case     CaseID
	KnownAt  time.Time
	StoredAt time.Time
	By       string // what made the link: "ref", "record", "link", "identity", "key", "reopened"
}

// Row is a signal in its place: the matter it belongs to and the interval of
// knowledge [KnownAt, KnownUntil) in which it is what we believed.
type Row struct {
	Signal
	Case       CaseID
	Person     uint64    // the complainant within the matter: the first pseudonym seen; 0 unknown
	KnownUntil time.Time // zero = still believed
	ClosedAt   time.Time // when this store learned that it no longer is; zero = open
}

// Known is the little an import needs of what is stored already: the latest row
// of a signal.
type Known struct {
	Case    CaseID
	ID      ID
	Version uint64
	At      time.Time
	KnownAt time.Time
	Until   time.Time // KnownUntil: the signal was taken back then; zero = still believed
	Updated time.Time
	Kind    Kind
	Act     string
	Person  uint64
	Who     []uint64
}

// Reject is a record that could not be mapped. It waits, sealed, for a mended mapping.
type Reject struct {
	ID     ID // hash of source and record: the same record rejected twice is one reject
	Source string
	File   string // base name, masked
	Line   int
	Reason string
	Remedy string
	Masked string    // the record as a person may see it
	Sealed []byte    // the record itself under the deployment's key
	At     time.Time // when it was rejected
	Waits  bool      // "no such matter yet": retried at each import
}

// Batch is what one step of an import stores.
type Batch struct {
	Links   []Link
	Rows    []Row
	Rejects []Reject
	Settled []ID // rejects that are now stored, or dropped: erased
}

// Store is what an import asks of the database. Every call may be repeated.
type Store interface {
	// RememberKey keeps the name of the deployment's key at the first import.
	// Another one's is an error: nothing may be stored under two keys.
	RememberKey(ctx context.Context, name string) error
	// Turn waits until no other import, of whatever process, is between its
	// look-ups and its Append, and keeps others out until done is called.
	Turn(ctx context.Context) (done func(), err error)
	// Links gives all links of these keys, oldest knowledge first.
	Links(ctx context.Context, keys []Key) ([]Link, error)
	// Known gives the latest row (by KnownAt) of every signal of these cases,
	// also of a signal that was taken back and has no open row.
	Known(ctx context.Context, cases []CaseID) ([]Known, error)
	// Rows gives the open rows of these ids in full, so that they can be closed.
	Rows(ctx context.Context, rows []Known) ([]Row, error)
	// Append stores links first, then all rows as one atomic block, then
	// rejects. Appending the same batch again changes nothing. It retries
	// while the engine is away and returns only when stored or hopeless.
	Append(ctx context.Context, b *Batch) error
	// Rejects gives the rejects asked for, by At, then file, then line.
	Rejects(ctx context.Context, q RejectQuery) iter.Seq2[Reject, error]
}

// RejectQuery says which rejects, and how much of each.
type RejectQuery struct {
	Source  string // "" = of every source
	Waiting bool   // only those with Waits
	Brief   bool   // without Masked and Sealed, which are the bulk of a reject
}
