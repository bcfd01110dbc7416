-- By what programs use the API. Role: 1 viewer, 2 operator, 3 admin. The key is a digest of
-- what the program holds.
CREATE TABLE tokens (
	created BIGINT NOT NULL,
	used    BIGINT NOT NULL,
	role    SMALLINT NOT NULL CHECK (role BETWEEN 1 AND 3),
	key     {{text}} NOT NULL UNIQUE CHECK (key <> ''),
	name    {{text}} NOT NULL PRIMARY KEY CHECK (name <> '')
) {{clustered}};
