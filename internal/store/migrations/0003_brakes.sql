-- The links that a brake has counted since the moment in brake_counts, so that a
-- record that changes often counts once.
CREATE TABLE brake_links (
	link BIGINT NOT NULL,
	conn INTEGER NOT NULL,
	kind {{text}} NOT NULL CHECK (kind <> ''),
	PRIMARY KEY (conn, kind, link)
) {{clustered}};

-- A beat is noted beside the store as well: a store with fewer than were ever
-- noted is a restored copy. That is kept until somebody was told.
ALTER TABLE epoch ADD COLUMN beats BIGINT NOT NULL DEFAULT 0 CHECK (beats >= 0);
ALTER TABLE epoch ADD COLUMN restored SMALLINT NOT NULL DEFAULT 0 CHECK (restored IN (0, 1));
