-- The rows concerned by what was stored after an instant.
SELECT case_id, group_id, id, source, ref, place, category1, category2, category3, unit, channel, at, stored_at, has(flags, 'harm') AS harm
FROM signals
WHERE stored_at > {after:DateTime64(3, 'UTC')} OR closed_at > {after:DateTime64(3, 'UTC')}
LIMIT {most:UInt64}
