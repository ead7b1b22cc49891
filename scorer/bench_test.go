package scorer_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"yujing/internal/clickhouse"
	"yujing/internal/clickhouse/clickhousetest"
	"yujing/rules"
	"yujing/scorer"
)

// BenchmarkTick scores 100,000 cases of four signals with the shipped rules: a
// first tick, at which everything is news, and a second, at which nothing is.
func BenchmarkTick(b *testing.B) {
	db := clickhousetest.Open(b)
	const cases = 100_000
	now := time.Now().UTC().Truncate(time.Second)
	fill := fmt.Sprintf(`INSERT INTO signals (case_id, at, id, known_at, known_until, stored_at, closed_at, version, source, name, ref, kind, channel, level, competent,
		place, category1, category2, category3, purpose, unit, people, text, act, attrs, flags, who, person, group_id)
		SELECT c, at, toFixedString(unhex(hex(number)), 16), at, toDateTime64('2200-01-01', 3, 'UTC'), at, toDateTime64(0, 3, 'UTC'), 1, 's', 'n', toString(c),
		if(number %% 4 < 2, 'contact', 'action'), 'hotline', 3, 3, toString(330106001000 + c %% 200), 'a', toString(c %% 40), '', 'complaint', toString(c %% 30), 1, '反映多次无人处理', if(number %% 4 < 2, '', 'transferred'),
		map(), [], [c], c, sipHash64(c %% 200, c %% 40)
		FROM (SELECT number, sipHash64(intDiv(number, 4)) AS c, toDateTime64(%d - c %% 8640000 + (number %% 4) * 3600, 3, 'UTC') AS at FROM numbers(%d))`, now.Unix(), 4*cases)
	if err := db.Raw(b.Context(), b.Output(), clickhouse.RawQuery{SQL: fill, Write: true}); err != nil {
		b.Fatal(err)
	}
	shipped, problems := rules.Load(os.DirFS("../rules.d"), rules.Options{})
	if err := problems.Err(); err != nil {
		b.Fatal(err)
	}
	s := scorer.New(db, db, shipped, nil)
	for _, name := range []string{"first", "second"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				now = now.Add(time.Second)
				tick, err := s.Score(b.Context(), scorer.Instant{AsOf: now, Trigger: scorer.Scheduled}, func(context.Context, []scorer.Change) error { return nil })
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(tick.Rows), "rows/op")
				b.ReportMetric(float64(tick.Changed), "changed/op")
			}
		})
	}
}
