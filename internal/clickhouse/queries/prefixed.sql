-- The tables and views of a backtest; views go before the tables they read.
SELECT name
FROM system.tables
WHERE database = currentDatabase() AND startsWith(name, {prefix:String})
ORDER BY engine = 'View' DESC
