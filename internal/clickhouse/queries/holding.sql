-- The rows on which some rule holds at an instant, and which; see rules.Query.
SELECT row, holds
FROM {{layer}}
WHERE arrayExists(word -> word != 0, holds) AND last_at > {since:Int64}
ORDER BY row
