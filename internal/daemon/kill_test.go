package daemon_test

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"yujing/alerts"
	"yujing/ingest"
	"yujing/internal/clickhouse"
	"yujing/internal/config"
	"yujing/internal/daemon"
	"yujing/internal/engine"
	"yujing/internal/privacy"
	"yujing/internal/simulate"
	"yujing/scorer"
)

const (
	daemonKills = 20 // of the daemon, in the hour
	engineKills = 3  // of its engine, in the same hour
	// hour is how long the simulated hour takes, and step the time between two
	// instants of the schedule: an hour of five-minute instants.
	hour = 60 * time.Second
	step = 5 * time.Second
	// squeezed is the time of the simulated district that happens in the hour.
	squeezed = 15 * 24 * time.Hour
	walkIns  = 6 // files that come into the inbox during the hour
	// settled is for how long nothing happens to a daemon at rest.
	settled = 8 * time.Second
)

// daemonVariable makes the test binary the daemon of the directory it names.
const daemonVariable = "YUJING_TEST_DAEMON"

func TestMain(m *testing.M) {
	engine.MaybeServe()
	if dir := os.Getenv(daemonVariable); dir != "" {
		if err := runDaemon(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func runDaemon(dir string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	c, problems := config.Load(filepath.Join(dir, "yujing.yaml"), true)
	if err := problems.Err(); err != nil {
		return err
	}
	c.Key, c.Inbox, c.Outbox = filepath.Join(dir, "key"), filepath.Join(dir, "inbox"), filepath.Join(dir, "outbox")
	encoding := zap.NewProductionEncoderConfig()
	encoding.EncodeTime = zapcore.ISO8601TimeEncoder
	log := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(encoding), zapcore.AddSync(os.Stderr), zapcore.InfoLevel))
	d, err := daemon.New(ctx, daemon.Options{Config: c, DataDir: dir, Rules: "../../rules.d", Sources: "../../sources.d", Logger: log})
	if err != nil {
		return err
	}
	go func() {
		<-d.Ready()
		fmt.Println("ready")
	}()
	if err := d.Run(ctx); err != nil {
		return err
	}
	return d.Close()
}

// The daemon is killed with -9 twenty times in a simulated hour, at random
// moments and right after a gateway took a message, and its engine some times
// more. Beside it an undisturbed one runs on a copy of the same data, at the
// same instants. What they know at every instant, the alerts and who was told
// of them must be the same.
func TestDaemonUnderKill(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)
	quiet, killed := newDeployment(t), newDeployment(t)
	district := settle(t, quiet)
	copyDir(t, quiet.dir, killed.dir)
	quiet.configure()
	killed.configure()
	killed.taken = slices.Clone(quiet.taken) // the digest of the first start

	start := time.Now().Truncate(step).Add(3 * step)
	end := start.Add(hour)
	for _, d := range []*deployment{quiet, killed} {
		d.openStore()
		district.happen(d, start)
		d.start()
	}
	var beside sync.WaitGroup
	beside.Go(func() { dropFiles(t, start, quiet, killed) })
	killed.torment(random, start, end)
	beside.Wait()
	for _, d := range []*deployment{quiet, killed} {
		d.awaitRest(end)
		d.stop()
	}
	t.Logf("%d kills of the daemon, %d of them with a message just taken, %d of the engine", len(killed.kills), killed.aimed, killed.engineKills)
	if len(killed.kills) < daemonKills || killed.engineKills < engineKills {
		t.Errorf("want %d kills of the daemon and %d of the engine", daemonKills, engineKills)
	}
	sameAssessments(t, start, end, quiet, killed)
	sameAlerts(t, quiet, killed)
	nothingLost(t, quiet, killed)
	gatewayRepeats(t, killed)
	outboxWhole(t, quiet, killed)
}

// deployment is a data directory with the daemon that runs on it and the
// gateway that takes its text messages.
type deployment struct {
	t   *testing.T
	dir string
	db  *clickhouse.DB
	*gateway
	life        *life
	kills       []time.Time
	aimed       int
	engineKills int
}

