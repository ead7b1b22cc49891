-- The matters that contacts of groups speak of within their window. Which copy of a contact an instant sees is not looked
-- at: that is seen when the matters are read.
SELECT DISTINCT group_id, case_id
FROM signals
PREWHERE kind = 'contact' AND group_id != 0 AND at > {since:DateTime64(3, 'UTC')} AND at <= {as_of:DateTime64(3, 'UTC')} AND {{only}}
ORDER BY group_id, case_id
