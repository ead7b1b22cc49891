-- The name of the deployment's key under which pseudonyms and seals were made: one row, from the first import on.
CREATE TABLE IF NOT EXISTS deployment_key
(
    name      String,
    stored_at DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY stored_at;
