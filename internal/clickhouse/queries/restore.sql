RESTORE DATABASE default FROM File({{dir}}) SETTINGS allow_non_empty_tables = 0
