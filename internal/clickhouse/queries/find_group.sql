-- The first contact that ever was in a group, whichever case it belongs to.
SELECT source, ref, case_id, at
FROM signals FINAL
WHERE group_id = {group_id:UInt64} AND kind = 'contact'
ORDER BY at, id
LIMIT 1
