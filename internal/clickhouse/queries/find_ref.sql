-- The matters that a ref may mean, every source of it.
SELECT source, ref, case_id, min(at) AS first
FROM signals FINAL
WHERE ref = {ref:String} AND ({source:String} = '' OR source = {source:String}) AND closed_at = 0
GROUP BY source, ref, case_id
ORDER BY source, first
