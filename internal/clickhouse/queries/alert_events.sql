-- Alerts' events in order; folding leaves the detail out.
SELECT alert, seq, at, kind, risk, row, ordinal, level, score, by, reason, until, lanes, digest, {{detail}}
FROM alert_events FINAL
WHERE {{where}}
ORDER BY alert, seq
