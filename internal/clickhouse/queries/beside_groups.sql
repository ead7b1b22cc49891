-- The matters that contacts of the groups asked of speak of, within their window.
INSERT INTO asked_rows (beside, key)
SELECT DISTINCT true, case_id
FROM signals
PREWHERE kind = 'contact' AND at > fromUnixTimestamp64Milli({group_since:Int64}, 'UTC') AND group_id IN (SELECT key FROM asked_rows WHERE NOT beside)
