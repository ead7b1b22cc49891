package scorer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/robfig/cron/v3"
	"go.uber.org/zap/zaptest"

	"yujing/ingest"
	"yujing/internal/clickhouse"
	"yujing/internal/clickhouse/clickhousetest"
	"yujing/rules"
	"yujing/scorer"
)

func TestMain(m *testing.M) { clickhousetest.Main(m) }

var t0 = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

// set is two risks of one rule each: time alone makes the first one fire.
func set(t *testing.T) *rules.Set { return setOf(t, 20) }

// setOf is the same with other points for two hours without a reply.
func setOf(t *testing.T, points int) *rules.Set {
	t.Helper()
	s, problems := rules.Load(fstest.MapFS{
		"risks.yaml": {Data: []byte(`risks:
  - id: waiting
    name: {zh: 等待, en: waiting}
    over: case
    levels: {blue: 10, yellow: 20, orange: 40, red: 60}
    horizon: 30d
    zone: Asia/Shanghai
    outcome: it.purpose == "complaint" and count(before, .purpose == "complaint") > 5
  - id: many
    name: {zh: 多人, en: many}
    over: group
    levels: {blue: 10, yellow: 20, orange: 40, red: 60}
    horizon: 90d
    zone: Asia/Shanghai
    outcome: it.people >= 5
`)},
		"waiting.yaml": {Data: fmt.Appendf(nil, `risk: waiting
rules:
  - id: two-hours
    name: {zh: 两小时未答复, en: two hours without a reply}
    when: any(contacts, .age > 2.0 / 24) and none(actions, .act == "replied")
    points: %d
    because: {zh: 已等待两小时, en: waited two hours}
    advise: {zh: 请联系信访人, en: contact the complainant}
`, points)},
		"many.yaml": {Data: []byte(`risk: many
rules:
  - id: three
    name: {zh: 三人以上, en: three or more}
    when: complainants(contacts) >= 3
    points: 40
    because: {zh: 多人反映, en: several people}
    advise: {zh: 请集中答复, en: answer them together}
`)},
	}, rules.Options{})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return s
}

func signal(t *testing.T, db *clickhouse.DB, n int, at, stored time.Time, kind ingest.Kind, act string, flags ...string) {
	t.Helper()
	r := ingest.Row{Signal: ingest.Signal{Version: uint64(n), Source: "s", Name: "n", Ref: fmt.Sprint("R", n), Kind: kind, Act: act, Channel: "hotline",
		Purpose: "complaint", People: 1, At: at, KnownAt: at, StoredAt: stored, Group: 9, Flags: append([]string{}, flags...)}, Case: ingest.CaseID(n % 100), Person: uint64(n)}
	r.ID = ingest.ID{byte(n), byte(n >> 8), 1}
	if kind == ingest.Action {
		r.Ref, r.Group, r.Person = fmt.Sprint("R", n%100), 0, 0
	}
	if err := db.Append(t.Context(), &ingest.Batch{Rows: []ingest.Row{r}}); err != nil {
		t.Fatal(err)
	}
}

// heard keeps what is handed over and can be made to fail.
type heard struct {
	changes []scorer.Change
	fail    error
}

func (h *heard) emit(_ context.Context, _ time.Time, c []scorer.Change) error {
	if h.fail != nil {
		return h.fail
	}
	h.changes = append(h.changes, c...)
	return nil
}

func (h *heard) take() (out []string) {
	for _, c := range h.changes {
		late := ""
		if c.Late {
			late = " late"
		}
		out = append(out, fmt.Sprintf("%s %s %v %s->%s%s", c.AsOf.Format("15:04"), c.Risk, c.Ref, c.Was, c.Level, late))
	}
	h.changes = nil
	return out
}

type world struct {
	*heard
	now    time.Time
	runner *scorer.Runner
}

func runner(t *testing.T, db *clickhouse.DB, w *world) *scorer.Runner {
	t.Helper()
	plan, err := scorer.Config{Schedule: "0 * * * *", Zone: "Asia/Shanghai"}.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return scorer.NewRunner(scorer.RunnerOptions{Facts: db, Ledger: db, Set: set(t), Schedule: plan, Emit: w.heard.emit, Now: func() time.Time { return w.now }, Logger: zaptest.NewLogger(t)})
}

