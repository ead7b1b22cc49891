INSERT INTO {{prefix}}followed (row, first, last)
