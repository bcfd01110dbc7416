// Package store keeps what the engine must remember: connections and their
// settings, cursors, the dirty set, links with their bases, what sweeps have
// seen, the journal, open intents, issues, plans, runs, commands, brakes, the
// audit log and encrypted secrets.
//
// It runs on SQLite (one file, one engine) and on PostgreSQL with one SQL text;
// a dialect value holds the few things that differ. All access is by Update and
// View, which hand out a Tx; the methods of Tx are grouped by subject, one file
// each.
//
// # Transactions
//
// Update gives the same guarantee on both databases: everything that a
// transaction reads of a connection stays true until it commits. SQLite has one
// writer at a time. On PostgreSQL the first call that names a connection takes
// that connection's lock until the end of the transaction, so that writers of
// one connection follow each other while other connections go on.
// The function given to Update may run more than once, when the database asks
// for a retry: it must have no effects outside the Tx.
//
// Neither Update nor View may be called within another: SQLite has a single
// writer and would wait for itself. No transaction spans a network call.
//
// # Stored forms
//
// Times are Unix milliseconds (int64), zero for the zero time, and come back in
// UTC. The side and object of a ref are stored as one small number (its kind)
// through the table of names; so are pairs, rule ids and field names. Text is
// stored as valid UTF-8 without NUL, which PostgreSQL cannot hold: what is not
// becomes U+FFFD. Bytes are stored as given; no bytes read as nil.
package store
