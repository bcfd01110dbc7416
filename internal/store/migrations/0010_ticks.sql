-- Which version of the record showed its box ticked, and whether the connection itself
-- ticked it.
ALTER TABLE consent_ticks ADD COLUMN seen BIGINT NOT NULL DEFAULT 0;
ALTER TABLE consent_ticks ADD COLUMN ours SMALLINT NOT NULL DEFAULT 0 CHECK (ours IN (0, 1));
