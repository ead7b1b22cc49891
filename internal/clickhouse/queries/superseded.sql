-- When the signals of rows happened by what was believed once and is no more: then, too, they were looked at.
SELECT {{row}} AS row, min(at), max(at)
FROM signals FINAL
PREWHERE {{row}} != 0
WHERE known_until < toDateTime64('2200-01-01', 3, 'UTC')
GROUP BY row
