-- Into which record another one was merged, as its side announced it: an erasure of the
-- survivor is one of all that were merged into it.
CREATE TABLE merged (
	conn    INTEGER NOT NULL,
	kind    INTEGER NOT NULL CHECK (kind > 0),
	id      {{text}} NOT NULL CHECK (id <> ''),
	into_id {{text}} NOT NULL CHECK (into_id <> ''),
	CHECK (into_id <> id),
	PRIMARY KEY (conn, kind, id)
) {{clustered}};
CREATE INDEX merged_into ON merged (conn, kind, into_id);
