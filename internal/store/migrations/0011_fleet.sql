-- Workers of a fleet, as each last said that it is there.
CREATE TABLE workers (
	name    {{text}} PRIMARY KEY CHECK (name <> ''),
	started BIGINT NOT NULL,
	seen    BIGINT NOT NULL
);

-- One row for each time that a worker began to work on connections. The id is never used
-- twice: it is the fence of whoever works under it.
CREATE TABLE holds (
	id     {{serial}},
	worker {{text}} NOT NULL CHECK (worker <> ''),
	taken  BIGINT NOT NULL
);

-- Under which hold a connection is worked on; 0 when it was given back.
CREATE TABLE leases (
	connection {{text}} PRIMARY KEY CHECK (connection <> ''),
	hold       BIGINT NOT NULL CHECK (hold >= 0)
);
