INSERT INTO {{prefix}}segments
SELECT row, rowNumberInAllBlocks() AS key,
       arrayMap((first, next) -> (toUInt16(first), toUInt16(next - 1)), starts, arrayPushBack(arrayPopFront(starts), last + 1)) AS segments
FROM
(
    SELECT f.row AS row, f.last AS last,
           arraySort(arrayDistinct(arrayPushFront(arrayFilter(i -> i > f.first AND i <= f.last, e.turns), toUInt32(f.first)))) AS starts
    FROM {{prefix}}followed AS f
    INNER JOIN
    (
        SELECT row, groupUniqArrayArray(turns) AS turns
        FROM ({{turns}})
        GROUP BY row
    ) AS e ON e.row = f.row
)
