package store

import (
	"database/sql"
	"errors"
	"sync"
)

// prepared keeps SQLite's statements compiled between transactions. PostgreSQL
// does not need it: its driver keeps its own. The queries are constants of this
// package, so their number is bounded.
type prepared struct {
	mu    sync.RWMutex
	stmts map[preparedKey]*sql.Stmt
}

type preparedKey struct {
	db    *sql.DB
	query string
}

// stmt is the prepared form of a query within this transaction; nil on
// PostgreSQL.
func (t *Tx) stmt(query string) (*sql.Stmt, error) {
	if t.s.d.oneStatement {
		return nil, nil
	}
	if stmt := t.stmts[query]; stmt != nil {
		return stmt, nil
	}
	stmt, err := t.prepare(query)
	if err != nil {
		return nil, err
	}
	if t.stmts == nil {
		t.stmts = map[string]*sql.Stmt{}
	}
	t.stmts[query] = stmt
	return stmt, nil
}

func (t *Tx) prepare(query string) (*sql.Stmt, error) {
	if kept := t.s.prepared.get(t.db, query); kept != nil {
		return t.tx.StmtContext(t.ctx, kept), nil
	}
	t.wanted = append(t.wanted, query)
	return t.tx.PrepareContext(t.ctx, query)
}

func (p *prepared) get(db *sql.DB, query string) *sql.Stmt {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.stmts[preparedKey{db, query}]
}

// keepPrepared runs between transactions, because preparing for a pool needs a
// free session of it and SQLite has one writer. A query that does not compile
// has failed in its transaction already.
func (s *Store) keepPrepared(db *sql.DB, queries []string) {
	for _, q := range queries {
		if stmt, err := db.Prepare(q); err == nil {
			s.prepared.put(preparedKey{db, q}, stmt)
		}
	}
}

func (p *prepared) put(key preparedKey, stmt *sql.Stmt) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stmts[key] != nil { // another transaction was faster
		_ = stmt.Close()
		return
	}
	if p.stmts == nil {
		p.stmts = map[preparedKey]*sql.Stmt{}
	}
	p.stmts[key] = stmt
}

func (p *prepared) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, stmt := range p.stmts {
		errs = append(errs, stmt.Close())
	}
	p.stmts = nil
	return errors.Join(errs...)
}
