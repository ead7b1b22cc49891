-- What somebody should hear of and no final delivery settles, with the message
-- it was intended in.
SELECT told.alert AS alert, told.seq AS seq, told.lane AS lane, steps.key AS key, steps.intended AS intended, steps.attempts AS attempts
FROM
(
    SELECT alert, seq, arrayJoin(lanes) AS lane
    FROM alert_events FINAL
    WHERE notEmpty(lanes)
) AS told
LEFT JOIN
(
    SELECT alert, seq, concat(receiver, '/', channel) AS lane,
           max(stage IN ('sent', 'given_up', 'dropped')) AS settled,
           argMax(key, (at, key)) AS key, minIf(at, stage = 'intend') AS intended, max(attempts) AS attempts
    FROM deliveries FINAL
    ARRAY JOIN alerts AS alert, seqs AS seq
    GROUP BY alert, seq, lane
) AS steps ON told.alert = steps.alert AND told.seq = steps.seq AND told.lane = steps.lane
WHERE NOT steps.settled