func start(t *testing.T, db *clickhouse.DB, now time.Time) *world {
	t.Helper()
	w := &world{heard: &heard{}, now: now}
	w.runner = runner(t, db, w)
	if err := w.runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestTimeAloneMakesARuleFireAndAReplyEndsIt(t *testing.T) {
	db := clickhousetest.Open(t)
	signal(t, db, 1, t0, t0, ingest.Contact, "")
	w := start(t, db, t0.Add(30*time.Minute))
	expect(t, w.take())
	w.now = t0.Add(3*time.Hour + time.Minute)
	if err := w.runner.Due(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, w.take(), "04:00 waiting s:R1 none->yellow")
	signal(t, db, 101, t0.Add(3*time.Hour), w.now, ingest.Action, "replied")
	w.now = w.now.Add(time.Minute)
	if err := w.runner.Arrivals(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, w.take(), "04:02 waiting s:R1 yellow->none")
}

func TestArrivalScoresItsCaseAndItsGroup(t *testing.T) {
	db := clickhousetest.Open(t)
	w := start(t, db, t0)
	for n := 1; n <= 3; n++ {
		signal(t, db, n, t0.Add(time.Duration(n)*time.Second), t0.Add(time.Minute), ingest.Contact, "")
	}
	w.now = t0.Add(2 * time.Minute)
	if err := w.runner.Arrivals(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, w.take(), "01:02 many s:R1 none->orange")
	if err := w.runner.Arrivals(t.Context()); err != nil { // nothing new: nothing to say
		t.Fatal(err)
	}
	expect(t, w.take())
}

// stirring is a store in which something happens while it looks for arrivals.
type stirring struct {
	*clickhouse.DB
	during func()
}

func (s *stirring) StoredSince(ctx context.Context, after time.Time, most int) ([]scorer.Arrived, error) {
	s.during()
	return s.DB.StoredSince(ctx, after, most)
}

// What is stored while arrivals are looked for is read with them, so the instant
// must see it: it counts as scored and no later arrival takes it up.
func TestWhatIsStoredDuringTheReadIsSeen(t *testing.T) {
	db := clickhousetest.Open(t)
	w := start(t, db, t0)
	plan, err := scorer.Config{Schedule: "0 * * * *", Zone: "Asia/Shanghai"}.Plan()
	if err != nil {
		t.Fatal(err)
	}
	w.now = t0.Add(2 * time.Minute)
	store := &stirring{DB: db, during: func() {
		if w.now.Equal(t0.Add(2 * time.Minute)) {
			signal(t, db, 1, t0.Add(-3*time.Hour), w.now.Add(5*time.Millisecond), ingest.Contact, "")
			w.now = w.now.Add(10 * time.Millisecond)
		}
	}}
	w.runner = scorer.NewRunner(scorer.RunnerOptions{Facts: store, Ledger: db, Set: set(t), Schedule: plan, Emit: w.heard.emit, Now: func() time.Time { return w.now }})
	for range 2 {
		if err := w.runner.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(time.Minute)
	}
	expect(t, w.take(), "01:02 waiting s:R1 none->yellow")
}

// An instant of the schedule that comes due meanwhile goes first: time goes forward.
func TestWhatComesDueDuringTheReadGoesFirst(t *testing.T) {
	db := clickhousetest.Open(t)
	w := start(t, db, t0)
	plan, err := scorer.Config{Schedule: "0 * * * *", Zone: "Asia/Shanghai"}.Plan()
	if err != nil {
		t.Fatal(err)
	}
	store := &stirring{DB: db, during: func() { w.now = t0.Add(time.Hour + time.Second) }}
	var order []string
	w.runner = scorer.NewRunner(scorer.RunnerOptions{Facts: store, Ledger: db, Set: set(t), Schedule: plan, Emit: w.heard.emit, Now: func() time.Time { return w.now },
		OnTick: func(tick scorer.Tick, _ time.Duration) {
			order = append(order, fmt.Sprint(tick.AsOf.Format("15:04:05 "), tick.Trigger))
		}})
	w.now = t0.Add(59 * time.Minute)
	signal(t, db, 1, t0.Add(-3*time.Hour), w.now.Add(-time.Second), ingest.Contact, "")
	if err := w.runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, order, "02:00:00 schedule", "02:00:01 arrival")
	expect(t, w.take(), "02:00 waiting s:R1 none->yellow")
}

