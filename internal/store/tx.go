package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Tx is one transaction. It is bound to the context it was begun with, must not
// be used after its function has returned, and not from two goroutines at once.
type Tx struct {
	ctx    context.Context
	s      *Store
	tx     *sql.Tx
	db     *sql.DB
	now    time.Time
	writes bool
	xid    string         // PostgreSQL: names the transaction when its commit gets no answer
	owned  map[int64]bool // connections whose lock this transaction holds
	// learned are names seen or made here; the store learns them when they are
	// surely in the database.
	learned []name
	stmts   map[string]*sql.Stmt
	wanted  []string // queries to keep prepared from now on
}

// newTx detaches SQLite's statements from the context: its driver starts a
// goroutine for every statement that can be cancelled, which costs more than
// the statement. There the context counts at the begin and at the commit.
func (s *Store) newTx(ctx context.Context, tx *sql.Tx, db *sql.DB) *Tx {
	if s.detach {
		ctx = context.WithoutCancel(ctx)
	}
	return &Tx{ctx: ctx, s: s, tx: tx, db: db, now: s.o.Now()}
}

// checkFence refuses an engine that another one has followed, and keeps others
// from following until this transaction ends.
func (t *Tx) checkFence() error {
	if t.s.lease != nil {
		return t.checkLease()
	}
	var opens int64
	if err := t.one(t.s.d.fence, nil, &opens, &t.xid); err != nil {
		return fmt.Errorf("check the store's fence: %w", err)
	}
	if opens != t.s.epoch.Opens && !t.s.o.Guest {
		return errTakenOver()
	}
	return nil
}

func errTakenOver() error {
	return errorf(Locked, "another engine has taken this store over: this process must stop")
}

// own waits for this transaction's turn on the connection, where the database
// lets several write at once.
func (t *Tx) own(conn int64) error {
	if !t.writes || t.s.d.lockConnection == "" || t.owned[conn] {
		return nil
	}
	if _, err := t.exec(t.s.d.lockConnection, conn); err != nil {
		return fmt.Errorf("lock connection %d: %w", conn, err)
	}
	if t.owned == nil {
		t.owned = map[int64]bool{}
	}
	t.owned[conn] = true
	return nil
}

// exec runs a statement and gives the number of rows it changed.
func (t *Tx) exec(query string, args ...any) (int64, error) {
	if !t.writes {
		return 0, ErrReadOnly
	}
	return t.execAny(query, args)
}

func (t *Tx) execAny(query string, args []any) (int64, error) {
	var res sql.Result
	stmt, err := t.stmt(query) //nolint:sqlclosecheck // kept for the next use; its transaction closes it
	switch {
	case err != nil:
	case stmt != nil:
		res, err = stmt.ExecContext(t.ctx, cleaned(args)...)
	default:
		res, err = t.tx.ExecContext(t.ctx, query, cleaned(args)...)
	}
	if err != nil {
		return 0, t.s.d.coded(err)
	}
	return res.RowsAffected()
}

// each runs a query and calls scan for every row.
func (t *Tx) each(query string, args []any, scan func(*sql.Rows) error) error {
	var rows *sql.Rows
	stmt, err := t.stmt(query) //nolint:sqlclosecheck // kept for the next use; its transaction closes it
	switch {
	case err != nil:
	case stmt != nil:
		rows, err = stmt.QueryContext(t.ctx, cleaned(args)...)
	default:
		rows, err = t.tx.QueryContext(t.ctx, query, cleaned(args)...)
	}
	if err != nil {
		return t.s.d.coded(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return t.s.d.coded(rows.Err())
}

// one scans the first row into dest; sql.ErrNoRows without one.
func (t *Tx) one(query string, args []any, dest ...any) error {
	found := false
	err := t.each(query, args, func(r *sql.Rows) error {
		if found {
			return nil
		}
		found = true
		return r.Scan(dest...)
	})
	if err == nil && !found {
		return sql.ErrNoRows
	}
	return err
}

// list collects the rows of a query.
func list[T any](t *Tx, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	var out []T
	err := t.each(query, args, func(r *sql.Rows) error {
		v, err := scan(r)
		out = append(out, v)
		return err
	})
	return out, err
}

// only is the single row of a query; ok is false without one.
func only[T any](t *Tx, scan func(*sql.Rows) (T, error), query string, args ...any) (v T, ok bool, err error) {
	all, err := list(t, scan, query, args...)
	if err != nil || len(all) == 0 {
		return v, false, err
	}
	return all[0], true, nil
}

// missing turns "no row" into a coded error that names what was looked for.
func missing(err error, format string, args ...any) error {
	if errors.Is(err, sql.ErrNoRows) {
		return errorf(NotFound, format, args...)
	}
	return err
}

// cleaned makes every text storable: see the package comment.
func cleaned(args []any) []any {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = clean(s)
		}
	}
	return args
}

func clean(s string) string {
	if strings.IndexByte(s, 0) < 0 && utf8.ValidString(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// ms is the stored form of a time, instant its reverse.
func ms(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixMilli()
}

func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// blob is the stored form of bytes, which are never NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// into scans bytes, and no bytes as nil on both databases.
func into(b *[]byte) sql.Scanner { return (*bytesOrNil)(b) }

type bytesOrNil []byte

// Scan copies, since the driver owns what it gives.
func (b *bytesOrNil) Scan(src any) error {
	*b = nil
	stored, ok := src.([]byte)
	if !ok && src != nil {
		return fmt.Errorf("scan %T as bytes", src)
	}
	if len(stored) > 0 {
		*b = append([]byte(nil), stored...)
	}
	return nil
}
