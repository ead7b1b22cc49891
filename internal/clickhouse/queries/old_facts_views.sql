SELECT name
FROM system.tables
WHERE database = currentDatabase() AND startsWith(name, {prefix:String}) AND name != {view:String}
