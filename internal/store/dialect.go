package store

import (
	"context"
	"database/sql"
	"strings"
)

// dialect is all that differs between the two databases.
type dialect struct {
	name string
	// schema turns the tokens of the migrations into this database's words.
	schema *strings.Replacer
	// oneStatement sends the rows of a bulk statement as one JSON parameter,
	// which saves round trips; otherwise a prepared statement runs once a row.
	oneStatement bool
	// fence reads the number of opens, and holds it until the transaction ends.
	fence string
	// fenceLease reads the same once for each connection of a lease, and holds that
	// as well; blank where one process has the whole store.
	fenceLease string
	// lockConnection waits for the writer's turn on one connection; blank where
	// the database has one writer anyway.
	lockConnection string
	// snapshot is how View begins, so that all its reads see one moment.
	snapshot *sql.TxOptions
	// hasTable counts the tables of a name.
	hasTable string
	// place tells these tables from others of their names that a backup was read into.
	place string
	// size gives the bytes the store takes; analyze refreshes the planner's
	// statistics.
	size, analyze string
	// endSessions ends the sessions of whoever has the lease of connection $1 and is not
	// worker $2, and counts them.
	endSessions string
	// lastDrawn reads the highest number that {table} has drawn for {column}, drawAbove
	// has it draw above $1.
	lastDrawn string
	drawAbove []string
	// code classifies a driver's error; "" for what it does not know.
	code func(error) Code
	// retryable reports that a transaction surely did not commit and may succeed
	// when run again.
	retryable func(error) bool
	// committed tells what became of a transaction whose COMMIT got no answer;
	// nil where a commit always answers.
	committed func(ctx context.Context, db *sql.DB, xid string) (bool, error)
}

// coded gives a driver's error its code and leaves every other error alone.
func (d *dialect) coded(err error) error {
	if err == nil || CodeOf(err) != "" {
		return err
	}
	code := d.code(err)
	if code == "" {
		return err
	}
	return &Error{Code: code, Message: codeText[code], Err: err}
}

var codeText = map[Code]string{
	Full:        "the store has no space left: free some; the service then goes on by itself, anything else is to be started again",
	Busy:        "another program holds the lock of the store's file: end it, or wait; the service then goes on by itself, anything else is to be started again",
	Corrupt:     "the store's file is damaged: restore it from a backup",
	ReadOnly:    "the store is open for reading only",
	Unavailable: "the store's database cannot be used now: see to it, then start again",
	Invalid:     "the store refuses the row",
	Conflict:    "the store already holds such a row",
}
