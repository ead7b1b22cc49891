INSERT INTO forgotten (at, case_id, by, reason, removed)
