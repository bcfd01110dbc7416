-- What keeps single object pairs of a connection from syncing, as JSON by pair.
ALTER TABLE connections ADD COLUMN held {{text}} NOT NULL DEFAULT '{}';
