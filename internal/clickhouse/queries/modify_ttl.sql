ALTER TABLE {{table}} MODIFY TTL {{ttl}} SETTINGS materialize_ttl_after_modify = 0
