-- Signals of made-up cases: two to four contacts each, the rest what the hotline and the bureaus did. A case's last
-- signal lies within the {{window}} milliseconds before {{now}}. Of forty cases, 29 go well, four slowly, two are
-- passed around, two stay without an answer, one is refused and two lie still. The names of cases with a complainant
-- begin with their place and category, as an import makes them.
INSERT INTO signals (case_id, at, id, known_at, known_until, stored_at, closed_at, version, source, name, ref, kind, channel, level, competent,
       place, category1, category2, category3, subject, purpose, unit, people, text, act, due, rating, attrs, flags, updated, who, person, group_id)
SELECT matter, at, sipHash128(n) AS id, at, toDateTime64('2200-01-01', 3, 'UTC'), {{stored}}, toDateTime64(0, 3, 'UTC'), r,
       if(contact OR act IN ('registered', 'transferred', 'rated'), 'hotline-12345', 'bureau') AS source, if(contact, 'contact', act),
       toString(i), if(contact, 'contact', 'action'), channel, if(contact, multiIf(h % 17 = 0, 4, h % 97 = 0, 5, 3), 0), if(contact, 3, 0),
       place, ['城乡建设', '劳动社保', '教育', '交通', '环境保护', '农村农业', '卫生健康', '市场监管', '政法', '民政'][1 + category % 10], toString(category), '', subject,
       if(contact, multiIf(h7 % 40 = 0, 'review', h7 % 41 = 0, 'accusation', h7 % 20 = 1, 'suggestion', h7 % 10 = 2, 'request', 'complaint'), ''),
       if(contact, '', ['住建局', '城管局', '街道办', '教育局', '人社局', '交通局', '环保局', '卫健委'][1 + (h7 + if(kind IN (33, 34), k, 0)) % 8]),
       if(contact, multiIf(r % 29 = 0, 3, r % 83 = 0, 4, r % 211 = 0, 6, 1), 0),
       if(contact, concat(['您好，', '来电人称，', '市民反映：', ''][1 + r % 4], ['小区电梯', '路面积水', '夜间施工噪声', '物业收费', '占道经营', '供暖温度', '孩子入学', '公交线路', '房产证办理', '垃圾清运'][1 + category % 10],
           ['问题影响居民生活', '长期没有解决', '存在安全隐患', '与承诺的不一致'][1 + intDiv(r, 4) % 4], '，地点在', toString(h % 997), '号，',
           multiIf(h7 % 23 = 0, '已经多次反映，', h7 % 31 = 0, '再不解决就向上级部门反映，', h7 % 37 = 0, '全体业主都有意见，', h7 % 43 = 0, '拖欠工资三个月，', ''), '希望尽快处理并回复，编号', toString(r % 100000)), ''),
       act, if(act = 'accepted' AND h % 2 = 0, addDays(at, 15), toDateTime64(0, 3, 'UTC')),
       if(act = 'rated', ['satisfied', 'basically', 'not', '', '', '', '', '', '', '', '', ''][1 + r % 12], ''), map(), [], toDateTime64(0, 3, 'UTC'),
       if(person = 0, [], [person]), person, multiIf(h % 7 = 0, 0, subject != '', sipHash64(subject), sipHash64(place, category))
FROM
(
    SELECT *, if(h7 % 20 = 0, h, bitOr(bitShiftLeft(bitShiftRight(sipHash64(place, category), 48), 48), bitShiftRight(h, 16))) AS matter, k < contacts AS contact, k - contacts AS j,
           if(contact, '', arrayElement(multiIf(
               kind < 29, ['registered', 'transferred', 'accepted', 'replied', 'closed', 'called_back', 'rated', 'rated'],
               kind < 33, ['registered', 'transferred', 'accepted', 'extended', 'replied', 'closed', 'rated', 'rated'],
               kind < 35, ['registered', 'transferred', 'returned', 'transferred', 'returned', 'assigned', 'accepted', 'replied'],
               kind < 37, ['registered', 'transferred', 'accepted', 'extended', 'supervised', 'transferred', 'visited', 'supervised'],
               kind = 37, ['registered', 'transferred', 'not_accepted', 'closed', 'rated', 'rated', 'supervised', 'supervised'],
               ['registered', 'transferred', 'registered', 'transferred', 'registered', 'transferred', 'registered', 'transferred']), toInt32(1 + (k - contacts) % 8))) AS act,
           fromUnixTimestamp64Milli(toInt64(ended - span + span * multiIf(k = 0, 0, contact, (r % 1000) / 1000 * if(kind < 33, 0.4, 1), (j + 1) / ({{per}} - contacts))), 'UTC') AS at,
           multiIf(NOT contact OR h7 % 20 = 0, 0, k = 0 OR h7 % 10 < 8, sipHash64(i, 8), sipHash64(n, 8)) AS person,
           if(h7 % 100 < 60, 'hotline', ['online', 'online', 'letter', 'visit'][1 + h7 % 4]) AS channel,
           toString(330106000000 + if(h % 3 = 0, h7 % 100, h7 % 2000)) AS place, intDiv(h7, 2000) % 60 AS category,
           if(h % 10 = 3, concat('某某花园', toString(intDiv(h7, 7) % 20000)), '') AS subject
    FROM
    (
        SELECT {{first}} + {{step}} * number AS n, intDiv(n, {{per}}) AS i, n % {{per}} AS k, sipHash64(n, 1) AS r,
               sipHash64(i, 2) AS h, sipHash64(i, 7) AS h7, 2 + sipHash64(i, 3) % 3 AS contacts, sipHash64(i, 4) % 40 AS kind,
               {{now}} - toInt64(sipHash64(i, 5) % {{window}}) AS ended, toInt64((1 + sipHash64(i, 6) % 30) * 86400000) AS span
        FROM numbers({{count}})
    )
)
SETTINGS max_insert_threads = 1, max_threads = 1, min_insert_block_size_rows = 100000000, min_insert_block_size_bytes = 0
