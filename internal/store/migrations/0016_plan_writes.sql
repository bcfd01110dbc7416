-- What the items of a plan write, such as 'create companies', so that a list of one kind is
-- read without the others. An item that writes to both sides stands under both.
CREATE TABLE plan_writes (
	plan BIGINT NOT NULL,
	what {{text}} NOT NULL,
	seq  BIGINT NOT NULL,
	PRIMARY KEY (plan, what, seq)
) {{clustered}};
