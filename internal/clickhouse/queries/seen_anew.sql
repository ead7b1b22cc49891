-- Signals s that an instant sees and one before it did not, or the other way round; or that were stored meanwhile.
s.at > fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND s.at <= fromUnixTimestamp64Milli({now:Int64}, 'UTC')
  OR s.known_at > fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND s.known_at <= fromUnixTimestamp64Milli({now:Int64}, 'UTC')
  OR s.known_until > fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND s.known_until <= fromUnixTimestamp64Milli({now:Int64}, 'UTC')
  OR s.stored_at > fromUnixTimestamp64Milli({stored:Int64}, 'UTC') OR s.closed_at > fromUnixTimestamp64Milli({stored:Int64}, 'UTC')
