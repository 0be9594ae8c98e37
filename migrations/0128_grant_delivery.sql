ALTER TABLE grant_award ADD COLUMN ended_at TIMESTAMPTZ;

ALTER TABLE grant_award ADD COLUMN amended_at TIMESTAMPTZ;

ALTER TABLE grant_milestone ADD COLUMN settled_amount BIGINT;

ALTER TABLE delivery_plan ADD COLUMN base TEXT;

ALTER TABLE delivery_revision ADD COLUMN content TEXT NOT NULL DEFAULT '';

ALTER TABLE delivery_revision ADD COLUMN added BIGINT;

ALTER TABLE delivery_revision ADD COLUMN kind_next TEXT NOT NULL DEFAULT 'extend' CHECK (kind_next IN ('terminate', 'extend', 'change'));

UPDATE delivery_revision SET kind_next = kind;

ALTER TABLE delivery_revision DROP COLUMN kind;

ALTER TABLE delivery_revision RENAME COLUMN kind_next TO kind;
