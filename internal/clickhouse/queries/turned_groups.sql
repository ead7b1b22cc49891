-- The groups of which something may be other than it was: a contact, or what was done in the matters these speak of.
SELECT group_id
FROM signals
PREWHERE kind = 'contact' AND group_id != 0
WHERE case_id IN
(
    SELECT case_id
    FROM signals AS s
    WHERE {{own}}
) OR group_id IN
(
    SELECT group_id
    FROM signals AS s
    PREWHERE s.kind = 'contact' AND s.group_id != 0
    WHERE {{group}}
)
GROUP BY group_id
LIMIT {most:UInt64}
