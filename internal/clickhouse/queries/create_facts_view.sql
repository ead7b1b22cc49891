CREATE VIEW IF NOT EXISTS {{view}} AS
WITH {{calendar}}rows AS
(
    {{rows}}
){{neighbours}}
{{facts}}
