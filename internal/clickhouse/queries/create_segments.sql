-- The same, cut where a signal comes into view or leaves it: within a segment, first to last instant, the same is visible.
CREATE TABLE {{prefix}}segments (row UInt64, key UInt64, segments Array(Tuple(UInt16, UInt16)) CODEC(ZSTD(1))) ENGINE = MergeTree ORDER BY row
