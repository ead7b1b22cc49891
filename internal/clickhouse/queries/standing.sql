-- The last assessment of each row and risk before an instant. Read in the order of the table: nothing is gathered.
SELECT row_id, risk, over, ref, score, shadow_score, level, rules
FROM assessments
WHERE as_of < {as_of:DateTime64(3, 'UTC')} AND over = {over:String} AND {{only}}
ORDER BY row_id, risk, as_of DESC, stored_at DESC
LIMIT 1 BY row_id, risk
