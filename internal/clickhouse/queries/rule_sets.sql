SELECT version, files, deadlines
FROM rule_sets FINAL
ORDER BY version
