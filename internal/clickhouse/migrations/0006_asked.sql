-- The rows that a scheduled instant asks of, if not all, and what stands beside them: of cases the groups that they
-- are in, of groups the matters that their contacts speak of. Views cannot read what is sent along with a query. It
-- is kept on disk for as long as a question lasts: were it lost with the engine, nothing would hold of any row.
CREATE TABLE IF NOT EXISTS asked_rows (beside Bool, key UInt64) ENGINE = MergeTree ORDER BY (beside, key);
