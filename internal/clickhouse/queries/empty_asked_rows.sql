TRUNCATE TABLE asked_rows
