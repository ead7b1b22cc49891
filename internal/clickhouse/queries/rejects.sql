SELECT id, source, file, line, reason, remedy,
       if({brief:Bool}, '', masked) AS masked_text, if({brief:Bool}, '', sealed) AS sealed_record, rejected_at, waits
FROM rejects FINAL
WHERE ({source:String} = '' OR source = {source:String}) AND (NOT {waiting:Bool} OR waits)
ORDER BY rejected_at, file, line, id
