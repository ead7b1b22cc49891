-- The cases of which something may be other than it was: something of their own, or of the groups that they are in.
SELECT case_id
FROM signals AS s
WHERE {{own}}
GROUP BY case_id
UNION DISTINCT
SELECT case_id
FROM signals
PREWHERE kind = 'contact' AND group_id IN
(
    SELECT group_id
    FROM signals AS s
    PREWHERE s.kind = 'contact' AND s.group_id != 0
    WHERE {{group}}
)
GROUP BY case_id
LIMIT {most:UInt64}
