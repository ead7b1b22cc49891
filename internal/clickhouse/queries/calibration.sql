SELECT risk, horizon_hours, score_from, score_to, cases, outcomes
FROM calibrations FINAL
WHERE rule_set = {rule_set:String}
  AND (risk, kept_at) IN (SELECT risk, max(kept_at) FROM calibrations WHERE rule_set = {rule_set:String} GROUP BY risk)
ORDER BY risk, score_from
