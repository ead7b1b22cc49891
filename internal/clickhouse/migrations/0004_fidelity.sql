-- What a replay of the past must know of an instant beside its rule set: the
-- calendar, and of an arrival the rows that it looked at. An instant evaluated
-- before has neither.
ALTER TABLE ticks
    ADD COLUMN IF NOT EXISTS calendar LowCardinality(String),
    ADD COLUMN IF NOT EXISTS cases Array(UInt64) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS groups Array(UInt64) CODEC(ZSTD(1));

-- The files of each version of the rules that was ever in force, and its table of deadlines as JSON.
CREATE TABLE IF NOT EXISTS rule_sets
(
    version   String,
    stored_at DateTime64(3, 'UTC'),
    files     Map(String, String) CODEC(ZSTD(1)),
    deadlines String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(stored_at)
ORDER BY version
SETTINGS non_replicated_deduplication_window = 10000;
