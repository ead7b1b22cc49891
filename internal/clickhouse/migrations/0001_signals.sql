-- One row per thing that happened to a matter, in an interval of knowledge.
--
-- A row is believed from known_at until known_until. A correction inserts the
-- old row again with known_until and closed_at set, and the new one beside it,
-- in one block. closed_at is the version of the ReplacingMergeTree: the closed
-- copy (later than the epoch) takes the place of the open one, whether the
-- parts have been merged or are read FINAL. known_at must be in the sorting
-- key: without it a correction would replace the past.
CREATE TABLE IF NOT EXISTS signals
(
    case_id     UInt64,
    at          DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    id          FixedString(16),
    known_at    DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    known_until DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    stored_at   DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    closed_at   DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    version     UInt64,
    source      LowCardinality(String),
    name        LowCardinality(String),
    ref         String,
    kind        LowCardinality(String),
    channel     LowCardinality(String),
    level       UInt8,
    competent   UInt8,
    place       LowCardinality(String),
    category1   LowCardinality(String),
    category2   LowCardinality(String),
    category3   LowCardinality(String),
    subject     String,
    purpose     LowCardinality(String),
    unit        LowCardinality(String),
    people      UInt32,
    text        String CODEC(ZSTD(1)),
    act         LowCardinality(String),
    due         DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    rating      LowCardinality(String),
    attrs       Map(LowCardinality(String), String),
    flags       Array(LowCardinality(String)),
    updated     DateTime64(3, 'UTC') CODEC(ZSTD(1)),
    who         Array(UInt64),
    person      UInt64,
    group_id    UInt64,
    INDEX by_group group_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX by_stored stored_at TYPE minmax GRANULARITY 1,
    INDEX by_closed closed_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(closed_at)
ORDER BY (case_id, at, id, known_at)
SETTINGS index_granularity = 2048, non_replicated_deduplication_window = 10000;

-- Which case a key stands for, from known_at on. Append-only; a link written
-- twice is one link.
CREATE TABLE IF NOT EXISTS case_links
(
    key       UInt64,
    known_at  DateTime64(3, 'UTC'),
    case_id   UInt64,
    stored_at DateTime64(3, 'UTC'),
    by        LowCardinality(String)
)
ENGINE = ReplacingMergeTree
ORDER BY (key, known_at, case_id)
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 10000;

-- Records that could not be mapped. The record itself is sealed under the
-- deployment's key and erased on success or when its time is over.
CREATE TABLE IF NOT EXISTS rejects
(
    id          FixedString(16),
    source      LowCardinality(String),
    file        String,
    line        UInt32,
    reason      String,
    remedy      String,
    masked      String CODEC(ZSTD(1)),
    sealed      String,
    rejected_at DateTime64(3, 'UTC'),
    waits       Bool
)
ENGINE = ReplacingMergeTree(rejected_at)
ORDER BY id
SETTINGS non_replicated_deduplication_window = 10000;

-- What was removed on request, without saying what it was.
CREATE TABLE IF NOT EXISTS forgotten
(
    at      DateTime64(3, 'UTC'),
    case_id UInt64,
    by      String,
    reason  String,
    removed Map(LowCardinality(String), UInt64)
)
ENGINE = MergeTree
ORDER BY at;
