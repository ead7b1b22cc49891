-- What happened to alerts, append-only; the state of one is the fold of its
-- events. Storing an event again replaces it by itself.
CREATE TABLE IF NOT EXISTS alert_events
(
    alert     UInt64,
    seq       UInt32,
    at        DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    stored_at DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    kind      LowCardinality(String),
    risk      LowCardinality(String),
    row       String,
    ref       String,
    ordinal   UInt32,
    level     UInt8,
    score     UInt8,
    by        LowCardinality(String),
    reason    String,
    until     DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    lanes     Array(LowCardinality(String)),
    digest    LowCardinality(String),
    detail    String CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
ORDER BY (alert, seq)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000;

-- The steps of messages: intended, sent, failed, given up, dropped. alerts and
-- seqs name, pair by pair, the events that the message tells of.
CREATE TABLE IF NOT EXISTS deliveries
(
    key      String,
    stage    LowCardinality(String),
    attempts UInt32,
    at       DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    receiver LowCardinality(String),
    channel  LowCardinality(String),
    level    UInt8,
    detail   String,
    alerts   Array(UInt64),
    seqs     Array(UInt32)
)
ENGINE = ReplacingMergeTree
ORDER BY (key, stage, attempts)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000;
