-- A mutation, not a lightweight delete: the sealed record must leave the disk.
ALTER TABLE rejects DELETE WHERE id IN ({{ids}}) SETTINGS mutations_sync = 1
