-- The latest evaluated instant of a trigger ('' = any).
SELECT as_of, trigger, rule_set, calendar
FROM ticks
WHERE {trigger:String} = '' OR trigger = {trigger:String}
ORDER BY as_of DESC, stored_at DESC
LIMIT 1
