-- The relation rows (see rules.Query) for cases over many instants: their signals at each instant at which they are
-- followed and the signal is visible. Instant i of a backtest is {{from}} + i * {{step}}.
SELECT s.row AS row, bitShiftLeft(s.key, 16) + i AS key, toInt64({{from}}) + toInt64(i) * {{step}} AS now,
       s.kind = 'contact' AS contact, s.act = 'concluded' AS concludes, s.group_id AS group_id, {{columns}}
FROM
(
    SELECT *, arrayJoin(arrayFilter(i -> i >= seen_from AND i < seen_until, at_instants)) AS i
    FROM
    (
        SELECT s.*, f.row AS row, f.key AS key, f.at_instants AS at_instants,
               {{seen}}
        FROM signals AS s FINAL
        INNER JOIN
        (
            SELECT row, key, arrayFilter(i -> i BETWEEN {{first}} AND {{last}}, at) AS at_instants
            FROM {{prefix}}followed
            WHERE notEmpty(at_instants)
        ) AS f ON s.case_id = f.row
        WHERE s.at <= fromUnixTimestamp64Milli(toInt64({{last_now}}), 'UTC')
    )
) AS s
