-- What held of the rows of a backtest, in order.
SELECT row, first, last, active, holds
FROM {{prefix}}runs
ORDER BY row, first
