package daemon

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// A request under way when the daemon is told to stop gets its answer, and only
// then does serving end: what the request uses is closed after it.
func TestServingEndsAfterRequestsUnderWay(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var answered atomic.Bool
	ended := make(chan error, 1)
	go func() {
		ended <- serve(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			stop()
			time.Sleep(200 * time.Millisecond)
			answered.Store(true)
			_, _ = io.WriteString(w, "done")
		}))
	}()
	got := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + l.Addr().String())
		if err != nil {
			got <- err.Error()
			return
		}
		defer response.Body.Close()
		body, _ := io.ReadAll(response.Body)
		got <- string(body)
	}()
	if err := <-ended; err != nil || !answered.Load() {
		t.Errorf("serving ended with %v, the request was answered: %v", err, answered.Load())
	}
	if text := <-got; text != "done" {
		t.Errorf("the request got %q", text)
	}
}
