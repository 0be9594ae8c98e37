ALTER TABLE engagement ADD COLUMN state_next TEXT NOT NULL DEFAULT 'running' CHECK (state_next IN ('running', 'closed', 'evaluated', 'void'));

UPDATE engagement SET state_next = state;

ALTER TABLE engagement DROP COLUMN state;

ALTER TABLE engagement RENAME COLUMN state_next TO state;
