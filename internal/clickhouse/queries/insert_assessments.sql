INSERT INTO assessments (row_id, risk, as_of, stored_at, over, ref, score, shadow_score, level, rules, points, shadow, reasons, facts, matter, rule_set, calendar, concluded, late, first)
