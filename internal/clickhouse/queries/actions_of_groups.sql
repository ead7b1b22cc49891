-- and what was done in the matters these belong to.
UNION ALL
SELECT m.group_id AS row, m.group_id AS key, {now:Int64} AS now, false AS contact, false AS concludes, {{columns}}
FROM
(
    SELECT *
    FROM signals AS s FINAL
    PREWHERE s.kind = 'action' AND {{matters_asked}}
    WHERE {{visible}}
) AS s
INNER JOIN
(
    SELECT DISTINCT group_id, matter
    FROM {{neighbours}}
) AS m ON s.case_id = m.matter
