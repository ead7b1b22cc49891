package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"yujing/alerts"
	"yujing/internal/engine"
)

// socketName is where the daemon takes orders: a unix socket in the data
// directory, so that whoever may write there may give them.
const socketName = "daemon.sock"

// Order is what a person tells the daemon to do; the daemon alone writes alerts.
type Order struct {
	Alert  string    `json:"alert,omitempty"`
	Kind   string    `json:"kind,omitempty"` // an alerts.Kind that a person may cause
	By     string    `json:"by,omitempty"`
	Reason string    `json:"reason,omitempty"`
	Until  time.Time `json:"until,omitzero"`
	Forget []string  `json:"forget,omitempty"` // alerts about to be removed from the store on request
}

// Answer is what became of an order.
type Answer struct {
	Alert *alerts.Alert `json:"alert,omitempty"`
	Error string        `json:"error,omitempty"`
	// Reload is the answer to /reload. File names in its problems are seen from Dir.
	Reload *Reload `json:"reload,omitempty"`
	Dir    string  `json:"dir,omitempty"`
}

// ErrNotRunning says that no daemon takes orders in this data directory.
var ErrNotRunning = errors.New("the daemon is not running on this data directory; start it with: yujing run")

// Send gives an order to the daemon of a data directory.
func Send(ctx context.Context, dataDir, path string, o Order) (Answer, error) {
	client := http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return dialControl(ctx, dataDir)
	}}}
	defer client.CloseIdleConnections()
	body, err := json.Marshal(o)
	if err != nil {
		return Answer{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://daemon"+path, bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	response, err := client.Do(request)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return Answer{}, ErrNotRunning
	}
	if err != nil {
		return Answer{}, fmt.Errorf("ask the daemon: %w", err)
	}
	defer response.Body.Close()
	var answer Answer
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return answer, fmt.Errorf("read the daemon's answer: %w", err)
	}
	if answer.Error != "" {
		return answer, errors.New(answer.Error)
	}
	return answer, nil
}

// controlHandler takes orders.
func (d *Daemon) controlHandler() http.Handler {
	mux := http.NewServeMux()
	order := func(path string, do func(context.Context, Order) (Answer, error)) {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
			var o Order
			err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&o)
			var answer Answer
			if err == nil {
				answer, err = do(r.Context(), o)
			}
			if err != nil {
				answer.Error = err.Error()
				w.WriteHeader(http.StatusBadRequest)
			}
			_ = json.NewEncoder(w).Encode(answer)
		})
	}
	order("/act", func(ctx context.Context, o Order) (Answer, error) {
		id, err := alerts.ParseID(o.Alert)
		if err != nil {
			return Answer{}, err
		}
		a, err := d.alerts.Act(ctx, alerts.Act{Alert: id, Kind: alerts.Kind(o.Kind), By: o.By, At: time.Now(), Reason: o.Reason, Until: o.Until})
		return Answer{Alert: &a}, err
	})
	order("/forget", func(_ context.Context, o Order) (Answer, error) {
		ids := make([]alerts.ID, len(o.Forget))
		for i, name := range o.Forget {
			id, err := alerts.ParseID(name)
			if err != nil {
				return Answer{}, err
			}
			ids[i] = id
		}
		d.alerts.Forget(ids)
		return Answer{}, nil
	})
	order("/reload", func(ctx context.Context, _ Order) (Answer, error) {
		r, err := d.Reload(ctx, ByCommand)
		if err != nil {
			return Answer{}, err
		}
		dir, err := os.Getwd()
		return Answer{Reload: r, Dir: dir}, err
	})
	return mux
}

func dialControl(ctx context.Context, dataDir string) (conn net.Conn, err error) {
	err = engine.WithSocket(dataDir, socketName, func(path string) error {
		conn, err = (&net.Dialer{}).DialContext(ctx, "unix", path)
		return err
	})
	return conn, err
}

// listenControl makes the socket, in place of one that a killed daemon left.
func listenControl(ctx context.Context, dataDir string) (net.Listener, error) {
	if conn, err := dialControl(ctx, dataDir); err == nil {
		conn.Close()
		return nil, fmt.Errorf("another daemon runs on %s; stop it first, or use another --data", dataDir)
	}
	path := filepath.Join(dataDir, socketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var l *net.UnixListener
	err := engine.WithSocket(dataDir, socketName, func(path string) (err error) {
		if l, err = net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"}); err != nil {
			return err
		}
		return os.Chmod(path, 0o600)
	})
	if err != nil {
		return nil, err
	}
	l.SetUnlinkOnClose(false) // by the short path it would not be found
	return &controlListener{l, path}, nil
}

// controlListener removes its socket when it closes.
type controlListener struct {
	net.Listener
	path string
}

func (l *controlListener) Close() error {
	err := l.Listener.Close()
	if err == nil {
		_ = os.Remove(l.path)
	}
	return err
}
