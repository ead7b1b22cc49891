-- The relation neighbours (see rules.Query) at an instant: the contacts that groups see, those of the last window,
-- whichever case they belong to. What decides before the merge is the same in every copy of a row, so few rows are merged.
SELECT s.group_id AS group_id, {now:Int64} AS now, {{columns}}
FROM signals AS s FINAL
PREWHERE s.kind = 'contact' AND s.group_id != 0 AND s.at > fromUnixTimestamp64Milli({group_since:Int64}, 'UTC') AND {{groups_asked}}
WHERE {{visible}}
