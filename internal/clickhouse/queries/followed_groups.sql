-- The relation rows (see rules.Query) for groups over many instants: their contacts,
SELECT s.group_id AS row, bitShiftLeft(f.key, 16) + toUInt64(i) AS key, now, true AS contact, false AS concludes, at, ord, matter, person, channel, level, competent, place,
       category1, category2, category3, subject, purpose, unit, people, text, act, due, rating, attrs
FROM
(
    SELECT *, intDiv(now - {{from}}, {{step}}) AS i
    FROM {{prefix}}neighbours
) AS s
INNER JOIN {{prefix}}followed AS f ON s.group_id = f.row
WHERE has(f.at, toUInt16(i))
