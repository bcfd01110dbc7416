-- Whether the last look at a record failed for a passing reason, as a side that was busy.
ALTER TABLE dirty ADD COLUMN late SMALLINT NOT NULL DEFAULT 0 CHECK (late IN (0, 1));
