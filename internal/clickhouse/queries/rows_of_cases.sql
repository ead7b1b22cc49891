-- The relation rows (see rules.Query) for cases at an instant: their signals that are visible then.
SELECT s.case_id AS row, s.case_id AS key, {now:Int64} AS now, CAST(s.kind = 'contact', 'Bool') AS contact, CAST(s.act = 'concluded', 'Bool') AS concludes, s.group_id AS group_id,
       {{columns}}
FROM signals AS s FINAL
PREWHERE {{rows_asked}}
WHERE {{visible}}
