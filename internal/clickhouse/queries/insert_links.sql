INSERT INTO case_links (key, known_at, case_id, stored_at, by)
