INSERT INTO rejects (id, source, file, line, reason, remedy, masked, sealed, rejected_at, waits)
