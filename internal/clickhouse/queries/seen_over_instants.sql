-- From which instant on a signal s is visible, and until which.
toUInt32(intDiv(greatest(toUnixTimestamp64Milli(greatest(s.at, s.known_at)) - {{from}}, 0) + {{step}} - 1, {{step}})) AS seen_from,
               toUInt32(intDiv(greatest(toUnixTimestamp64Milli(s.known_until) - {{from}} + {{step}} - 1, 0), {{step}})) AS seen_until
