-- The open rows of some cases, as an import must know them.
SELECT case_id, id, version, at, known_at, updated, kind, act, person, who
FROM signals FINAL
WHERE case_id IN ({{keys}}) AND closed_at = 0
ORDER BY case_id, at, id
