-- How many segments begin at each instant.
SELECT segment.1 AS i, count()
FROM {{prefix}}segments
ARRAY JOIN segments AS segment
GROUP BY i
