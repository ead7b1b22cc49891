-- The tables and views of backtests that were made before an instant; views go before the tables they read.
SELECT name
FROM system.tables
WHERE database = currentDatabase() AND startsWith(name, {prefix:String}) AND toUnixTimestamp(metadata_modification_time) < {before:Int64}
ORDER BY engine = 'View' DESC
