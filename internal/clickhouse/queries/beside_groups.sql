-- The matters that contacts of the groups asked of speak of.
INSERT INTO asked_rows (beside, key)
SELECT DISTINCT true, case_id
FROM signals
PREWHERE kind = 'contact' AND group_id IN (SELECT key FROM asked_rows WHERE NOT beside)
