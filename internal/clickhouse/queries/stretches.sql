-- The rows in stretches, none of which has many more segments than it may.
SELECT min(row) AS low, max(row), count()
FROM
(
    SELECT row, intDiv(sum(length(segments)) OVER (ORDER BY row ROWS UNBOUNDED PRECEDING), {{most}}) AS stretch
    FROM {{prefix}}segments
)
GROUP BY stretch
ORDER BY low
