-- How whoever objects wants to be answered. It stays in the records: no event tells it.

ALTER TABLE objection ADD COLUMN contact TEXT NOT NULL DEFAULT '';
