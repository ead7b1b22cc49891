-- When the latest known thing of each source happened.
SELECT source, max(at)
FROM signals
GROUP BY source
