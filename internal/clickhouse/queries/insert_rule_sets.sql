INSERT INTO rule_sets (version, stored_at, files, deadlines)
