package main

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows a bar on a terminal and nothing elsewhere. What it returns is
// told how much of total is done.
func (a *app) progress(what string, total int64) func(done int64) {
	if !terminal(a.stderr) {
		return func(int64) {}
	}
	bar := progressbar.NewOptions64(total, progressbar.OptionSetDescription(what), progressbar.OptionSetWriter(a.stderr),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	return func(done int64) { _ = bar.Set64(done) }
}
