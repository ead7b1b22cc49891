-- The rows in stretches, none of which has many more segments than it may. A row counts as several at least: it is asked about more
-- often than something happens to it.
SELECT min(row) AS low, max(row), count()
FROM
(
    SELECT row, intDiv(sum(greatest(length(segments), 6)) OVER (ORDER BY row ROWS UNBOUNDED PRECEDING), {{most}}) AS stretch
    FROM {{prefix}}segments
)
GROUP BY stretch
ORDER BY low
