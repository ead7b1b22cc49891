-- The matters of the contacts that the groups asked of see.
INSERT INTO asked_rows (beside, key, group_id)
SELECT DISTINCT true, matter, group_id
FROM {{neighbours}}
