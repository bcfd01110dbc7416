-- Records of the two sides that a person found not to be the same.
CREATE TABLE apart (
	at    BIGINT NOT NULL,
	conn  INTEGER NOT NULL,
	kind0 INTEGER NOT NULL CHECK (kind0 > 0),
	kind1 INTEGER NOT NULL CHECK (kind1 > 0),
	id0   {{text}} NOT NULL CHECK (id0 <> ''),
	id1   {{text}} NOT NULL CHECK (id1 <> ''),
	PRIMARY KEY (conn, kind0, id0, kind1, id1)
) {{clustered}};
