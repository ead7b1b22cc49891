-- The rows that a backtest follows, and from which of its instants to which.
CREATE TABLE {{prefix}}followed (row UInt64, first UInt16, last UInt16) ENGINE = MergeTree ORDER BY row
