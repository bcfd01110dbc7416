-- Who an account is at an identity provider, blank for nobody.
ALTER TABLE accounts ADD COLUMN subject {{text}} NOT NULL DEFAULT '';
CREATE UNIQUE INDEX accounts_subject ON accounts (subject) WHERE subject <> '';
