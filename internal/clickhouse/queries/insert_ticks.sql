INSERT INTO ticks (as_of, trigger, stored_at, rows, changed, late, rule_set, calendar, cases, groups)
