-- What holds of the followed rows at the instants of a part of the backtest, as runs.
INSERT INTO {{prefix}}runs
SELECT row, run[1].1 AS first, run[-1].1 AS last, run[1].2 AS active, run[1].3 AS holds
FROM
(
    SELECT row, arraySort(groupArray((i, active, holds))) AS lines
    FROM
    (
        SELECT row, toUInt16(intDiv(now - {{from}}, {{step}})) AS i, last_at > now - {{active}} AS active, holds
        FROM {{layer}}
        WHERE arrayExists(word -> word != 0, holds) AND last_at > now - {{window}}
    )
    GROUP BY row
)
ARRAY JOIN arraySplit((line, other) -> other, lines, arrayMap((line, k) -> k = 1 OR line.1 != lines[k - 1].1 + 1 OR line.2 != lines[k - 1].2
    OR line.3 != lines[k - 1].3, lines, arrayEnumerate(lines))) AS run
