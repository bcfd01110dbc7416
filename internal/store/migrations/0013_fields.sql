-- The mapped fields that have worked since the connection was made, by what they map, and
-- since when one works no longer, as while a side hides one of the two.
CREATE TABLE fields (
	conn    INTEGER NOT NULL,
	of      {{text}} NOT NULL CHECK (of <> ''),
	names   {{text}} NOT NULL CHECK (names <> ''),
	stopped BIGINT NOT NULL DEFAULT 0,
	PRIMARY KEY (conn, of, names)
) {{clustered}};
