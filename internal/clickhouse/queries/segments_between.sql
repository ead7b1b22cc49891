-- The segments of a stretch of rows that lie at least in part between two instants, cut to these.
SELECT row, key, arrayMap(s -> (greatest(s.1, toUInt16({{first}})), least(s.2, toUInt16({{last}}))), arrayFilter(s -> s.1 <= {{last}} AND s.2 >= {{first}}, segments)) AS parts
FROM {{prefix}}segments
WHERE row BETWEEN {{low}} AND {{high}} AND notEmpty(parts)
