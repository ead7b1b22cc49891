ALTER TABLE {{table}} DELETE WHERE {{where}} SETTINGS mutations_sync = 1
