-- The relation rows (see rules.Query) for groups: their contacts, and what was done in the matters that these speak of.
-- A matter's signals are read once, whichever of its groups they are for.
SELECT m.group_id AS row, m.group_id AS key, {now:Int64} AS now, CAST(s.kind = 'contact', 'Bool') AS contact, false AS concludes, {{columns}}
FROM
(
    SELECT *
    FROM signals AS s FINAL
    PREWHERE {{matters_asked}}
    WHERE {{visible}}
) AS s
INNER JOIN {{pairs}} AS m ON s.case_id = m.matter
WHERE s.kind = 'action' OR s.group_id = m.group_id AND s.at > fromUnixTimestamp64Milli({group_since:Int64}, 'UTC')