// A complaint that comes after a large import is among what is read of it.
func TestWhatWasStoredLastIsReadFirst(t *testing.T) {
	db := clickhousetest.Open(t)
	for n, after := range []int{3, 1, 4, 2} {
		signal(t, db, n+1, t0, t0.Add(time.Duration(after)*time.Second), ingest.Contact, "")
	}
	stored, err := db.StoredSince(t.Context(), t0, 2)
	if err != nil {
		t.Fatal(err)
	}
	var cases []uint64
	for _, s := range stored {
		cases = append(cases, s.Case)
	}
	if !slices.Equal(cases, []uint64{3, 1}) {
		t.Errorf("read cases %v, want the third and the first", cases)
	}
}

func TestDowntimeIsMadeUpForInOrderAndMarkedLate(t *testing.T) {
	db := clickhousetest.Open(t)
	signal(t, db, 1, t0, t0, ingest.Contact, "")
	start(t, db, t0.Add(30*time.Minute))
	w := start(t, db, t0.Add(5*time.Hour))
	expect(t, w.take(), "04:00 waiting s:R1 none->yellow late")
	if last, err := db.LastTick(t.Context(), scorer.Scheduled); err != nil || !last.AsOf.Equal(t0.Add(5*time.Hour)) {
		t.Errorf("last tick %v, %v", last, err)
	}
}

// A tick that fails half way is evaluated again, and says the same.
func TestTickCutShortIsSaidAgain(t *testing.T) {
	db := clickhousetest.Open(t)
	signal(t, db, 1, t0, t0, ingest.Contact, "")
	w := start(t, db, t0.Add(30*time.Minute))
	w.fail = errors.New("alerts are away")
	w.now = t0.Add(3 * time.Hour)
	if err := w.runner.Due(t.Context()); err == nil {
		t.Fatal("the failure was swallowed")
	}
	w.fail = nil
	if err := w.runner.Due(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, w.take(), "04:00 waiting s:R1 none->yellow")

	signal(t, db, 2, t0.Add(time.Second), w.now, ingest.Contact, "")
	w.now, w.fail = w.now.Add(time.Minute), errors.New("killed")
	if err := w.runner.Arrivals(t.Context()); err == nil {
		t.Fatal("the failure was swallowed")
	}
	again := start(t, db, w.now.Add(time.Minute)) // another process on the same store
	expect(t, again.take(), "04:01 waiting s:R2 none->yellow")

	w.fail = nil // and the same one
	w.now = w.now.Add(time.Minute)
	if err := w.runner.Arrivals(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, w.take(), "04:01 waiting s:R2 none->yellow")
}

// The first evaluation of all is no exception.
func TestFirstStartCutShortIsSaidAgain(t *testing.T) {
	db := clickhousetest.Open(t)
	signal(t, db, 1, t0, t0, ingest.Contact, "")
	w := &world{heard: &heard{fail: errors.New("killed")}, now: t0.Add(3 * time.Hour)}
	w.runner = runner(t, db, w)
	if err := w.runner.Start(t.Context()); err == nil {
		t.Fatal("the failure was swallowed")
	}
	again := start(t, db, w.now.Add(time.Minute))
	expect(t, again.take(), "04:00 waiting s:R1 none->yellow")
}

func TestRowThatLeavesItsWindowIsLetGo(t *testing.T) {
	db := clickhousetest.Open(t)
	signal(t, db, 1, t0, t0, ingest.Contact, "")
	w := start(t, db, t0.Add(24*time.Hour))
	expect(t, w.take(), "01:00 waiting s:R1 none->yellow")
	w = start(t, db, t0.Add(366*24*time.Hour))
	expect(t, w.take(), "01:00 waiting s:R1 yellow->none late")
}

