INSERT INTO fiscal_bad (import, line, said, why)
SELECT i.id, (b ->> 'row')::int, b ->> 'text', b ->> 'why' FROM fiscal_import AS i, jsonb_array_elements(i.bad::jsonb) AS b
ON CONFLICT DO NOTHING;

UPDATE fiscal_import SET refused = (SELECT COUNT(*) FROM fiscal_bad WHERE import = id), made = linked, ended_at = created_at;

UPDATE fiscal_import SET total = linked + known + refused, worked = linked + known + refused;

ALTER TABLE fiscal_import DROP COLUMN bad;
