package clickhouse_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"yujing/internal/clickhouse/clickhousetest"
)

// TestTurn: one import at a time, and one that waits gets in although another
// comes back again and again.
func TestTurn(t *testing.T) {
	db := clickhousetest.Open(t)
	var inside, most atomic.Int32
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 25 {
				done, err := db.Turn(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				most.Store(max(most.Load(), inside.Add(1)))
				time.Sleep(time.Millisecond)
				inside.Add(-1)
				done()
			}
		})
	}
	group.Wait()
	if most.Load() != 1 {
		t.Errorf("%d imports were in at once, want 1", most.Load())
	}
}

func TestTurnWaitsNoLongerThanAsked(t *testing.T) {
	db := clickhousetest.Open(t)
	done, err := db.Turn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := db.Turn(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a second turn gives %v, want the deadline", err)
	}
	done()
	again, err := db.Turn(t.Context())
	if err != nil {
		t.Fatalf("after the first is done: %v", err)
	}
	again()
}
