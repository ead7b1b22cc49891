package clickhouse

// InStretches makes a pass of a backtest aggregate so many segments at a time, and
// gives back what it was.
func InStretches(segments int) (before int) {
	before, passSegments = passSegments, segments
	return before
}

var WithEvents = withEvents
