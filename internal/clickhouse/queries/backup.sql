BACKUP DATABASE default TO File({{dir}})
