INSERT INTO signals (case_id, at, id, known_at, known_until, stored_at, closed_at, version, source, name, ref, kind, channel, level, competent,
       place, category1, category2, category3, subject, purpose, unit, people, text, act, due, rating, attrs, flags, updated, who, person, group_id)