func newDeployment(t *testing.T) *deployment {
	d := &deployment{t: t, dir: t.TempDir(), gateway: newGateway(t)}
	t.Cleanup(func() { // whatever became of the test: leave no process
		if d.life != nil {
			_ = d.life.cmd.Process.Kill()
		}
		d.stopEngine()
	})
	return d
}

// configure writes yujing.yaml.
func (d *deployment) configure() {
	d.t.Helper()
	text := fmt.Sprintf(`http: {listen: ""}
scoring: {schedule: "*/%d * * * * *"}
sms: {url: "%s", username: yujing, password: secret}
alerts:
  quota: {messages: 2000}
  retry: {first: 100ms, max: 1s}
  receivers:
    - {name: desk, role: duty, unit: 信访局值班室, accusations: true, channels: [{file: .}]}
    - {name: leader, role: leader, unit: 分管领导办公室, accusations: true, channels: [{sms: "13800138000"}]}
    - {name: safety, role: safety, channels: [{file: safety}]}
`, int(step.Seconds()), d.gateway.URL)
	if err := os.WriteFile(filepath.Join(d.dir, "yujing.yaml"), []byte(text), 0o600); err != nil {
		d.t.Fatal(err)
	}
}

func (d *deployment) openStore() {
	d.t.Helper()
	db, err := clickhouse.Open(d.t.Context(), clickhouse.Options{Config: clickhouse.DefaultConfig(), Dir: d.dir})
	if err != nil {
		d.t.Fatal(err)
	}
	d.db = db
	d.t.Cleanup(func() { _ = db.Close() })
}

func (d *deployment) stopEngine() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	eng, err := engine.Open(ctx, engine.Options{Dir: filepath.Join(d.dir, "store")})
	if err == nil {
		err = eng.Stop(ctx)
	}
	if err != nil {
		d.t.Errorf("stop engine: %v", err)
	}
}

// life is one process of the daemon.
type life struct {
	cmd   *exec.Cmd
	ready chan struct{}
	ended chan struct{}
}

// start begins a life.
func (d *deployment) start() {
	d.t.Helper()
	self, err := os.Executable()
	if err != nil {
		d.t.Fatal(err)
	}
	log, err := os.OpenFile(filepath.Join(d.dir, "daemon.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer log.Close()
	l := &life{cmd: exec.Command(self), ready: make(chan struct{}), ended: make(chan struct{})}
	l.cmd.Env, l.cmd.Stderr = append(os.Environ(), daemonVariable+"="+d.dir), log
	stdout, err := l.cmd.StdoutPipe()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := l.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	go func() {
		defer close(l.ended)
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if lines.Text() == "ready" {
				close(l.ready)
			}
		}
		_ = l.cmd.Wait()
	}()
	d.life = l
}

// kill ends the life with -9. One that ended before, ended by a fault.
func (d *deployment) kill() {
	select {
	case <-d.life.ended:
		d.t.Errorf("the daemon ended by itself: %s\n%s", d.life.cmd.ProcessState, d.lastLog())
	default:
	}
	_ = d.life.cmd.Process.Kill()
	<-d.life.ended
	d.kills = append(d.kills, time.Now())
}

// stop ends the life cleanly.
func (d *deployment) stop() {
	d.t.Helper()
	_ = d.life.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-d.life.ended:
	case <-time.After(30 * time.Second):
		d.t.Fatalf("the daemon does not stop\n%s", d.lastLog())
	}
	if code := d.life.cmd.ProcessState.ExitCode(); code != 0 {
		d.t.Errorf("the daemon stopped with %s\n%s", d.life.cmd.ProcessState, d.lastLog())
	}
}

func (d *deployment) lastLog() []byte {
	log, _ := os.ReadFile(filepath.Join(d.dir, "daemon.log"))
	return log[max(0, len(log)-6000):]
}

// torment kills and restarts the daemon, evenly over the hour.
func (d *deployment) torment(random *rand.Rand, start, end time.Time) {
	time.Sleep(time.Until(start))
	share := end.Sub(start) / daemonKills
	for n := range daemonKills {
		from := start.Add(time.Duration(n) * share)
		time.Sleep(time.Until(from.Add(time.Duration(random.Int64N(int64(share))))))
		if n%(daemonKills/engineKills) == 1 && d.killEngine() {
			time.Sleep(time.Duration(random.IntN(500)) * time.Millisecond)
		}
		if n%2 == 1 {
			d.killAtMessage(share)
		} else {
			d.kill()
		}
		d.start()
	}
	time.Sleep(time.Until(end))
}

