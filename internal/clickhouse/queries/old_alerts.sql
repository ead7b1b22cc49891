-- Alerts that were closed, and nothing happened to them since.
SELECT alert
FROM alert_events FINAL
GROUP BY alert
HAVING max(at) < {before:DateTime64(3, 'UTC')} AND countIf(kind = 'closed') > 0
