-- What holds of the followed rows at the instants of a part of the backtest, as runs.
INSERT INTO {{prefix}}runs
SELECT row, run[1].1 AS first, run[-1].2 AS last, run[1].3 AS active, run[1].4 AS holds
FROM
(
    SELECT row, arraySort(groupArray((i, j, active, holds))) AS lines
    FROM
    (
        SELECT row, toUInt16(intDiv(now - {{from}}, {{step}})) AS i, toUInt16(intDiv(until - {{from}}, {{step}})) AS j, last_at > now - {{active}} AS active, holds
        FROM {{layer}}
        WHERE arrayExists(word -> word != 0, holds) AND last_at > now - {{window}}
    )
    GROUP BY row
)
ARRAY JOIN arraySplit((line, other) -> other, lines, arrayMap((line, before) -> line.1 != before.2 + 1 OR line.3 != before.3 OR line.4 != before.4,
    lines, arrayPushFront(arrayPopBack(lines), lines[1]))) AS run
