-- The rows of a kind that something happened to, or was said of, in an order that has nothing to do with them.
SELECT row
FROM
(
    SELECT {{row}} AS row
    FROM signals
    WHERE {{row}} != 0 AND at > {since:DateTime64(3, 'UTC')} AND at <= {to:DateTime64(3, 'UTC')}
    UNION DISTINCT
    SELECT row_id AS row
    FROM assessments
    WHERE over = {over:String} AND as_of <= {to:DateTime64(3, 'UTC')}
)
ORDER BY intHash64(row), row
