-- What held of them, instants in a row at which the same did as one line.
CREATE TABLE {{prefix}}runs (row UInt64, first UInt16, last UInt16, active Bool, holds Array(UInt64)) ENGINE = MergeTree ORDER BY (row, first)
