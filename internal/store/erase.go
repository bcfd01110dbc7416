package store

import (
	"bytes"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"tandem/internal/core"
)

// Erase takes what the store knows of a record that was erased on request out of
// it, and puts a tombstone on it: the journal and the plans of it and of every
// record it was ever linked with, their issues, the bases of their links, what they
// did beside records, the values of open writes and the answers of commands that name them. Links,
// dirty entries and the journal's rows stay. It gives the records concerned, the
// erased one first. Erasing twice does no harm.
func (t *Tx) Erase(conn int64, ref core.Ref, at time.Time) ([]core.Ref, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	refs, err := t.emptyLinks(conn, ref)
	if err != nil {
		return nil, fmt.Errorf("erase %s: %w", ref, err)
	}
	for _, r := range refs {
		if err := t.JournalRedact(conn, r); err != nil {
			return nil, err
		}
		if err := t.IssueClose(conn, r); err != nil {
			return nil, err
		}
	}
	if err := t.eraseConsent(conn, refs); err != nil {
		return nil, err
	}
	if err := t.eraseHappenings(conn, refs); err != nil {
		return nil, err
	}
	if err := t.ShownDrop(conn, refs); err != nil {
		return nil, err
	}
	if err := t.emptyIntents(conn, refs); err != nil {
		return nil, fmt.Errorf("erase %s: %w", ref, err)
	}
	if err := t.emptyCommands(refs); err != nil {
		return nil, fmt.Errorf("erase %s: %w", ref, err)
	}
	t.s.erased.Store(true)
	return refs, t.TombstonePut(conn, at, RecordGrave(ref))
}

// emptyLinks empties the bases of all links that name a record now or did before
// a merge, and gives every record in them and their aliases.
func (t *Tx) emptyLinks(conn int64, ref core.Ref) ([]core.Ref, error) {
	kind, err := t.kindID(ref)
	if err != nil {
		return nil, err
	}
	links, err := list(t, t.scanOnlyLink, `SELECT `+linkColumns+` FROM links l WHERE l.conn = $1 AND (l.kind0 = $2 AND l.id0 = $3
		OR l.kind1 = $2 AND l.id1 = $3 OR l.id IN (SELECT link FROM aliases WHERE conn = $1 AND kind = $2 AND id = $3)) ORDER BY l.id`, conn, kind, ref.ID)
	if err != nil {
		return nil, err
	}
	refs := []core.Ref{ref}
	for _, l := range links {
		if _, err := t.exec(`UPDATE links SET base = $1 WHERE id = $2`, []byte{}, l.ID); err != nil {
			return nil, err
		}
		old, err := list(t, t.scanAlias, `SELECT kind, id FROM aliases WHERE conn = $1 AND link = $2 ORDER BY kind, id`, conn, l.ID)
		if err != nil {
			return nil, err
		}
		refs = append(append(refs, l.Refs[:]...), old...)
	}
	return lastOf(refs, func(r core.Ref) core.Ref { return r }), nil
}

func (t *Tx) scanAlias(r *sql.Rows) (core.Ref, error) {
	var kind int64
	var id string
	if err := r.Scan(&kind, &id); err != nil {
		return core.Ref{}, err
	}
	return t.ref(kind, id)
}

// emptyIntents takes the values out of open writes. Target and key stay, so that
// their outcome is still found.
func (t *Tx) emptyIntents(conn int64, refs []core.Ref) error {
	open, err := t.IntentsOpen(conn)
	if err != nil {
		return err
	}
	var emptied []Intent
	for _, in := range open {
		if slices.ContainsFunc([]core.Ref{in.Op.Target, in.Op.Source, in.Dirty}, func(r core.Ref) bool { return slices.Contains(refs, r) }) {
			in.Op.Fields, in.Op.Before = nil, nil
			if in.Op.Kind == core.OpUnsubscribe {
				in.Op.UniqueValue = ""
			}
			emptied = append(emptied, in)
		}
	}
	return t.IntentsPut(conn, emptied)
}

// emptyCommands takes the answers back of commands that are done and name a
// record.
func (t *Tx) emptyCommands(refs []core.Ref) error {
	done, err := list(t, scanCommand, `SELECT `+commandColumns+` FROM commands WHERE done <> 0 AND length(result) > 0 ORDER BY id`)
	if err != nil {
		return err
	}
	for _, c := range done {
		if !slices.ContainsFunc(refs, func(r core.Ref) bool {
			return bytes.Contains(c.Args, []byte(r.ID)) || bytes.Contains(c.Result, []byte(r.ID))
		}) {
			continue
		}
		if _, err := t.exec(`UPDATE commands SET result = $1 WHERE id = $2`, []byte{}, c.ID); err != nil {
			return err
		}
	}
	return nil
}
