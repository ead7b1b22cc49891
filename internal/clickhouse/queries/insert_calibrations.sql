INSERT INTO calibrations (rule_set, risk, kept_at, horizon_hours, score_from, score_to, cases, outcomes)
