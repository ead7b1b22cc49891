-- The group of a case as of an instant is that of its first contact that has one.
SELECT group_id
FROM signals FINAL
WHERE case_id = {case_id:UInt64} AND kind = 'contact' AND group_id != 0
  AND at <= {as_of:DateTime64(3, 'UTC')} AND known_at <= {as_of:DateTime64(3, 'UTC')}
  AND (known_until > {as_of:DateTime64(3, 'UTC')} OR ({as_seen:Bool} AND closed_at > {as_of:DateTime64(3, 'UTC')}))
  AND (NOT {as_seen:Bool} OR stored_at <= {as_of:DateTime64(3, 'UTC')})
ORDER BY at, id
LIMIT 1
