-- All assessments of some rows, in order of time.
SELECT row_id, risk, as_of, stored_at, ref, score, shadow_score, level, rules, rule_set, calendar, late,
       JSONExtractUInt(matter, 'contacts') AS contacts, parseDateTime64BestEffortOrZero(JSONExtractString(matter, 'first'), 3, 'UTC') AS first_contact
FROM assessments FINAL
PREWHERE row_id IN (SELECT key FROM asked)
WHERE over = {over:String} AND as_of <= {to:DateTime64(3, 'UTC')}
ORDER BY row_id, as_of, risk
