-- Threats of harm uttered after an instant. The unit that answers for the matter
-- is that of the latest action which names one.
SELECT id, source, ref, place, category1, category2, category3, subject, purpose,
       if(unit != '', unit, answers.last_unit) AS answering, channel, at
FROM signals AS said FINAL
LEFT JOIN
(
    SELECT case_id, argMax(unit, at) AS last_unit
    FROM signals FINAL
    WHERE unit != '' AND closed_at = 0 AND case_id IN (SELECT case_id FROM signals WHERE has(flags, 'harm') AND at > {after:DateTime64(3, 'UTC')})
    GROUP BY case_id
) AS answers ON answers.case_id = said.case_id
PREWHERE has(flags, 'harm') AND at > {after:DateTime64(3, 'UTC')} -- the same in every copy of a row
WHERE closed_at = 0
ORDER BY at, id
