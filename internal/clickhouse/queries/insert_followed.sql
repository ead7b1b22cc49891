INSERT INTO {{prefix}}followed (row, key, at)
