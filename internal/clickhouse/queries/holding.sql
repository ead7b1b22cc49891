-- The rows on which some rule holds at an instant, and which; see rules.Query. Of all rows half are asked for at a
-- time: the engine aggregates in the order of the table on one core.
SELECT row, holds
FROM {{layer}}
WHERE key BETWEEN {low:UInt64} AND {high:UInt64} AND arrayExists(word -> word != 0, holds) AND last_at > {since:Int64}
ORDER BY row
