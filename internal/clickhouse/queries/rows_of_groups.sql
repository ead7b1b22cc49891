-- The relation rows (see rules.Query) for groups: their contacts,
SELECT group_id AS row, group_id AS key, now, true AS contact, false AS concludes, at, ord, matter, person, channel, level, competent, place,
       category1, category2, category3, subject, purpose, unit, people, text, act, due, rating, attrs
FROM {{neighbours}}