// Another rule set scores every row at once, whatever the schedule says, and
// the schedule goes on as before.
func TestAnotherRuleSetScoresEveryRowAtOnce(t *testing.T) {
	db := clickhousetest.Open(t)
	signal(t, db, 1, t0, t0, ingest.Contact, "")
	w := start(t, db, t0.Add(3*time.Hour))
	expect(t, w.take(), "04:00 waiting s:R1 none->yellow")
	stronger := setOf(t, 40)
	w.now = w.now.Add(10 * time.Minute)
	w.runner.Use(stronger, nil)
	if err := w.runner.Arrivals(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range w.changes {
		if c.RuleSet != stronger.Version() {
			t.Errorf("%s bears rule set %s, want %s", c.Ref, c.RuleSet, stronger.Version())
		}
	}
	expect(t, w.take(), "04:10 waiting s:R1 yellow->orange")
	if err := w.runner.Arrivals(t.Context()); err != nil { // once is enough
		t.Fatal(err)
	}
	if last, err := db.LastTick(t.Context(), ""); err != nil || !last.AsOf.Equal(w.now) {
		t.Errorf("last instant %v, %v, want %v", last, err, w.now)
	}
	signal(t, db, 101, w.now, w.now, ingest.Action, "replied")
	w.now = t0.Add(4 * time.Hour)
	if err := w.runner.Due(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, w.take(), "05:00 waiting s:R1 orange->none")
}

// What fails half way of it is not lost: the next try is of a later instant, at
// which nothing changes any more.
func TestAnotherRuleSetCutShortIsFollowedUp(t *testing.T) {
	db := clickhousetest.Open(t)
	signal(t, db, 1, t0, t0, ingest.Contact, "")
	w := start(t, db, t0.Add(3*time.Hour))
	w.take()
	w.now, w.fail = w.now.Add(10*time.Minute), errors.New("alerts are away")
	w.runner.Use(setOf(t, 40), nil)
	if err := w.runner.Arrivals(t.Context()); err == nil {
		t.Fatal("the failure was swallowed")
	}
	w.now, w.fail = w.now.Add(time.Minute), nil
	if err := w.runner.Due(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, w.take(), "04:10 waiting s:R1 none->orange") // "was" is not kept
}

// The instants of another schedule count from its arrival: those that it would
// have had before are not made up for.
func TestAnotherScheduleCountsFromNow(t *testing.T) {
	db := clickhousetest.Open(t)
	w := start(t, db, t0)
	w.now = t0.Add(30 * time.Minute)
	plan, err := scorer.Config{Schedule: "* * * * *", Zone: "Asia/Shanghai"}.Plan()
	if err != nil {
		t.Fatal(err)
	}
	w.runner.Use(nil, plan)
	for range 2 {
		if err := w.runner.Due(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.now = w.now.Add(2*time.Minute + time.Second)
	}
	var out strings.Builder
	if err := db.Raw(t.Context(), &out, clickhouse.RawQuery{SQL: "SELECT formatDateTime(as_of, '%H:%i:%S', 'UTC') FROM ticks FINAL ORDER BY as_of", Format: "TabSeparated"}); err != nil {
		t.Fatal(err)
	}
	expect(t, strings.Fields(out.String()), "01:00:00", "01:30:00", "01:31:00", "01:32:00")
}

// A running Runner goes by another schedule at once, not after the next instant of the one before.
func TestRunGoesByAnotherSchedule(t *testing.T) {
	db := clickhousetest.Open(t)
	ticks := make(chan scorer.Tick, 100)
	plan := func(schedule string) cron.Schedule {
		p, err := scorer.Config{Schedule: schedule, Zone: "Asia/Shanghai"}.Plan()
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	r := scorer.NewRunner(scorer.RunnerOptions{Facts: db, Ledger: db, Set: set(t), Schedule: plan("0 0 1 1 *"), Emit: (&heard{}).emit,
		OnTick: func(t scorer.Tick, _ time.Duration) { ticks <- t }})
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-ticks
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- r.Run(ctx) }()
	r.Use(nil, plan("* * * * * *"))
	for range 3 {
		select {
		case <-ticks:
		case <-time.After(20 * time.Second):
			t.Fatal("no instant")
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
