-- What the relations rows and neighbours (see rules.Query) hold of a signal s.
toUnixTimestamp64Milli(s.at) AS at, bitShiftLeft(toInt128(toUnixTimestamp64Milli(s.at)), 64) + reinterpretAsUInt64(reverse(substring(s.id, 1, 8))) AS ord,
       s.case_id AS matter, s.person AS person, s.channel AS channel, s.level AS level, s.competent AS competent, s.place AS place,
       s.category1 AS category1, s.category2 AS category2, s.category3 AS category3, s.subject AS subject, s.purpose AS purpose,
       s.unit AS unit, toInt64(s.people) AS people, s.text AS text, s.act AS act, toUnixTimestamp64Milli(s.due) AS due, s.rating AS rating,
       s.attrs AS attrs
