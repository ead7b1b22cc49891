CREATE OR REPLACE VIEW {{view}} AS
WITH {{calendar}}rows AS
(
    {{rows}}
){{neighbours}}
{{facts}}