// killAtMessage kills the daemon when the gateway has taken the next message
// and not answered yet; if none comes in time, then without.
func (d *deployment) killAtMessage(within time.Duration) {
	done := make(chan struct{})
	d.setAim(func() {
		d.kill()
		close(done)
	})
	select {
	case <-done:
		d.aimed++
	case <-time.After(within):
		if d.setAim(nil) {
			d.kill()
			return
		}
		<-done
		d.aimed++
	}
}

func (d *deployment) killEngine() bool {
	text, err := os.ReadFile(filepath.Join(d.dir, "store", "engine.lock"))
	if err != nil {
		return false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid < 2 || syscall.Kill(pid, syscall.SIGKILL) != nil {
		return false
	}
	d.engineKills++
	return true
}

// awaitRest waits until the last instant of the hour is evaluated and the daemon
// is not behind, every file is imported and every message settled, and until it
// stays so for longer than the daemon takes to look for what was stored.
func (d *deployment) awaitRest(end time.Time) {
	d.t.Helper()
	var why string
	var since time.Time
	for deadline := time.Now().Add(4 * time.Minute); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		last, err := d.db.LastTick(d.t.Context(), scorer.Scheduled)
		if err != nil {
			d.t.Fatal(err)
		}
		pending, err := d.db.Pending(d.t.Context())
		if err != nil {
			d.t.Fatal(err)
		}
		files, _ := filepath.Glob(filepath.Join(d.dir, "inbox", "*", "*"))
		switch {
		case last.AsOf.Before(end.Add(step)) || time.Since(last.AsOf) > 3*step || len(pending) > 0 || len(files) > 0:
			since = time.Time{}
		case since.IsZero():
			since = time.Now()
		case time.Since(since) > settled:
			return
		}
		why = fmt.Sprintf("last instant %s (want %s), %d messages pending, files in the inbox: %v", last.AsOf, end, len(pending), files)
	}
	d.t.Fatalf("the daemon does not come to rest: %s\n%s", why, d.lastLog())
}

// gateway takes text messages as Kannel does, and remembers each.
type gateway struct {
	*httptest.Server
	mu    sync.Mutex
	taken []textMessage
	aim   func() // called once, when a message is taken and not answered yet
}

type textMessage struct {
	key, text string
	at        time.Time
}

func newGateway(t *testing.T) *gateway {
	g := &gateway{}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		g.mu.Lock()
		g.taken = append(g.taken, textMessage{r.Header.Get("X-Kannel-Account"), string(text), time.Now()})
		aim := g.aim
		g.aim = nil
		g.mu.Unlock()
		if aim != nil {
			aim()
		}
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "0: Accepted for delivery")
	}))
	t.Cleanup(g.Close)
	return g
}

// setAim replaces the aim and says whether the one before was still to come.
func (g *gateway) setAim(aim func()) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	before := g.aim
	g.aim = aim
	return before != nil
}

// history is what the simulated district did last: it happens during the hour.
type history struct {
	from, to time.Time
	rows     []ingest.Row
}

