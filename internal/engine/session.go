package engine

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// threadMemory is the free memory, in bytes, for each of which a statement may have a thread: at the tick of an hour
// over a million cases a second one took 100 to 140 MB.
const threadMemory = 256 << 20

// baseSettings hold in every statement unless the client sets them otherwise. They make the engine behave as a
// ClickHouse server does with an INSERT that is answered when it is stored.
func baseSettings(memory int64) map[string]string {
	return map[string]string{
		"async_insert":                  "0", // on by default in this version: rows would be acknowledged before they are stored
		"implicit_select":               "0", // chdb reads "1 + 1" as a query
		"allow_introspection_functions": "0",
		"log_queries":                   "0",
		"max_memory_usage":              strconv.FormatInt(memory/4*3, 10), // one query alone cannot starve the inserts
		// The default, 1 GiB, left every statement one core under the cap that we have by default.
		"max_threads_min_free_memory_per_thread": strconv.Itoa(threadMemory),
	}
}

// session is a connection with its database and settings fixed. Sessions are pooled by these; one is used by one
// request at a time.
type session struct {
	conn *chdb
	key  string // database and settings
	tag  string // log_comment by which KILL QUERY finds what runs here
	used bool   // something was left in it or failed: it must be closed, not pooled
}

// sessions opens, pools and closes connections to the library.
type sessions struct {
	lib     *library
	args    []string
	base    map[string]string
	control *session // keeps the data directory open, and kills
	killing sync.Mutex

	mu     sync.Mutex
	idle   []*session // most recently used last
	serial int
}

const maxIdleSessions = 16

// openSessions opens the data directory. What goes wrong is on the standard error only.
func openSessions(lib *library, base map[string]string, args ...string) (*sessions, error) {
	s := &sessions{lib: lib, args: args, base: base}
	control, err := s.open("", nil)
	if err != nil {
		return nil, err
	}
	s.control = control
	return s, nil
}

// acquire returns a session in the database and with the settings, on top of the base settings.
func (s *sessions) acquire(database string, settings map[string]string) (*session, error) {
	key := sessionKey(database, settings)
	s.mu.Lock()
	for i := len(s.idle) - 1; i >= 0; i-- {
		if found := s.idle[i]; found.key == key {
			s.idle = slices.Delete(s.idle, i, i+1)
			s.mu.Unlock()
			return found, nil
		}
	}
	s.mu.Unlock()
	opened, err := s.open(database, settings)
	if err != nil {
		return nil, err
	}
	opened.key = key
	return opened, nil
}

// release gives a session back, to be pooled if nothing of the request is left in it.
func (s *sessions) release(done *session) {
	if done.used {
		done.conn.close()
		return
	}
	var evicted *session
	s.mu.Lock()
	s.idle = append(s.idle, done)
	if len(s.idle) > maxIdleSessions {
		evicted, s.idle = s.idle[0], slices.Delete(s.idle, 0, 1)
	}
	s.mu.Unlock()
	if evicted != nil {
		evicted.conn.close()
	}
}

func (s *sessions) open(database string, settings map[string]string) (*session, error) {
	conn, err := s.lib.connect(s.args...)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.serial++
	opened := &session{conn: conn, tag: "yujing-" + strconv.Itoa(s.serial)}
	s.mu.Unlock()
	if err := opened.prepare(database, s.base, settings); err != nil {
		conn.close()
		return nil, err
	}
	return opened, nil
}

func (s *session) prepare(database string, base, settings map[string]string) error {
	merged := map[string]string{"log_comment": s.tag}
	for _, layer := range []map[string]string{base, settings} {
		for name, value := range layer {
			merged[name] = value
		}
	}
	if comment := settings["log_comment"]; comment != "" {
		merged["log_comment"] = s.tag + " " + comment
	}
	if database != "" && database != "default" {
		if err := s.run("USE " + quoteName(database)); err != nil {
			return err
		}
	}
	set, err := setStatement(merged)
	if err != nil {
		return err
	}
	return s.run(set)
}

// run executes a statement of the shim's own, without a result.
func (s *session) run(sql string) error {
	result, err := s.conn.query(sql, "Null", nil)
	if err != nil {
		return err
	}
	result.free()
	return nil
}

// guard runs work and, if ctx ends before it is done, kills what the session executes, again and again: a kill may
// come before the statement is known to the engine. A session whose statement was killed is not pooled.
func (s *sessions) guard(ctx context.Context, target *session, work func() error) error {
	done, killed := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(killed)
		for pause := time.Millisecond; ; pause = min(2*pause, time.Second) {
			s.kill(target)
			select {
			case <-done:
				return
			case <-time.After(pause):
			}
		}
	})
	err := work()
	close(done)
	if !stop() {
		<-killed
		target.used = true
	}
	return err
}

// kill ends the statement that runs in the session, if there is one, and reports whether there was.
func (s *sessions) kill(target *session) bool {
	s.killing.Lock()
	defer s.killing.Unlock()
	result, err := s.control.conn.query("KILL QUERY WHERE Settings['log_comment'] = '"+target.tag+
		"' OR startsWith(Settings['log_comment'], '"+target.tag+" ') ASYNC", "TSV", nil)
	if err != nil {
		return false
	}
	defer result.free()
	return len(result.bytes()) > 0
}

// close closes the pooled sessions and then the data directory. Nothing may be running.
func (s *sessions) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, idle := range s.idle {
		idle.conn.close()
	}
	s.idle = nil
	s.control.conn.close()
}

func sessionKey(database string, settings map[string]string) string {
	var key strings.Builder
	key.WriteString(database)
	for _, name := range sortedNames(settings) {
		fmt.Fprintf(&key, "\x00%s=%s", name, settings[name])
	}
	return key.String()
}

func sortedNames(settings map[string]string) []string {
	names := make([]string, 0, len(settings))
	for name := range settings {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

var settingName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.]*$`)

func setStatement(settings map[string]string) (string, error) {
	var set strings.Builder
	for _, name := range sortedNames(settings) {
		if !settingName.MatchString(name) {
			return "", problem(codeBadArguments, fmt.Sprintf("%q is no name of a setting", name))
		}
		if set.Len() > 0 {
			set.WriteString(", ")
		}
		set.WriteString(name + " = " + quoteText(settings[name]))
	}
	return "SET " + set.String(), nil
}

var textEscaper = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

func quoteText(text string) string { return "'" + textEscaper.Replace(text) + "'" }

var nameEscaper = strings.NewReplacer(`\`, `\\`, "`", "\\`")

func quoteName(name string) string { return "`" + nameEscaper.Replace(name) + "`" }
