-- All that is stored of cases, whatever instant it was visible at, in the order of the facts.
SELECT case_id, at, id, source, ref, kind, channel, level, competent, place, category1, category2, category3,
       subject, purpose, unit, people, text, act, due, rating, attrs, person, group_id, known_at, known_until, stored_at, closed_at
FROM signals FINAL
PREWHERE {{only}} -- the same in every copy of a row
ORDER BY case_id, at, id, known_at
