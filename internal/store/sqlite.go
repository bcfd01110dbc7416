package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var sqliteDialect = dialect{
	name: "sqlite3",
	schema: strings.NewReplacer(
		"{{id}}", "INTEGER PRIMARY KEY",
		"{{serial}}", "INTEGER PRIMARY KEY AUTOINCREMENT",
		"{{blob}}", "BLOB",
		"{{text}}", "TEXT",
		"{{clustered}}", "WITHOUT ROWID",
		"{{churning}}", "",
	),
	fence:     `SELECT opens, '' FROM epoch`,
	hasTable:  `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = $1`,
	place:     `SELECT ''`,
	size:      `SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()`,
	analyze:   `ANALYZE`,
	lastDrawn: `SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = '{table}'), 0), coalesce((SELECT max({column}) FROM {table}), 0))`,
	drawAbove: []string{`INSERT INTO sqlite_sequence (name, seq) SELECT '{table}', $1 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = '{table}')`,
		`UPDATE sqlite_sequence SET seq = $1 WHERE name = '{table}'`},
	code:      sqliteCode,
	retryable: func(error) bool { return false },
}

// Connections to one SQLite file and their share of the 16 MiB page cache.
const (
	sqliteReaders     = 4
	sqliteWriterCache = 8 << 10 // KiB
	sqliteReaderCache = 2 << 10 // KiB, for each reader
)

// openSQLite opens the file and, for the engine, takes its lock.
func openSQLite(_ context.Context, a address, o Options) (*Store, error) {
	if o.Worker != "" {
		return nil, errorf(Invalid, "a SQLite store has one engine: several need a PostgreSQL store")
	}
	s := &Store{d: &sqliteDialect, o: o, detach: true, names: &names{}}
	if a.memory {
		s.running = func(context.Context) (bool, error) { return true, nil } // it is this Store's own
		return s, s.openMemory()
	}
	s.running = func(context.Context) (bool, error) { return fileLocked(a.path + ".lock") }
	if err := prepareFile(a.path, o); err != nil {
		return nil, err
	}
	if !o.ReadOnly && !o.Guest {
		lock, err := lockFile(a.path + ".lock")
		if err != nil {
			return nil, err
		}
		s.release, s.beside = append(s.release, lock), a.path+beatFile
	}
	return s, s.openFile(a, o.ReadOnly)
}

func (s *Store) openMemory() error {
	db, err := sqlitePool(":memory:", 1, "_txlock=immediate")
	s.write, s.read = db, db
	return err
}

// openFile opens the file for many readers and one writer, who overwrites what it deletes:
// what was erased on request is not to be found in the free parts of pages
// (sqlite.org/pragma.html#pragma_secure_delete).
func (s *Store) openFile(a address, readOnly bool) (err error) {
	file := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: a.path}).EscapedPath()}).String() + "?mode=rw"
	base := []string{"_pragma=busy_timeout(10000)", "_pragma=synchronous(" + a.synchronous + ")"}
	if s.read, err = sqlitePool(file, sqliteReaders, append(base, "_pragma=query_only(1)", cachePragma(sqliteReaderCache))...); err != nil {
		return err
	}
	if readOnly {
		return nil
	}
	s.write, err = sqlitePool(file, 1, append(base, "_pragma=secure_delete(1)", "_pragma=journal_mode(WAL)", "_pragma=wal_autocheckpoint(8000)",
		"_pragma=journal_size_limit(67108864)", cachePragma(sqliteWriterCache), "_txlock=immediate")...)
	return err
}

func cachePragma(kib int) string { return "_pragma=cache_size(-" + strconv.Itoa(kib) + ")" }

func sqlitePool(file string, size int, params ...string) (*sql.DB, error) {
	sep := "?"
	if strings.Contains(file, "?") {
		sep = "&"
	}
	db, err := sql.Open("sqlite", file+sep+strings.Join(params, "&"))
	if err != nil {
		return nil, fmt.Errorf("open SQLite: %w", err)
	}
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

// prepareFile makes an absent file for the engine, readable by its user only,
// since it holds what the two CRMs hold.
func prepareFile(path string, o Options) error {
	if o.ReadOnly || o.Guest {
		if _, err := os.Stat(path); err != nil {
			return &Error{Code: NotFound, Message: "no store at " + path + ": start the engine or run init first", Err: err}
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return &Error{Code: BadReference, Message: "cannot make the store's folder: give another path or the right to write there", Err: err}
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return &Error{Code: BadReference, Message: "cannot open the store's file: give another path or the right to write there", Err: err}
	}
	return f.Close()
}

var sqliteCodes = map[int]Code{
	sqlite3.SQLITE_FULL:       Full,
	sqlite3.SQLITE_CORRUPT:    Corrupt,
	sqlite3.SQLITE_NOTADB:     Corrupt,
	sqlite3.SQLITE_READONLY:   ReadOnly,
	sqlite3.SQLITE_BUSY:       Busy,
	sqlite3.SQLITE_LOCKED:     Busy,
	sqlite3.SQLITE_IOERR:      Unavailable,
	sqlite3.SQLITE_CANTOPEN:   Unavailable,
	sqlite3.SQLITE_CONSTRAINT: Invalid,
}

func sqliteCode(err error) Code {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return ""
	}
	if e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY {
		return Conflict
	}
	return sqliteCodes[e.Code()&0xff] // the low byte is the primary result code
}
