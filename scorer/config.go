package scorer

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

// Config says when every row is scored.
type Config struct {
	// Schedule is a cron expression of five fields, or six with seconds in front.
	Schedule string `yaml:"schedule"`
	// Zone is the time zone of the schedule.
	Zone string `yaml:"zone"`
}

// DefaultConfig scores every ten minutes: time alone makes deadlines pass, and
// arrivals are scored at once anyway.
func DefaultConfig() Config { return Config{Schedule: "*/10 * * * *", Zone: "Asia/Shanghai"} }

// Plan parses the schedule.
func (c Config) Plan() (cron.Schedule, error) {
	if _, err := time.LoadLocation(c.Zone); err != nil {
		return nil, fmt.Errorf("zone %q: not a time zone; use a name such as Asia/Shanghai", c.Zone)
	}
	parser := cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)
	plan, err := parser.Parse("CRON_TZ=" + c.Zone + " " + c.Schedule)
	if err != nil {
		return nil, fmt.Errorf("schedule %q: %w; write five fields such as \"*/10 * * * *\"", c.Schedule, err)
	}
	if _, relative := plan.(cron.ConstantDelaySchedule); relative {
		// Its instants depend on when the daemon started, so missed ones cannot be named.
		return nil, fmt.Errorf("schedule %q: @every has no fixed instants; write fields such as \"*/10 * * * *\"", c.Schedule)
	}
	return plan, nil
}
