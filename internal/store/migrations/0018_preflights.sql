-- What the last look at a connection's two sides found, as the console shows it.
CREATE TABLE preflights (
	conn INTEGER NOT NULL PRIMARY KEY,
	at   BIGINT NOT NULL,
	body {{blob}} NOT NULL
);
