INSERT INTO deliveries (key, stage, attempts, at, receiver, channel, level, detail, alerts, seqs)
