-- Records that are there and do not sync, as of the last look at each, with the rule that
-- says so; and how many of each kind a rule leaves.
CREATE TABLE unsynced (
	conn INTEGER NOT NULL,
	kind INTEGER NOT NULL CHECK (kind > 0),
	rule INTEGER NOT NULL CHECK (rule > 0),
	id   {{text}} NOT NULL CHECK (id <> ''),
	PRIMARY KEY (conn, kind, id)
) {{clustered}};

CREATE TABLE unsynced_counts (
	n    BIGINT NOT NULL CHECK (n >= 0),
	conn INTEGER NOT NULL,
	kind INTEGER NOT NULL CHECK (kind > 0),
	rule INTEGER NOT NULL CHECK (rule > 0),
	PRIMARY KEY (conn, kind, rule)
) {{clustered}};
