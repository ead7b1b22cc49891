-- What holds of the followed rows at the instants of a part of the backtest, as runs. A row at an instant at which it is
-- not looked at is as it was when it last was.
INSERT INTO {{prefix}}runs
SELECT row, run[1].1 AS first, run[-1].2 AS last, run[1].3 AS active, run[1].4 AS holds
FROM
(
    SELECT row, arraySort(groupArray((i, until, active, holds))) AS lines
    FROM
    (
        SELECT h.row AS row, toUInt16(intDiv(h.now - {{from}}, {{step}})) AS i, h.last_at > h.now - {{active}} AS active, h.holds AS holds,
               toUInt16(greatest(arrayFirst(x -> x > i, f.at), i + 1) - 1) AS until
        FROM {{layer}} AS h
        INNER JOIN {{prefix}}followed AS f ON h.row = f.row
        WHERE arrayExists(word -> word != 0, h.holds) AND h.last_at > h.now - {{window}}
    )
    GROUP BY row
)
ARRAY JOIN arraySplit((line, other) -> other, lines, arrayMap((line, k) -> k = 1 OR line.1 != lines[k - 1].2 + 1 OR line.3 != lines[k - 1].3
    OR line.4 != lines[k - 1].4, lines, arrayEnumerate(lines))) AS run
