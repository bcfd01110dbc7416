-- What records without a partner showed when they were looked at last: a digest of what
-- mappings and rules look at. A later version that shows the same tells nothing new.
CREATE TABLE shown (
	digest BIGINT NOT NULL,
	conn   INTEGER NOT NULL,
	kind   INTEGER NOT NULL CHECK (kind > 0),
	id     {{text}} NOT NULL CHECK (id <> ''),
	PRIMARY KEY (conn, kind, id)
) {{clustered}};
