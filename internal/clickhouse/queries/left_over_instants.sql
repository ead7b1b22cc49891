-- From which instant on a contact s lies before the window of its group.
toUInt32(intDiv(greatest(toUnixTimestamp64Milli(s.at) + {{group_window}} - {{from}} + {{step}} - 1, 0), {{step}})) AS left_at
