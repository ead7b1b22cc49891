-- At which instants the contacts of groups come into view or leave it,
SELECT group_id AS row, [seen_from, least(seen_until, left_at)] AS turns
FROM (SELECT s.group_id AS group_id, {{seen}}, {{left}} FROM signals AS s FINAL PREWHERE s.kind = 'contact' AND s.group_id != 0)
