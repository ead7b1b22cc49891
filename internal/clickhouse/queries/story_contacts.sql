-- All contacts that groups ever had, whatever instant they were visible at, in the order of the facts.
SELECT group_id, case_id, at, id, source, ref, channel, level, competent, place, category1, category2, category3,
       subject, purpose, unit, people, text, due, rating, attrs, person, known_at, known_until, stored_at, closed_at
FROM signals FINAL
PREWHERE kind = 'contact' AND group_id != 0 AND {{only}} -- the same in every copy of a row
ORDER BY group_id, at, id, known_at
