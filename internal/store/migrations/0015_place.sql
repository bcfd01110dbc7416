-- Where the tables were when the store was last opened; blank where the database has no
-- such thing. A backup that is read back makes them anew, elsewhere.
ALTER TABLE epoch ADD COLUMN place {{text}} NOT NULL DEFAULT '';
