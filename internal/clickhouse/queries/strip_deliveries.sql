-- A message that told of several alerts still settles the others.
ALTER TABLE deliveries
    UPDATE seqs = arrayFilter((seq, alert) -> alert NOT IN ({{alerts}}), seqs, alerts),
           alerts = arrayFilter(alert -> alert NOT IN ({{alerts}}), alerts)
    WHERE hasAny(alerts, CAST([{{alerts}}], 'Array(UInt64)'))
    SETTINGS mutations_sync = 1
