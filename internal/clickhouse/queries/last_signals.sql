-- When the latest known thing of each source happened, and when we stored it.
SELECT source, max(at), max(stored_at)
FROM signals
GROUP BY source
