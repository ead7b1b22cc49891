SELECT at, case_id
FROM forgotten
ORDER BY at
