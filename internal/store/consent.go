package store

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"tandem/internal/core"
)

// consentStates number the states that are stored; the blank one has no row.
var consentStates = map[core.ConsentState]int64{core.OptedOut: 1, core.Resubscribed: 2}

// consentHash hides an address the way a grave's is hidden.
func (t *Tx) consentHash(address string) string {
	return t.graveHash("consent " + AddressGrave(address))
}

var consentPut = newBulk("conn int, hash text, address text, state int, since int, kind int, id text, known int, back int, source text, basis text, rule text",
	`INSERT INTO consents (conn, hash, address, state, since, kind, id, known, back, source, basis, rule)
	SELECT r.conn, r.hash, r.address, r.state, r.since, r.kind, r.id, r.known, r.back, r.source, r.basis, r.rule FROM {rows} WHERE true
	ON CONFLICT (conn, hash) DO UPDATE SET state = excluded.state, since = excluded.since, kind = excluded.kind, id = excluded.id, known = excluded.known,
		back = excluded.back, source = excluded.source, basis = excluded.basis, rule = excluded.rule`)

// ConsentPut stores what is known of addresses, by address. Where the person was
// erased the address stays unnamed.
func (t *Tx) ConsentPut(conn int64, all map[string]core.Consent) error {
	if err := t.own(conn); err != nil {
		return err
	}
	var rows [][]any
	for _, address := range slices.Sorted(maps.Keys(all)) {
		c := all[address]
		kind, err := t.kindID(c.Origin)
		if err != nil {
			return fmt.Errorf("store consent: %w", err)
		}
		rows = append(rows, []any{conn, t.consentHash(address), c.Address, consentStates[c.State], ms(c.Since), kind, c.Origin.ID,
			ms(c.Known), ms(c.Back), c.Source, c.Basis, c.Rule})
	}
	if _, err := t.execRows(consentPut, rows); err != nil {
		return fmt.Errorf("store consent of %d addresses: %w", len(rows), err)
	}
	return nil
}

// ConsentDrop forgets addresses: nobody opted them out after all.
func (t *Tx) ConsentDrop(conn int64, addresses ...string) error {
	if err := t.own(conn); err != nil {
		return err
	}
	for _, a := range addresses {
		if _, err := t.exec(`DELETE FROM consents WHERE conn = $1 AND hash = $2`, conn, t.consentHash(a)); err != nil {
			return fmt.Errorf("drop consent: %w", err)
		}
	}
	return nil
}

var consentsOf = newBulk("conn int, hash text", `SELECT c.hash, c.address, c.state, c.since, c.kind, c.id, c.known, c.back, c.source, c.basis, c.rule
	FROM {rows} JOIN consents c ON c.conn = r.conn AND c.hash = r.hash`)

// Consents is what is known of the addresses; those nobody opted out are left out.
func (t *Tx) Consents(conn int64, addresses []string) (map[string]core.Consent, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	rows, byHash := make([][]any, len(addresses)), map[string]string{}
	for i, a := range addresses {
		hash := t.consentHash(a)
		rows[i], byHash[hash] = []any{conn, hash}, a
	}
	out := map[string]core.Consent{}
	err := t.eachRow(consentsOf, rows, func(r *sql.Rows) error {
		hash, c, err := t.scanConsent(r)
		out[byHash[hash]] = c
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read consent of %d addresses: %w", len(addresses), err)
	}
	return out, nil
}

func (t *Tx) scanConsent(r *sql.Rows) (hash string, c core.Consent, err error) {
	var state, since, kind, known, back int64
	var id string
	if err = r.Scan(&hash, &c.Address, &state, &since, &kind, &id, &known, &back, &c.Source, &c.Basis, &c.Rule); err != nil {
		return hash, c, err
	}
	for name, n := range consentStates {
		if n == state {
			c.State = name
		}
	}
	c.Since, c.Known, c.Back = instant(since), instant(known), instant(back)
	c.Origin, err = t.ref(kind, id)
	return hash, c, err
}

// eraseConsent unnames what is known of addresses by the records that said so; the
// states stay (an erased person who opted out stays opted out).
func (t *Tx) eraseConsent(conn int64, refs []core.Ref) error {
	for _, ref := range refs {
		kind, err := t.kindID(ref)
		if err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE consents SET address = '', source = '', basis = '' WHERE conn = $1 AND kind = $2 AND id = $3`, conn, kind, ref.ID); err != nil {
			return fmt.Errorf("erase consent: %w", err)
		}
	}
	return nil
}

// ConsentErase unnames what is known of an address; the state stays.
func (t *Tx) ConsentErase(conn int64, address string) error {
	if err := t.own(conn); err != nil {
		return err
	}
	_, err := t.exec(`UPDATE consents SET address = '', source = '', basis = '' WHERE conn = $1 AND hash = $2`, conn, t.consentHash(address))
	if err != nil {
		return fmt.Errorf("erase consent: %w", err)
	}
	return nil
}
