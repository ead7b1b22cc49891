package clickhouse

// InStretches makes backtests pass over so many rows at a time, and gives back what it was.
func InStretches(rows int) (before int) {
	before, stretchRows = stretchRows, rows
	return before
}
