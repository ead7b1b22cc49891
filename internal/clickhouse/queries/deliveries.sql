SELECT key, stage, attempts, at, receiver, channel, level, detail, alerts, seqs
FROM deliveries FINAL
WHERE {{where}}
ORDER BY at, key, attempts
