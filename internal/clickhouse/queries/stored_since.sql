-- What was stored, or closed by a correction, after an instant; each by an index of its own.
SELECT *
FROM
(
    SELECT case_id, group_id, id, version, closed_at, has(flags, 'harm') AS harm
    FROM signals
    WHERE stored_at > {after:DateTime64(3, 'UTC')}
    UNION ALL
    SELECT case_id, group_id, id, version, closed_at, has(flags, 'harm') AS harm
    FROM signals
    WHERE closed_at > {after:DateTime64(3, 'UTC')} AND stored_at <= {after:DateTime64(3, 'UTC')}
)
LIMIT {most:UInt64}
