SELECT source, ref, case_id, min(at) AS first
FROM signals FINAL
WHERE case_id = {case_id:UInt64} AND closed_at = 0
GROUP BY source, ref, case_id
ORDER BY first
