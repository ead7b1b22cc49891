-- The facts of cases as of an instant, one row per visible signal, in the order
-- of the table. Visible: it had happened and was known, and was not yet
-- superseded. With as_seen, also what this store itself had at that instant.
SELECT case_id, at, id, source, ref, kind, channel, level, competent, place, category1, category2, category3,
       subject, purpose, unit, people, text, act, due, rating, attrs, person, group_id
FROM signals FINAL
PREWHERE {{only}} -- the same in every copy of a row, so asked before they are merged
WHERE at <= {as_of:DateTime64(3, 'UTC')} AND known_at <= {as_of:DateTime64(3, 'UTC')}
  AND (known_until > {as_of:DateTime64(3, 'UTC')} OR ({as_seen:Bool} AND closed_at > {as_of:DateTime64(3, 'UTC')}))
  AND (NOT {as_seen:Bool} OR stored_at <= {as_of:DateTime64(3, 'UTC')})
ORDER BY case_id, at, id
SETTINGS use_skip_indexes = 0 -- cases are found by the table's order; to ask its indexes costs more than they spare
