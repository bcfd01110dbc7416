-- A tombstone says that a record, or the person behind an e-mail address, was
-- erased on request. Only the hash is kept.
CREATE TABLE tombstones (
	at   BIGINT NOT NULL CHECK (at > 0),
	conn INTEGER NOT NULL,
	hash {{text}} NOT NULL CHECK (hash <> ''),
	PRIMARY KEY (conn, hash)
) {{clustered}};

-- A brake that a person released keeps its row with the time of it.
ALTER TABLE brakes ADD COLUMN released BIGINT NOT NULL DEFAULT 0 CHECK (released >= 0);
DELETE FROM cursors WHERE name IN ('released/deletes', 'counted/deletes');

-- What a brake has counted towards its limit since a moment.
CREATE TABLE brake_counts (
	since BIGINT NOT NULL,
	n     BIGINT NOT NULL CHECK (n >= 0),
	conn  INTEGER NOT NULL,
	kind  {{text}} NOT NULL CHECK (kind <> ''),
	PRIMARY KEY (conn, kind)
);
