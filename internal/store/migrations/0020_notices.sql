-- Which kind of error has suspended a connection, blank for one that no call met.
ALTER TABLE connections ADD COLUMN cause {{text}} NOT NULL DEFAULT '';

-- What people were told last of all connections: one row.
CREATE TABLE told (
	one  SMALLINT NOT NULL PRIMARY KEY CHECK (one = 1),
	body {{blob}} NOT NULL
);

-- What is to be told and what was, a row for each way. The key is what the receiver knows it
-- by. Due is 0 for what is not tried any more, sent is 0 for what nobody has taken.
CREATE TABLE notices (
	id    {{serial}},
	made  BIGINT NOT NULL,
	due   BIGINT NOT NULL,
	sent  BIGINT NOT NULL,
	tries INTEGER NOT NULL CHECK (tries >= 0),
	way   {{text}} NOT NULL CHECK (way <> ''),
	key   {{text}} NOT NULL CHECK (key <> ''),
	error {{text}} NOT NULL,
	body  {{blob}} NOT NULL,
	UNIQUE (key, way)
);
CREATE INDEX notices_due ON notices (due) WHERE due > 0;
