-- The rows that a backtest follows, and at which of its instants; key is theirs alone.
CREATE TABLE {{prefix}}followed (row UInt64, key UInt64, at Array(UInt16) CODEC(ZSTD(1))) ENGINE = MergeTree ORDER BY row
