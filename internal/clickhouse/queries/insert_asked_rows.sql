INSERT INTO asked_rows (beside, key)
