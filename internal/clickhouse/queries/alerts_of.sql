-- The alerts of a row, and those of other rows that name the same matter: a
-- group's that is called after it, a threat of harm in one of its contacts.
SELECT DISTINCT alert
FROM alert_events
WHERE row = {row:String} OR ref IN ({{refs}})
