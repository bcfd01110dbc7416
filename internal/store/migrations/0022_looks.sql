-- Looks at both sides that take their time: how far each is, and what the last one found.
-- Ended is 0 while one is under way; found is 0 where none ever came to its end.
CREATE TABLE looks (
	conn    INTEGER NOT NULL,
	what    {{text}} NOT NULL CHECK (what <> ''),
	began   BIGINT NOT NULL,
	ended   BIGINT NOT NULL,
	by_whom {{text}} NOT NULL,
	asked   {{blob}} NOT NULL,
	stage   {{text}} NOT NULL,
	done    BIGINT NOT NULL,
	total   BIGINT NOT NULL,
	stop    SMALLINT NOT NULL CHECK (stop IN (0, 1)),
	error   {{text}} NOT NULL,
	found   BIGINT NOT NULL,
	body    {{blob}} NOT NULL,
	PRIMARY KEY (conn, what)
);
