package clickhouse

// InStretches makes a pass of a backtest aggregate so many segments at a time, and
// gives back what it was.
func InStretches(segments int) (before int) {
	before, passSegments = passSegments, segments
	return before
}

// ForGroups reads so many matters at a time for groups, and gives back how many it was.
func ForGroups(matters int) (before int) {
	before, groupMatters = groupMatters, matters
	return before
}

var WithEvents = withEvents
