-- What the rules said of a row, each time it changed. Evaluating the same
-- instant again writes the same row again: one remains.
CREATE TABLE IF NOT EXISTS assessments
(
    row_id       UInt64,
    risk         LowCardinality(String),
    as_of        DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    stored_at    DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    over         LowCardinality(String),
    ref          String,
    score        UInt8,
    shadow_score UInt8,
    level        UInt8,
    rules        Array(LowCardinality(String)),
    points       Array(Int16),
    shadow       Array(Bool),
    reasons      String CODEC(ZSTD(1)),
    facts        Map(String, String) CODEC(ZSTD(1)),
    matter       String CODEC(ZSTD(1)),
    rule_set     LowCardinality(String),
    calendar     LowCardinality(String),
    concluded    Bool,
    late         Bool,
    first        Bool
)
ENGINE = ReplacingMergeTree(stored_at)
ORDER BY (row_id, risk, as_of)
SETTINGS non_replicated_deduplication_window = 10000;

-- The instants that were evaluated. A scheduled one is written after its
-- assessments: an instant without a row here is evaluated again.
CREATE TABLE IF NOT EXISTS ticks
(
    as_of     DateTime64(3, 'UTC'),
    trigger   LowCardinality(String),
    stored_at DateTime64(3, 'UTC'),
    rows      UInt64,
    changed   UInt64,
    late      Bool,
    rule_set  LowCardinality(String)
)
ENGINE = ReplacingMergeTree(stored_at)
ORDER BY (as_of, trigger);
