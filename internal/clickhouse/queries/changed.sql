-- The rows and risks whose assessment at an instant is not what stood before it: what the rules say now (see
-- rules.Query), beside the last assessment of each row. A row without a line on one side says nothing there. Small hashes
-- are compared, so that what stood fits into memory.
WITH {{calendar}}1 AS one
SELECT if(now_state = 0, was_row, row) AS changed, if(now_state = 0, was_risk, risk) AS in_risk, score, shadow, level, fired
FROM
(
    SELECT row, risk, toInt64(score) AS score, toInt64(shadow) AS shadow, toUInt8(level) AS level, fired,
           xxHash64(concat(toString(score), ' ', toString(shadow), ' ', toString(level), ' ', arrayStringConcat(fired, ' '))) AS now_state
    FROM
    (
        {{says}}
    )
) AS now
FULL JOIN
(
    SELECT row_id AS was_row, toString(risk) AS was_risk,
           xxHash64(concat(toString(last_score), ' ', toString(last_shadow), ' ', toString(last_level), ' ', arrayStringConcat(last_rules, ' '))) AS was_state
    FROM
    (
        SELECT row_id, risk, argMax(score, (as_of, stored_at)) AS last_score, argMax(shadow_score, (as_of, stored_at)) AS last_shadow,
               argMax(level, (as_of, stored_at)) AS last_level, argMax(rules, (as_of, stored_at)) AS last_rules
        FROM assessments
        WHERE as_of < fromUnixTimestamp64Milli({now:Int64}, 'UTC') AND over = {over:String}
        GROUP BY row_id, risk
    )
    WHERE last_score != 0 OR last_shadow != 0 OR last_level != 0 OR notEmpty(last_rules)
) AS stood ON row = was_row AND risk = was_risk
WHERE now_state != was_state
ORDER BY changed
