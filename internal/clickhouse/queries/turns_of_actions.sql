-- and what was done in the matters these belong to.
UNION ALL
SELECT m.group_id AS row, [seen_from, seen_until] AS turns
FROM (SELECT s.case_id AS matter, {{seen}} FROM signals AS s FINAL PREWHERE s.kind = 'action') AS a
INNER JOIN (SELECT DISTINCT group_id, case_id AS matter FROM signals PREWHERE kind = 'contact' AND group_id != 0) AS m ON a.matter = m.matter
