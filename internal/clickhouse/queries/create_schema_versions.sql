CREATE TABLE IF NOT EXISTS schema_versions
(
    version    UInt64,
    name       String,
    applied_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY version
