-- The group of a case is that of its first contact that has one.
SELECT group_id
FROM signals FINAL
WHERE case_id = {case_id:UInt64} AND kind = 'contact' AND group_id != 0 AND closed_at = 0
ORDER BY at, id
LIMIT 1
