-- The instants that were evaluated, in order.
SELECT as_of, trigger, stored_at, rows, changed, late, rule_set, calendar
FROM ticks FINAL
WHERE as_of >= {from:DateTime64(3, 'UTC')} AND as_of <= {to:DateTime64(3, 'UTC')}
ORDER BY as_of
