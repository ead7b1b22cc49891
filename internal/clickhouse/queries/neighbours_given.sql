-- The relation neighbours (see rules.Query) for facts that the caller gives: each row has a group of its own.
SELECT row AS group_id, {now:Int64} AS now, at, bitShiftLeft(toInt128(at), 64) + n AS ord, matter, person, channel, level, competent, place,
       category1, category2, category3, subject, purpose, unit, people, text, act, due, rating, attrs
FROM given
WHERE part = 'group'
