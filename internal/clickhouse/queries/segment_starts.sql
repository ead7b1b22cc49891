-- How many segments of a stretch of rows begin at each instant.
SELECT segment.1 AS i, count()
FROM {{prefix}}segments
ARRAY JOIN segments AS segment
WHERE row BETWEEN {{low}} AND {{high}}
GROUP BY i
