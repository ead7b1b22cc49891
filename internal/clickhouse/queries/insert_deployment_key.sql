INSERT INTO deployment_key (name, stored_at) VALUES (?, ?)
