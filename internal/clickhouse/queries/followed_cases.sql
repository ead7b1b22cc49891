-- The relation rows (see rules.Query) for cases over many instants: their signals in each segment in which they are
-- visible. Instant i of a backtest is {{from}} + i * {{step}}.
SELECT s.row AS row, bitShiftLeft(s.key, 16) + part.1 AS key, toInt64({{from}}) + toInt64(part.1) * {{step}} AS since, toInt64({{from}}) + toInt64(part.2) * {{step}} AS until,
       CAST(s.kind = 'contact', 'Bool') AS contact, CAST(s.act = 'concluded', 'Bool') AS concludes, s.group_id AS group_id, {{columns}}
FROM
(
    SELECT *, arrayJoin(arrayFilter(p -> p.1 >= seen_from AND p.1 < seen_until, parts)) AS part
    FROM
    (
        SELECT s.*, f.row AS row, f.key AS key, f.parts AS parts, {{seen}}
        FROM signals AS s FINAL
        INNER JOIN ({{between}}) AS f ON s.case_id = f.row
        PREWHERE s.case_id BETWEEN {{low}} AND {{high}}
        WHERE s.at <= fromUnixTimestamp64Milli(toInt64({{last_now}}), 'UTC')
    )
) AS s
