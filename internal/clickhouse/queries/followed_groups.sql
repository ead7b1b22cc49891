-- The relation rows (see rules.Query) for groups over many instants: their contacts,
SELECT s.row AS row, bitShiftLeft(s.key, 16) + part.1 AS key, toInt64({{from}}) + toInt64(part.1) * {{step}} AS since, toInt64({{from}}) + toInt64(part.2) * {{step}} AS until,
       true AS contact, false AS concludes, {{columns}}
FROM
(
    SELECT *, arrayJoin(arrayFilter(p -> p.1 >= seen_from AND p.1 < seen_until AND p.1 < left_at, parts)) AS part
    FROM
    (
        SELECT s.*, f.row AS row, f.key AS key, f.parts AS parts, {{seen}}, {{left}}
        FROM signals AS s FINAL
        INNER JOIN ({{between}}) AS f ON s.group_id = f.row
        PREWHERE s.kind = 'contact' AND s.group_id != 0 AND s.group_id BETWEEN {{low}} AND {{high}} AND s.at <= fromUnixTimestamp64Milli(toInt64({{last_now}}), 'UTC')
            AND s.at > fromUnixTimestamp64Milli(toInt64({{first_since}}), 'UTC')
    )
) AS s
