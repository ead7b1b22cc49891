SELECT row_id, risk, as_of, over, ref, score, shadow_score, level, reasons, matter, rule_set, calendar, concluded, late, first
FROM assessments FINAL
WHERE as_of > {after:DateTime64(3, 'UTC')}
ORDER BY as_of, row_id, risk
