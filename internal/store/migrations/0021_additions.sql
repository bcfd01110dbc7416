-- What an admin has settled at the console that could stand in the settings file as well:
-- connections, and who is told. A body with secrets in it is encrypted.
CREATE TABLE additions (
	kind    {{text}} NOT NULL CHECK (kind <> ''),
	name    {{text}} NOT NULL,
	at      BIGINT NOT NULL,
	by_whom {{text}} NOT NULL,
	body    {{blob}} NOT NULL,
	PRIMARY KEY (kind, name)
);
