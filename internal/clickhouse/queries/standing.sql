-- The last assessment of each row and risk before an instant.
SELECT row_id, risk, argMax(over, (as_of, stored_at)), argMax(ref, (as_of, stored_at)), argMax(score, (as_of, stored_at)),
       argMax(shadow_score, (as_of, stored_at)), argMax(level, (as_of, stored_at)), argMax(rules, (as_of, stored_at))
FROM assessments
WHERE as_of < {as_of:DateTime64(3, 'UTC')} AND {{only}}
GROUP BY row_id, risk
ORDER BY row_id, risk
