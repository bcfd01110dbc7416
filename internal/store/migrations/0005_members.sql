-- The members of the inclusion list as they were last listed: who joined and who
-- left shows by comparing. A pass is one listing of all of them.
CREATE TABLE members (
	joined BIGINT NOT NULL,
	pass   BIGINT NOT NULL CHECK (pass > 0),
	conn   INTEGER NOT NULL,
	kind   INTEGER NOT NULL CHECK (kind > 0),
	id     {{text}} NOT NULL CHECK (id <> ''),
	PRIMARY KEY (conn, kind, id)
) {{clustered}};
