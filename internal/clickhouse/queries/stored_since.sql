-- What was stored, or closed by a correction, after an instant.
SELECT case_id, group_id, id, version, closed_at, has(flags, 'harm') AS harm
FROM signals
WHERE stored_at > {after:DateTime64(3, 'UTC')} OR closed_at > {after:DateTime64(3, 'UTC')}
LIMIT {most:UInt64}