// settle makes a deployment: half a year of a simulated district is imported
// but for its last days, and the daemon has started once.
func settle(t *testing.T, d *deployment) *history {
	t.Helper()
	now := time.Now()
	sim := filepath.Join(t.TempDir(), "sim")
	_, err := simulate.Run(t.Context(), simulate.Options{Seed: 11, From: now.AddDate(0, -6, 0), To: now, Contacts: 3_000, Format: simulate.CSV, Dir: sim})
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(sim, "hotline-12345", "*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	d.configure()
	d.openStore()
	if err := d.db.Migrate(t.Context(), clickhouse.DefaultRetention()); err != nil {
		t.Fatal(err)
	}
	key, _, err := privacy.OpenKey(filepath.Join(d.dir, "key"))
	if err != nil {
		t.Fatal(err)
	}
	sources, problems := config.Sources("../../sources.d")
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	hotline := sources[slices.IndexFunc(sources, func(s *ingest.Source) bool { return s.ID == "hotline-12345" })]
	h := &history{from: now.Add(-squeezed), to: now}
	// Stored long enough ago that nothing of it counts as arriving in the hour.
	before := func() time.Time { return now.Add(-time.Hour) }
	importer := ingest.New(ingest.Options{Store: withheld{d.db, h}, Key: key, Now: before, Batch: 1 << 22})
	if _, err := importer.Import(t.Context(), hotline, files, nil); err != nil {
		t.Fatal(err)
	}
	d.start()
	select {
	case <-d.life.ready:
	case <-d.life.ended:
		t.Fatalf("the daemon does not start\n%s", d.lastLog())
	case <-time.After(time.Minute):
		t.Fatalf("the daemon does not become ready\n%s", d.lastLog())
	}
	d.awaitRest(time.Now())
	d.stop()
	if err := d.db.Close(); err != nil {
		t.Fatal(err)
	}
	d.stopEngine()
	return h
}

// withheld is the store without what the district did last.
type withheld struct {
	*clickhouse.DB
	*history
}

func (w withheld) Append(ctx context.Context, b *ingest.Batch) error {
	kept := *b
	kept.Rows = nil
	for _, r := range b.Rows {
		if r.KnownAt.After(w.from) || r.KnownUntil.After(w.from) {
			w.rows = append(w.rows, r)
		} else {
			kept.Rows = append(kept.Rows, r)
		}
	}
	return w.DB.Append(ctx, &kept)
}

// happen stores what the district did last, as if it came about in the hour
// from start on: each daemon sees the same of it at each instant.
func (h *history) happen(d *deployment, start time.Time) {
	d.t.Helper()
	in := func(t time.Time) time.Time {
		if !t.After(h.from) {
			return t
		}
		share := float64(t.Sub(h.from)) / float64(h.to.Sub(h.from))
		return start.Add(time.Duration(share * float64(hour))).Truncate(time.Millisecond)
	}
	rows := slices.Clone(h.rows)
	for i := range rows {
		r := &rows[i]
		r.At, r.KnownAt, r.KnownUntil = in(r.At), in(r.KnownAt), in(r.KnownUntil)
	}
	if err := d.db.Append(d.t.Context(), &ingest.Batch{Rows: rows}); err != nil {
		d.t.Fatal(err)
	}
}

// walkInRef names the matters that come by the inbox. When they are stored
// depends on when the daemon lives, so they are compared at the end alone.
const walkInRef = "WALK-IN-"

// dropFiles puts the same files into both inboxes, spread over the hour: joint
// complaints, each a matter of its own, the last ones with a threat of harm.
func dropFiles(t *testing.T, start time.Time, into ...*deployment) {
	for n := range walkIns {
		time.Sleep(time.Until(start.Add(hour * time.Duration(2*n+1) / (2 * walkIns))))
		now := time.Now().In(simulate.Zone())
		text := "小区停车位长期被占,多次反映无人处理"
		if n >= walkIns-2 {
			text += ",再不解决就跳楼"
		}
		row := map[string]string{"工单编号": fmt.Sprint(walkInRef, n), "来电时间": now.Format(time.DateTime), "更新时间": now.Format(time.DateTime),
			"来电号码": fmt.Sprintf("1380013%04d", n), "问题属地": fmt.Sprintf("33010600100%d", n), "诉求目的": "投诉", "一级分类": "城乡建设", "二级分类": "物业管理",
			"三级分类": "停车", "诉求对象": fmt.Sprintf("某某物业公司第%d分公司", n), "联名人数": "12", "诉求内容": text, "登记级别": "县区", "有权级别": "县区"}
		for _, d := range into {
			if err := dropFile(filepath.Join(d.dir, "inbox", "hotline-12345"), fmt.Sprintf("walk-in-%d.csv", n), row); err != nil {
				t.Error(err)
			}
		}
	}
}

func dropFile(dir, name string, row map[string]string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	header := strings.Split("工单编号,来电时间,来电号码,证件号码,问题属地,诉求目的,一级分类,二级分类,三级分类,诉求对象,联名人数,诉求内容,关联工单,登记级别,有权级别,"+
		"转派时间,责任单位,限办截止,受理时间,不予受理时间,退回时间,延期时间,答复时间,办结时间,回访时间,评价时间,满意度,更新时间", ",")
	values := make([]string, len(header))
	for i, h := range header {
		values[i] = row[h]
	}
	part := filepath.Join(dir, "."+name)
	f, err := os.Create(part)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	if err := w.WriteAll([][]string{header, values}); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(part, filepath.Join(dir, name))
}

func copyDir(t *testing.T, from, to string) {
	t.Helper()
	sockets, _ := filepath.Glob(filepath.Join(from, "store", "*.sock"))
	for _, s := range append(sockets, filepath.Join(from, "daemon.sock")) {
		_ = os.Remove(s) // nobody listens there
	}
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(to, "key"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// said is an assessment as it is compared.
type said struct {
	row  string // of the risk
	asOf time.Time
	what string
}

// assessments gives all that was ever said, oldest first, but of walk-ins.
func (d *deployment) assessments() []said {
	d.t.Helper()
	changes, err := d.db.RecordedSince(d.t.Context(), time.Time{})
	if err != nil {
		d.t.Fatal(err)
	}
	var out []said
	for _, c := range changes {
		if strings.Contains(c.Ref, walkInRef) {
			continue
		}
		var fired []string
		for _, f := range c.Fired {
			fired = append(fired, f.ID)
		}
		out = append(out, said{c.Ref + " " + c.Risk + " " + c.Row, c.AsOf, fmt.Sprintf("%d %s %v shadow %d", c.Score, c.Level, fired, c.ShadowScore)})
	}
	return out
}

// sameAssessments compares the latest assessment of every row at every instant
// of the schedule, none of which may be missing.
func sameAssessments(t *testing.T, start, end time.Time, want, got *deployment) {
	t.Helper()
	a, b := want.assessments(), got.assessments()
	stoodA, stoodB := map[string]string{}, map[string]string{}
	ticksA, ticksB := want.instants(), got.instants()
	changed := 0
	for at := start; !at.After(end); at = at.Add(step) {
		if !ticksA[at.UnixMilli()] || !ticksB[at.UnixMilli()] {
			t.Errorf("instant %s: evaluated undisturbed %v, disturbed %v", at.Format(time.TimeOnly), ticksA[at.UnixMilli()], ticksB[at.UnixMilli()])
		}
		var n int
		n, a = advance(stoodA, a, at)
		_, b = advance(stoodB, b, at)
		if at.After(start) {
			changed += n
		}
		if !maps.Equal(stoodA, stoodB) {
			t.Fatalf("at %s the latest assessments differ:\n%s", at.Format(time.TimeOnly), differences(stoodA, stoodB))
		}
	}
	t.Logf("%d rows stand at the end, after %d changes at %d instants", len(stoodA), changed, hour/step)
	if changed < 100 {
		t.Errorf("only %d assessments changed in the hour: nothing is proven", changed)
	}
}

// advance takes in what was said up to an instant.
func advance(stood map[string]string, all []said, to time.Time) (n int, rest []said) {
	for n < len(all) && !all[n].asOf.After(to) {
		stood[all[n].row] = all[n].what
		n++
	}
	return n, all[n:]
}

// instants are those of the schedule that are recorded as evaluated, in ms.
func (d *deployment) instants() map[int64]bool {
	d.t.Helper()
	out := map[int64]bool{}
	for _, line := range d.ask("SELECT toUnixTimestamp64Milli(as_of) FROM ticks FINAL WHERE trigger = 'schedule'") {
		ms, err := strconv.ParseInt(line, 10, 64)
		if err != nil {
			d.t.Fatal(err)
		}
		out[ms] = true
	}
	return out
}

func (d *deployment) ask(sql string) []string {
	d.t.Helper()
	var out strings.Builder
	if err := d.db.Raw(d.t.Context(), &out, clickhouse.RawQuery{SQL: sql, Format: "TabSeparated"}); err != nil {
		d.t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(out.String()), "\n")
}

// differences shows the first keys that differ.
func differences[V comparable](want, got map[string]V) string {
	keys := maps.Clone(want)
	maps.Copy(keys, got)
	var out strings.Builder
	shown := 0
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		a, inA := want[k]
		b, inB := got[k]
		if a == b && inA == inB {
			continue
		}
		if shown++; shown <= 8 {
			fmt.Fprintf(&out, "  %s: undisturbed %v (%v), disturbed %v (%v)\n", k, a, inA, b, inB)
		}
	}
	fmt.Fprintf(&out, "  %d of %d differ", shown, len(keys))
	return out.String()
}

// sameAlerts compares the folds of the stored events, and every event.
func sameAlerts(t *testing.T, want, got *deployment) {
	t.Helper()
	foldsA, eventsA := want.alertFolds()
	foldsB, eventsB := got.alertFolds()
	t.Logf("%d alerts after %d events", len(foldsA), len(eventsA))
	if !maps.Equal(foldsA, foldsB) {
		t.Errorf("the alerts differ:\n%s", differences(foldsA, foldsB))
	}
	if !maps.Equal(eventsA, eventsB) {
		t.Errorf("the events of alerts differ:\n%s", differences(eventsA, eventsB))
	}
}

func (d *deployment) alertFolds() (folds, events map[string]string) {
	d.t.Helper()
	folds, events = map[string]string{}, map[string]string{}
	book := alerts.NewBook()
	untimed := map[alerts.ID]bool{} // walk-ins, and feeds that fall silent: those are looked at from time to time
	for _, line := range d.ask("SELECT DISTINCT alert FROM alert_events WHERE ref LIKE '%" + walkInRef + "%' OR risk = 'feed-silent'") {
		n, err := strconv.ParseUint(line, 10, 64)
		if err != nil {
			d.t.Errorf("no alert of a walk-in: %q", line)
		}
		untimed[alerts.ID(n)] = true
	}
	for e, err := range d.db.Events(d.t.Context()) {
		if err != nil {
			d.t.Fatal(err)
		}
		if err := book.Add(e); err != nil {
			d.t.Errorf("fold: %v", err)
		}
		at := e.At
		if untimed[e.Alert] {
			at = time.Time{}
		}
		events[alerts.NoticeID{Alert: e.Alert, Seq: e.Seq}.String()] = fmt.Sprintf("%s %s %s %s %d by %s %q %s to %v", e.Risk, e.Row, e.Kind, e.Level, e.Score, e.By, e.Reason, at.Format("15:04:05.000"), e.To)
		a, _ := book.Alert(e.Alert)
		if untimed[e.Alert] {
			a.OpenedAt, a.ChangedAt = time.Time{}, time.Time{}
		}
		folds[e.Alert.String()] = fmt.Sprintf("%+v", a) // as of its last event
	}
	return folds, events
}

// told says what became of each notice: by lane and notice, the stage that
// settled it and the keys under which it was sent.
type told struct {
	stage  alerts.Stage
	detail string
	sent   []string
}

func (d *deployment) notices() map[string]told {
	d.t.Helper()
	out := map[string]told{}
	for step, err := range d.db.Deliveries(d.t.Context(), time.Time{}) {
		if err != nil {
			d.t.Fatal(err)
		}
		for _, n := range step.Notices {
			id := step.Receiver + "/" + step.Channel + " " + n.String()
			what := out[id]
			if step.Stage.Final() {
				what.stage, what.detail = step.Stage, step.Detail
			}
			if step.Stage == alerts.Sent && !slices.Contains(what.sent, step.Key) {
				what.sent = append(what.sent, step.Key)
			}
			out[id] = what
		}
	}
	return out
}

// nothingLost holds that whoever was told of something undisturbed was told of
// it disturbed, under one key. What closed again by itself before a digest of
// catching up went out may be left out of it.
func nothingLost(t *testing.T, want, got *deployment) {
	t.Helper()
	a, b := want.notices(), got.notices()
	if len(a) < 20 {
		t.Errorf("only %d notices: nothing is proven", len(a))
	}
	moot, singles := 0, 0
	for _, id := range slices.Sorted(maps.Keys(a)) {
		switch was, is := a[id], b[id]; {
		case len(is.sent) > 1:
			t.Errorf("%s was sent under several keys: %v", id, is.sent)
		case was.stage == is.stage:
		case was.stage == alerts.Sent && is.stage == alerts.Dropped && strings.HasPrefix(is.detail, "closed as "):
			moot++
		default:
			t.Errorf("%s: undisturbed %v, disturbed %v", id, was, is)
		}
		if is := b[id]; len(is.sent) == 1 && slices.Equal(is.sent, a[id].sent) {
			singles++
		}
	}
	for id := range b {
		if _, ok := a[id]; !ok {
			t.Errorf("%s was told disturbed alone", id)
		}
	}
	t.Logf("%d notices delivered undisturbed; disturbed %d under the same key, %d closed before their digest went out", len(a), singles, moot)
}

// gatewayRepeats holds that a message goes out again only if the daemon was
// killed after the gateway took it, once for a kill, and says the same again.
func gatewayRepeats(t *testing.T, d *deployment) {
	t.Helper()
	byKey := map[string][]textMessage{}
	for _, m := range d.taken {
		byKey[m.key] = append(byKey[m.key], m)
	}
	repeats := 0
	for key, sent := range byKey {
		for i := 1; i < len(sent); i++ {
			repeats++
			if !slices.ContainsFunc(d.kills, func(k time.Time) bool { return k.After(sent[i-1].at) && k.Before(sent[i].at) }) {
				t.Errorf("%s went out twice without a kill in between, at %s and %s", key, sent[i-1].at, sent[i].at)
			}
			if sent[i].text != sent[0].text {
				t.Errorf("%s said %q and then %q", key, sent[0].text, sent[i].text)
			}
		}
	}
	if repeats > len(d.kills) {
		t.Errorf("%d messages went out again after %d kills: at most one can be under way", repeats, len(d.kills))
	}
	for id, n := range d.notices() {
		for _, key := range n.sent {
			if strings.Contains(id, "/sms ") && byKey[key] == nil {
				t.Errorf("%s is recorded as sent under %s, which the gateway never saw", id, key)
			}
		}
	}
	if d.aimed > 0 && repeats == 0 {
		t.Errorf("%d kills came between send and record, and no message was repeated", d.aimed)
	}
	t.Logf("%d text messages, %d of them repeated with the same key", len(byKey), repeats)
}

// outboxWhole holds that the file channel has one whole file for every key
// recorded as sent, no other, and where both have the key the same text.
func outboxWhole(t *testing.T, want, got *deployment) {
	t.Helper()
	a, b := want.outbox(), got.outbox()
	keys := map[string]bool{}
	for id, n := range got.notices() {
		for _, key := range n.sent {
			if strings.Contains(id, "/file ") {
				keys[key+".txt"] = true
			}
		}
	}
	same := 0
	for name, text := range b {
		if !keys[name] {
			t.Errorf("outbox has %s, which is not recorded as sent", name)
		}
		if lines := strings.Split(strings.TrimSpace(text), "\n"); len(lines) < 4 || !strings.HasSuffix(text, "\n") {
			t.Errorf("outbox %s is not whole: %q", name, text)
		}
		if other, ok := a[name]; ok && !strings.Contains(text, walkInRef) {
			if same++; other != text {
				t.Errorf("outbox %s differs: undisturbed\n%s\ndisturbed\n%s", name, other, text)
			}
		}
	}
	for name := range keys {
		if _, ok := b[name]; !ok {
			t.Errorf("%s is recorded as sent, and the outbox does not have it", name)
		}
	}
	t.Logf("%d files undisturbed, %d disturbed, %d of them the same", len(a), len(b), same)
}

func (d *deployment) outbox() map[string]string {
	d.t.Helper()
	out := map[string]string{}
	root := filepath.Join(d.dir, "outbox")
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if _, twice := out[e.Name()]; twice {
			d.t.Errorf("outbox has %s twice", e.Name())
		}
		out[e.Name()] = string(text)
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}
