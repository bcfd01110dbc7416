-- The opt-out of an e-mail address, by the hash of the address. The address itself and
-- who said what go when the person is erased; the state stays. State: 1 opted out,
-- 2 subscribed again.
CREATE TABLE consents (
	since   BIGINT NOT NULL,
	known   BIGINT NOT NULL,
	back    BIGINT NOT NULL,
	conn    INTEGER NOT NULL,
	kind    INTEGER NOT NULL,
	state   SMALLINT NOT NULL CHECK (state IN (1, 2)),
	hash    {{text}} NOT NULL CHECK (hash <> ''),
	id      {{text}} NOT NULL,
	address {{text}} NOT NULL,
	source  {{text}} NOT NULL,
	basis   {{text}} NOT NULL,
	rule    {{text}} NOT NULL,
	CHECK (state = 1 OR back > 0),
	PRIMARY KEY (conn, hash)
) {{clustered}};
CREATE INDEX consents_ref ON consents (conn, kind, id);

-- The addresses that a Salesforce record and its partner had when the record's opt-out
-- box was first met ticked, as hashes.
CREATE TABLE consent_ticks (
	conn INTEGER NOT NULL,
	kind INTEGER NOT NULL CHECK (kind > 0),
	id   {{text}} NOT NULL CHECK (id <> ''),
	own  {{text}} NOT NULL,
	mate {{text}} NOT NULL,
	PRIMARY KEY (conn, kind, id)
) {{clustered}};
