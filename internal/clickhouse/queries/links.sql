SELECT key, case_id, known_at, stored_at, by
FROM case_links FINAL
WHERE key IN (SELECT key FROM asked)
ORDER BY key, known_at, case_id
