-- Who may use the console. Role: 1 viewer, 2 operator, 3 admin.
CREATE TABLE accounts (
	created  BIGINT NOT NULL,
	role     SMALLINT NOT NULL CHECK (role BETWEEN 1 AND 3),
	name     {{text}} NOT NULL PRIMARY KEY CHECK (name <> ''),
	password {{text}} NOT NULL CHECK (password <> '')
) {{clustered}};
-- Who is signed in. The key is a digest of what the browser holds.
CREATE TABLE sessions (
	created BIGINT NOT NULL,
	used    BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	key     {{text}} NOT NULL PRIMARY KEY CHECK (key <> ''),
	account {{text}} NOT NULL CHECK (account <> ''),
	agent   {{text}} NOT NULL
) {{clustered}};
CREATE INDEX sessions_account ON sessions (account);
-- Links by which somebody chooses a password, each good once. The key is a digest of the
-- link's secret; without a name whoever follows it chooses one.
CREATE TABLE invites (
	expires BIGINT NOT NULL,
	role    SMALLINT NOT NULL CHECK (role BETWEEN 1 AND 3),
	key     {{text}} NOT NULL PRIMARY KEY CHECK (key <> ''),
	name    {{text}} NOT NULL
) {{clustered}};
