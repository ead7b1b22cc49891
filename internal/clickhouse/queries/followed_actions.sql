-- and what was done in the matters these belong to.
UNION ALL
SELECT m.row AS row, m.key AS key, m.since AS since, m.until AS until, false AS contact, false AS concludes, {{columns}}
FROM
(
    SELECT *
    FROM signals AS s FINAL
    PREWHERE s.kind = 'action' AND s.at <= fromUnixTimestamp64Milli(toInt64({{last_now}}), 'UTC')
        AND s.case_id IN (SELECT case_id FROM signals PREWHERE kind = 'contact' AND group_id BETWEEN {{low}} AND {{high}})
) AS s
INNER JOIN
(
    SELECT DISTINCT row, key, since, until, matter
    FROM ({{contacts}})
) AS m ON s.case_id = m.matter
WHERE toUnixTimestamp64Milli(s.at) <= m.since AND toUnixTimestamp64Milli(s.known_at) <= m.since AND toUnixTimestamp64Milli(s.known_until) > m.since
