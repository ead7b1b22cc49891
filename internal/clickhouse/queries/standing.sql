-- The last assessment of each row and risk before an instant, where it says anything, in the order of the table.
SELECT row_id, risk, argMax(over, (as_of, stored_at)), argMax(ref, (as_of, stored_at)), argMax(score, (as_of, stored_at)) AS last_score,
       argMax(shadow_score, (as_of, stored_at)) AS last_shadow, argMax(level, (as_of, stored_at)) AS last_level, argMax(rules, (as_of, stored_at)) AS last_rules
FROM assessments
WHERE as_of < {as_of:DateTime64(3, 'UTC')} AND over = {over:String} AND {{only}}
GROUP BY row_id, risk
HAVING last_score != 0 OR last_shadow != 0 OR last_level != 0 OR notEmpty(last_rules)
ORDER BY row_id, risk
