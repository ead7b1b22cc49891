-- The relation rows (see rules.Query) for facts that the caller gives.
SELECT row, row AS key, {now:Int64} AS now, now AS since, now AS until, part = 'contact' AS contact, false AS concludes, at, bitShiftLeft(toInt128(at), 64) + n AS ord, matter, person, channel, level, competent, place,
       category1, category2, category3, subject, purpose, unit, people, text, act, due, rating, attrs, row AS group_id
FROM given
WHERE part != 'group'
