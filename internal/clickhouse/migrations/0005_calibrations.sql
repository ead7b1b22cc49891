-- What backtests found that were asked to be kept: of the rows that scored alike
-- under a rule set, how many came to their outcome within the risk's horizon.
CREATE TABLE IF NOT EXISTS calibrations
(
    rule_set      LowCardinality(String),
    risk          LowCardinality(String),
    kept_at       DateTime64(3, 'UTC'),
    horizon_hours UInt32,
    score_from    UInt8,
    score_to      UInt8,
    cases         UInt64,
    outcomes      UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (rule_set, risk, kept_at, score_from)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000;
