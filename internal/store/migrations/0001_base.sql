-- Words in double braces differ between the databases: see dialect.schema.
-- Times are Unix milliseconds, 0 for none. A kind is the side and object of a
-- ref, as a number of the table of names.

CREATE TABLE epoch (
	one      INTEGER PRIMARY KEY CHECK (one = 1),
	identity {{text}} NOT NULL CHECK (identity <> ''),
	opens    BIGINT NOT NULL CHECK (opens > 0),
	created  BIGINT NOT NULL
);

CREATE TABLE names (
	id   {{id}},
	name {{text}} NOT NULL UNIQUE CHECK (name <> '')
);

-- In the order of core.Ref.Compare, so that lists ordered by kind are ordered by
-- ref.
INSERT INTO names (name) VALUES ('salesforce/Account'), ('salesforce/Contact'), ('salesforce/Lead'),
	('hubspot/companies'), ('hubspot/contacts');

CREATE TABLE connections (
	id           {{serial}},
	name         {{text}} NOT NULL UNIQUE CHECK (name <> ''),
	account0     {{text}} NOT NULL DEFAULT '',
	account1     {{text}} NOT NULL DEFAULT '',
	paused       SMALLINT NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
	suspended    {{text}} NOT NULL DEFAULT '',
	switched     {{text}} NOT NULL DEFAULT '{}',
	disconnected BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE settings (
	conn    INTEGER NOT NULL,
	version BIGINT NOT NULL CHECK (version > 0),
	at      BIGINT NOT NULL,
	by_whom {{text}} NOT NULL,
	body    {{blob}} NOT NULL,
	PRIMARY KEY (conn, version)
);

CREATE TABLE cursors (
	conn  INTEGER NOT NULL,
	side  SMALLINT NOT NULL CHECK (side IN (0, 1)),
	name  {{text}} NOT NULL CHECK (name <> ''),
	value {{text}} NOT NULL,
	at    BIGINT NOT NULL,
	PRIMARY KEY (conn, side, name)
);

-- The class orders the work: 0 live changes (edit, create, delete, person,
-- parent, gap), 1 retries, 2 the rest (import, sweep, schema).
CREATE TABLE dirty (
	generation BIGINT NOT NULL CHECK (generation > 0),
	not_before BIGINT NOT NULL,
	since      BIGINT NOT NULL,
	run        BIGINT NOT NULL DEFAULT 0,
	conn       INTEGER NOT NULL,
	kind       INTEGER NOT NULL CHECK (kind > 0),
	pair       INTEGER NOT NULL CHECK (pair > 0),
	tries      INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
	reasons    INTEGER NOT NULL CHECK (reasons > 0),
	class      INTEGER NOT NULL GENERATED ALWAYS AS
		(CASE WHEN (reasons & 599) <> 0 THEN 0 WHEN (reasons & 256) <> 0 THEN 1 ELSE 2 END) STORED,
	id         {{text}} NOT NULL CHECK (id <> ''),
	PRIMARY KEY (conn, kind, id)
) {{clustered}} {{churning}};
CREATE INDEX dirty_due ON dirty (conn, pair, class, not_before, kind, id);
CREATE INDEX dirty_run ON dirty (run, kind, id) WHERE run <> 0;

-- State: 1 active, 2 parked, 3 closed. A ref is in at most one link that is not
-- closed; it may be in any number of closed ones.
CREATE TABLE links (
	id      {{id}},
	stamp0  BIGINT NOT NULL,
	stamp1  BIGINT NOT NULL,
	created BIGINT NOT NULL,
	conn    INTEGER NOT NULL,
	pair    INTEGER NOT NULL CHECK (pair > 0),
	kind0   INTEGER NOT NULL CHECK (kind0 > 0),
	kind1   INTEGER NOT NULL CHECK (kind1 > 0),
	origin  INTEGER NOT NULL,
	how     INTEGER NOT NULL,
	state   SMALLINT NOT NULL CHECK (state IN (1, 2, 3)),
	keyed   SMALLINT NOT NULL CHECK (keyed BETWEEN 0 AND 3),
	id0     {{text}} NOT NULL CHECK (id0 <> ''),
	id1     {{text}} NOT NULL CHECK (id1 <> ''),
	base    {{blob}} NOT NULL
);
CREATE UNIQUE INDEX links_ref0 ON links (conn, kind0, id0, (CASE WHEN state = 3 THEN id ELSE 0 END));
CREATE UNIQUE INDEX links_ref1 ON links (conn, kind1, id1, (CASE WHEN state = 3 THEN id ELSE 0 END));
CREATE INDEX links_state ON links (conn, pair, state, id);

CREATE TABLE aliases (
	link BIGINT NOT NULL,
	conn INTEGER NOT NULL,
	kind INTEGER NOT NULL CHECK (kind > 0),
	id   {{text}} NOT NULL CHECK (id <> ''),
	PRIMARY KEY (conn, kind, id)
) {{clustered}};

CREATE TABLE seen (
	stamp   BIGINT NOT NULL,
	conn    INTEGER NOT NULL,
	kind    INTEGER NOT NULL CHECK (kind > 0),
	pass    INTEGER NOT NULL CHECK (pass >= 0),
	deleted SMALLINT NOT NULL CHECK (deleted IN (0, 1)),
	id      {{text}} NOT NULL CHECK (id <> ''),
	PRIMARY KEY (conn, kind, id)
) {{clustered}};

-- Entry kinds: 1 decision, 2 intent, 3 outcome, 4 conflict, 5 note.
CREATE TABLE journal (
	seq   {{serial}},
	at    BIGINT NOT NULL,
	run   BIGINT NOT NULL,
	link  BIGINT NOT NULL,
	conn  INTEGER NOT NULL,
	pair  INTEGER NOT NULL,
	kind  INTEGER NOT NULL,
	entry SMALLINT NOT NULL CHECK (entry BETWEEN 1 AND 5),
	id    {{text}} NOT NULL,
	body  {{blob}} NOT NULL
);
CREATE INDEX journal_ref ON journal (conn, kind, id, seq);
CREATE INDEX journal_run ON journal (run, seq) WHERE run <> 0;
CREATE INDEX journal_conflicts ON journal (conn, seq) WHERE entry = 4;

CREATE TABLE journal_volume (
	conn  INTEGER PRIMARY KEY,
	bytes BIGINT NOT NULL
);

CREATE TABLE intents (
	at          BIGINT NOT NULL,
	unknown     BIGINT NOT NULL DEFAULT 0,
	link        BIGINT NOT NULL,
	conn        INTEGER NOT NULL,
	target_kind INTEGER NOT NULL,
	source_kind INTEGER NOT NULL,
	dirty_kind  INTEGER NOT NULL,
	key         {{text}} NOT NULL CHECK (key <> ''),
	target_id   {{text}} NOT NULL,
	source_id   {{text}} NOT NULL,
	dirty_id    {{text}} NOT NULL,
	call        {{text}} NOT NULL,
	op          {{blob}} NOT NULL,
	PRIMARY KEY (conn, key)
) {{churning}};
CREATE INDEX intents_target ON intents (conn, target_kind, target_id);
CREATE INDEX intents_source ON intents (conn, source_kind, source_id);

CREATE TABLE issues (
	issue      {{serial}},
	first      BIGINT NOT NULL,
	last       BIGINT NOT NULL,
	count      BIGINT NOT NULL CHECK (count > 0),
	conn       INTEGER NOT NULL,
	kind       INTEGER NOT NULL CHECK (kind > 0),
	pair       INTEGER NOT NULL,
	category   INTEGER NOT NULL CHECK (category > 0),
	id         {{text}} NOT NULL CHECK (id <> ''),
	field      {{text}} NOT NULL,
	code       {{text}} NOT NULL,
	message    {{text}} NOT NULL,
	mend       {{text}} NOT NULL,
	rule       {{text}} NOT NULL,
	value      {{text}} NOT NULL,
	candidates {{blob}} NOT NULL,
	UNIQUE (conn, kind, id, field)
);
CREATE INDEX issues_list ON issues (conn, issue);

CREATE TABLE plans (
	id      {{serial}},
	created BIGINT NOT NULL,
	conn    INTEGER NOT NULL,
	state   {{text}} NOT NULL CHECK (state IN ('building', 'ready', 'applying', 'applied', 'abandoned')),
	meta    {{blob}} NOT NULL,
	counts  {{blob}} NOT NULL
);

CREATE TABLE plan_items (
	plan      BIGINT NOT NULL,
	seq       BIGINT NOT NULL CHECK (seq > 0),
	kind      INTEGER NOT NULL,
	reasons   INTEGER NOT NULL,
	state     {{text}} NOT NULL CHECK (state IN ('pending', 'applied', 'refused', 'failed')),
	id        {{text}} NOT NULL,
	note      {{text}} NOT NULL,
	ops       {{blob}} NOT NULL,
	decisions {{blob}} NOT NULL,
	PRIMARY KEY (plan, seq)
) {{clustered}};

CREATE TABLE runs (
	id         {{serial}},
	conn       INTEGER NOT NULL,
	kind       {{text}} NOT NULL CHECK (kind <> ''),
	args       {{blob}} NOT NULL,
	state      {{text}} NOT NULL CHECK (state IN ('queued', 'running', 'paused', 'done', 'failed', 'cancelled')),
	total      BIGINT NOT NULL CHECK (total >= 0),
	done       BIGINT NOT NULL CHECK (done >= 0),
	failed     BIGINT NOT NULL CHECK (failed >= 0),
	checkpoint {{text}} NOT NULL,
	created    BIGINT NOT NULL,
	started    BIGINT NOT NULL,
	ended      BIGINT NOT NULL,
	error      {{text}} NOT NULL
);
CREATE INDEX runs_list ON runs (conn, id);

CREATE TABLE commands (
	id      {{serial}},
	verb    {{text}} NOT NULL CHECK (verb <> ''),
	args    {{blob}} NOT NULL,
	result  {{blob}} NOT NULL,
	error   {{text}} NOT NULL,
	created BIGINT NOT NULL,
	done    BIGINT NOT NULL
);
CREATE INDEX commands_open ON commands (id) WHERE done = 0;

CREATE TABLE brakes (
	conn    INTEGER NOT NULL,
	kind    {{text}} NOT NULL CHECK (kind <> ''),
	reason  {{text}} NOT NULL,
	details {{blob}} NOT NULL,
	at      BIGINT NOT NULL,
	PRIMARY KEY (conn, kind)
);

CREATE TABLE audit (
	seq     {{serial}},
	at      BIGINT NOT NULL,
	who     {{text}} NOT NULL,
	action  {{text}} NOT NULL CHECK (action <> ''),
	details {{blob}} NOT NULL
);

CREATE TABLE secrets (
	conn  INTEGER NOT NULL,
	name  {{text}} NOT NULL CHECK (name <> ''),
	value {{blob}} NOT NULL,
	at    BIGINT NOT NULL,
	PRIMARY KEY (conn, name)
);
