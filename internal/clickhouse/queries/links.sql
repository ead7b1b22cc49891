-- A link that a repeated insert wrote twice does no harm here, so nothing need be merged.
SELECT key, case_id, known_at, stored_at, by
FROM case_links
WHERE key IN (SELECT key FROM asked)
ORDER BY key, known_at, case_id
