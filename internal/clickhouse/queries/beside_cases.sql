-- The groups that the cases asked of are in.
INSERT INTO asked_rows (beside, key)
SELECT DISTINCT true, group_id
FROM signals
PREWHERE kind = 'contact' AND group_id != 0 AND case_id IN (SELECT key FROM asked_rows WHERE NOT beside)
