-- The relation rows (see rules.Query) for groups: their contacts, and what was done in the matters these belong to.
SELECT group_id AS row, true AS contact, false AS concludes, at, ord, matter, person, channel, level, competent, place,
       category1, category2, category3, subject, purpose, unit, people, text, act, due, rating, attrs
FROM
(
    {{neighbours}}
)
UNION ALL
SELECT m.group_id AS row, false AS contact, false AS concludes, toUnixTimestamp64Milli(s.at) AS at,
       bitShiftLeft(toInt128(toUnixTimestamp64Milli(s.at)), 64) + reinterpretAsUInt64(reverse(substring(s.id, 1, 8))) AS ord,
       s.case_id AS matter, s.person AS person, s.channel AS channel, s.level AS level, s.competent AS competent, s.place AS place,
       s.category1 AS category1, s.category2 AS category2, s.category3 AS category3, s.subject AS subject, s.purpose AS purpose,
       s.unit AS unit, toInt64(s.people) AS people, s.text AS text, s.act AS act, toUnixTimestamp64Milli(s.due) AS due, s.rating AS rating,
       s.attrs AS attrs
FROM
(
    SELECT *
    FROM signals AS s FINAL
    PREWHERE s.kind = 'action'
    WHERE {{visible}}
) AS s
INNER JOIN
(
    SELECT DISTINCT group_id, matter
    FROM
    (
        {{neighbours}}
    )
) AS m ON s.case_id = m.matter
