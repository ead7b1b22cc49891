-- At which instants the signals of cases come into view or leave it.
SELECT case_id AS row, [seen_from, seen_until] AS turns
FROM (SELECT s.case_id AS case_id, {{seen}} FROM signals AS s FINAL)
