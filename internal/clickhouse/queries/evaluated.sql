-- The arrivals at which some rows were assessed.
SELECT row, as_of
FROM ticks FINAL
ARRAY JOIN {{rows}} AS row
WHERE trigger = 'arrival' AND as_of >= {from:DateTime64(3, 'UTC')} AND as_of <= {to:DateTime64(3, 'UTC')} AND row IN (SELECT key FROM asked)
ORDER BY row, as_of
