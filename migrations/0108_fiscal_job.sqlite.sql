INSERT OR IGNORE INTO fiscal_bad (import, line, said, why)
SELECT i.id, json_extract(b.value, '$.row'), json_extract(b.value, '$.text'), json_extract(b.value, '$.why') FROM fiscal_import AS i, json_each(i.bad) AS b;

UPDATE fiscal_import SET refused = (SELECT COUNT(*) FROM fiscal_bad WHERE import = id), made = linked, ended_at = created_at;

UPDATE fiscal_import SET total = linked + known + refused, worked = linked + known + refused;

ALTER TABLE fiscal_import DROP COLUMN bad;
