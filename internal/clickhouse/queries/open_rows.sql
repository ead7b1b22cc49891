-- Open rows in full, so that a correction can close them.
SELECT case_id, at, id, known_at, known_until, stored_at, closed_at, version, source, name, ref, kind, channel, level, competent,
       place, category1, category2, category3, subject, purpose, unit, people, text, act, due, rating, attrs, flags, updated, who, person, group_id
FROM signals FINAL
WHERE case_id IN (SELECT key FROM asked) AND closed_at = 0
ORDER BY case_id, at, id
