-- What people did in HubSpot that is no record there and becomes at most one Salesforce
-- task each. State: 1 due, 2 sent, 3 made, 4 left out, 5 refused. Until it ends, due is
-- when it is looked at next, and since when it is sent; then when it ended. A lasting
-- row stays, since the same may be told again at any time.
CREATE TABLE happenings (
	at          BIGINT NOT NULL,
	due         BIGINT NOT NULL,
	conn        INTEGER NOT NULL,
	kind        INTEGER NOT NULL CHECK (kind > 0),
	person_kind INTEGER NOT NULL,
	tries       INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
	state       SMALLINT NOT NULL CHECK (state BETWEEN 1 AND 5),
	lasting     SMALLINT NOT NULL CHECK (lasting IN (0, 1)),
	key         {{text}} NOT NULL CHECK (key <> ''),
	person      {{text}} NOT NULL,
	task        {{text}} NOT NULL,
	reason      {{text}} NOT NULL,
	body        {{blob}} NOT NULL,
	PRIMARY KEY (conn, key)
) {{clustered}} {{churning}};
CREATE INDEX happenings_due ON happenings (conn, state, due);
CREATE INDEX happenings_person ON happenings (conn, person_kind, person) WHERE person <> '';
