-- Of a matter beside groups that an instant asks of: the group whose contacts speak of it.
ALTER TABLE asked_rows ADD COLUMN IF NOT EXISTS group_id UInt64;
