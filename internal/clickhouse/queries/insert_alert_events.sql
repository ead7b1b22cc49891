INSERT INTO alert_events (alert, seq, at, stored_at, kind, risk, row, ref, ordinal, level, score, by, reason, until, lanes, digest, detail)
