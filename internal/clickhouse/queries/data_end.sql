-- When something last happened at all.
SELECT max(at) FROM signals
