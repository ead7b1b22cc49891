-- Threats of harm uttered after an instant and stored after another. The unit that
-- answers for the matter is that of the latest action which names one.
SELECT id, source, ref, place, category1, category2, category3, subject, purpose,
       if(unit != '', unit, answers.last_unit) AS answering, channel, at
FROM signals AS said FINAL
LEFT JOIN
(
    SELECT case_id, argMax(unit, (at, id)) AS last_unit
    FROM signals FINAL
    WHERE unit != '' AND closed_at = 0 AND case_id IN
    (
        SELECT case_id FROM signals
        WHERE stored_at > {stored:DateTime64(3, 'UTC')} AND at > {uttered:DateTime64(3, 'UTC')} AND has(flags, 'harm')
    )
    GROUP BY case_id
) AS answers ON answers.case_id = said.case_id
PREWHERE stored_at > {stored:DateTime64(3, 'UTC')} AND at > {uttered:DateTime64(3, 'UTC')} AND has(flags, 'harm') -- the same in every copy of a row
WHERE closed_at = 0
ORDER BY at, id
