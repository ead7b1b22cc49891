-- The relation neighbours (see rules.Query) over many instants: the contacts that groups see, at each instant from when
-- they are visible until they leave the window.
SELECT s.group_id AS group_id, toInt64({{from}}) + toInt64(i) * {{step}} AS now, {{columns}}
FROM
(
    SELECT *, arrayJoin(range(greatest(seen_from, {{first}}), greatest(least(seen_until, left_at, {{last}} + 1), seen_from, {{first}}))) AS i
    FROM
    (
        SELECT s.*, {{seen}}, {{left}}
        FROM signals AS s FINAL
        PREWHERE s.kind = 'contact' AND s.group_id != 0 AND s.at <= fromUnixTimestamp64Milli(toInt64({{last_now}}), 'UTC')
            AND s.at > fromUnixTimestamp64Milli(toInt64({{first_since}}), 'UTC')
            AND s.group_id IN (SELECT group_id FROM signals PREWHERE kind = 'contact' AND group_id != 0 AND case_id BETWEEN {{low}} AND {{high}})
    )
) AS s
