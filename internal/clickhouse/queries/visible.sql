-- What an instant sees of the signals s: they had happened and were known, and were not yet superseded. With as_seen,
-- only what this store itself had then.
s.at <= fromUnixTimestamp64Milli({now:Int64}, 'UTC') AND s.known_at <= fromUnixTimestamp64Milli({now:Int64}, 'UTC')
  AND (s.known_until > fromUnixTimestamp64Milli({now:Int64}, 'UTC') OR ({as_seen:Bool} AND s.closed_at > fromUnixTimestamp64Milli({now:Int64}, 'UTC')))
  AND (NOT {as_seen:Bool} OR s.stored_at <= fromUnixTimestamp64Milli({now:Int64}, 'UTC'))
