-- The latest row of every signal of some cases, as an import must know them:
-- the open one, or the last closed one of a signal that was taken back.
SELECT case_id, id, version, at, known_at, known_until, updated, kind, act, person, who
FROM signals FINAL
WHERE case_id IN (SELECT key FROM asked)
ORDER BY case_id, id, known_at DESC
LIMIT 1 BY case_id, id
