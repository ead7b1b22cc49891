-- The latest row of some signals in full, so that a correction can close it. As
-- in known.sql, a closed copy stands before the open one it replaces; without
-- FINAL and with the ids only the few rows asked for are read in full.
SELECT case_id, at, id, known_at, known_until, stored_at, closed_at, version, source, name, ref, kind, channel, level, competent,
       place, category1, category2, category3, subject, purpose, unit, people, text, act, due, rating, attrs, flags, updated, who, person, group_id
FROM signals
WHERE case_id IN (SELECT key FROM asked) AND id IN (SELECT id FROM asked)
ORDER BY case_id, id, known_at DESC, closed_at DESC
LIMIT 1 BY case_id, id
