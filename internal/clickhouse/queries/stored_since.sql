-- What was stored, or closed by a correction, after an instant, the latest first; each by an index of its own.
SELECT case_id, group_id, id, version, closed_at
FROM
(
    SELECT case_id, group_id, id, version, closed_at, stored_at
    FROM signals
    WHERE stored_at > {after:DateTime64(3, 'UTC')}
    UNION ALL
    SELECT case_id, group_id, id, version, closed_at, stored_at
    FROM signals
    WHERE closed_at > {after:DateTime64(3, 'UTC')} AND stored_at <= {after:DateTime64(3, 'UTC')}
)
ORDER BY greatest(stored_at, closed_at) DESC
LIMIT {most:UInt64}
