-- How many cases a tick looks at: those in which something happened within the window.
SELECT uniqExact(case_id)
FROM signals
WHERE at > fromUnixTimestamp64Milli({since:Int64}, 'UTC') AND at <= fromUnixTimestamp64Milli({now:Int64}, 'UTC')
