-- The contacts that groups see: those of the last window, whichever case they belong to.
SELECT group_id, case_id, at, id, source, ref, channel, level, competent, place, category1, category2, category3,
       subject, purpose, unit, people, text, due, rating, attrs, person
FROM signals FINAL
PREWHERE kind = 'contact' AND group_id != 0 AND at > {since:DateTime64(3, 'UTC')} AND {{only}} -- the same in every copy of a row
WHERE at <= {as_of:DateTime64(3, 'UTC')} AND known_at <= {as_of:DateTime64(3, 'UTC')}
  AND (known_until > {as_of:DateTime64(3, 'UTC')} OR ({as_seen:Bool} AND closed_at > {as_of:DateTime64(3, 'UTC')}))
  AND (NOT {as_seen:Bool} OR stored_at <= {as_of:DateTime64(3, 'UTC')})
ORDER BY group_id, at, id
-- A row's copies are of one group, so its index finds all of them. The engine cannot know that: it would read whatever lies between.
SETTINGS use_skip_indexes_if_final_exact_mode = 0, ignore_data_skipping_indices = 'by_stored,by_closed'
