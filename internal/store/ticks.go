package store

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"time"

	"tandem/internal/core"
)

// OptOutTick is whose opt-out the ticked box of a Salesforce record is.
type OptOutTick struct {
	own, mate string
	// Seen is the version of the record that showed the box, or that a tick of ours was to
	// replace; zero where that was not noted.
	Seen time.Time
	// Ours says that the connection itself ticks the box.
	Ours bool
}

// Tick is the tick of a box on a record with an address, and with a partner that has
// one; blank for none.
func (t *Tx) Tick(own, mate string) OptOutTick {
	return OptOutTick{own: t.hashOrBlank(own), mate: t.hashOrBlank(mate)}
}

// TickOfOwn is the tick of a box for its record's own address alone, whatever partner the
// record has.
func (t *Tx) TickOfOwn(own string) OptOutTick {
	return t.Tick(own, "").OfOwn()
}

// OfOwn is the tick for the record's own address alone.
func (o OptOutTick) OfOwn() OptOutTick {
	o.mate = notMate
	return o
}

// notMate stands for a partner whose address the tick does not mean; no hash is like it.
const notMate = "-"

// HandedOn is the tick of a lead whose contact has it since the conversion: the lead's box
// says nothing any more, and nobody gets its tick again.
func (o OptOutTick) HandedOn() OptOutTick {
	o.own, o.mate, o.Ours = "", handedOn, false
	return o
}

// IsHandedOn reports a tick that a contact has.
func (o OptOutTick) IsHandedOn() bool { return o.mate == handedOn }

// handedOn stands for whoever a tick was for; no hash is like it.
const handedOn = "+"

// Of reports that the tick was made for an address.
func (o OptOutTick) Of(t *Tx, address string) bool {
	h := t.hashOrBlank(address)
	return h != "" && (h == o.own || h == o.mate)
}

// With is the tick with the partner that its record has got since, and whether that is
// news: only while the record has the address of the tick.
func (o OptOutTick) With(t *Tx, own, mate string) (OptOutTick, bool) {
	if o.mate != "" || mate == "" || t.hashOrBlank(own) != o.own {
		return o, false
	}
	o.mate = t.consentHash(mate)
	return o, true
}

// TickBeside is the tick of a box that stays ticked for another connection of the org alone:
// here the address was taken back, and the box says nothing new about anybody.
func TickBeside(seen time.Time) OptOutTick { return OptOutTick{mate: besideMate, Seen: seen} }

// IsBeside reports a tick that stands for another connection of the org alone.
func (o OptOutTick) IsBeside() bool { return o.mate == besideMate }

// besideMate stands for whoever another connection knows an opt-out of; no hash is like it.
const besideMate = "~"

func (t *Tx) hashOrBlank(address string) string {
	if address == "" {
		return ""
	}
	return t.consentHash(address)
}

var tickPut = newBulk("conn int, kind int, id text, own text, mate text, seen int, ours int", `INSERT INTO consent_ticks (conn, kind, id, own, mate, seen, ours)
	SELECT r.conn, r.kind, r.id, r.own, r.mate, r.seen, r.ours FROM {rows} WHERE true
	ON CONFLICT (conn, kind, id) DO UPDATE SET own = excluded.own, mate = excluded.mate, seen = excluded.seen, ours = excluded.ours`)

// TicksPut stores ticks by record.
func (t *Tx) TicksPut(conn int64, ticks map[core.Ref]OptOutTick) error {
	if err := t.own(conn); err != nil {
		return err
	}
	var rows [][]any
	for _, ref := range slices.SortedFunc(maps.Keys(ticks), core.Ref.Compare) {
		kind, err := t.kindID(ref)
		if err != nil {
			return fmt.Errorf("store the tick of %s: %w", ref, err)
		}
		rows = append(rows, []any{conn, kind, ref.ID, ticks[ref].own, ticks[ref].mate, ms(ticks[ref].Seen), flag(ticks[ref].Ours)})
	}
	if _, err := t.execRows(tickPut, rows); err != nil {
		return fmt.Errorf("store %d ticks: %w", len(rows), err)
	}
	return nil
}

var tickCleared = newBulk("conn int, kind int, id text, seen int", `DELETE FROM consent_ticks WHERE (conn, kind, id) IN (
	SELECT k.conn, k.kind, k.id FROM {rows}
	JOIN connections me ON me.id = r.conn
	JOIN connections other ON other.id = me.id OR me.account0 <> '' AND other.account0 = me.account0
	JOIN consent_ticks k ON k.conn = other.id AND k.kind = r.kind AND k.id = r.id
	WHERE k.seen < r.seen)`)

// TicksCleared forgets the ticks of records whose box a version shows clear, whichever
// connection of the org noted them. One that was noted at that version or later stays: it
// may have come since.
func (t *Tx) TicksCleared(conn int64, shown map[core.Ref]time.Time) error {
	if err := t.own(conn); err != nil {
		return err
	}
	var rows [][]any
	for _, ref := range slices.SortedFunc(maps.Keys(shown), core.Ref.Compare) {
		kind, err := t.kindID(ref)
		if err != nil {
			return fmt.Errorf("drop the tick of %s: %w", ref, err)
		}
		rows = append(rows, []any{conn, kind, ref.ID, ms(shown[ref])})
	}
	if _, err := t.execRows(tickCleared, rows); err != nil {
		return fmt.Errorf("drop %d ticks: %w", len(shown), err)
	}
	return nil
}

var ticksOf = newBulk("conn int, kind int, id text", `SELECT k.kind, k.id, k.own, k.mate, k.seen, k.ours FROM {rows}
	JOIN consent_ticks k ON k.conn = r.conn AND k.kind = r.kind AND k.id = r.id`)

// Ticks are the ticks of those records whose box was met ticked.
func (t *Tx) Ticks(conn int64, refs []core.Ref) (map[core.Ref]OptOutTick, error) {
	if err := t.own(conn); err != nil {
		return nil, err
	}
	rows, err := t.refRows(conn, refs)
	out := map[core.Ref]OptOutTick{}
	if err == nil {
		err = t.eachRow(ticksOf, rows, func(r *sql.Rows) error {
			var kind int64
			var id string
			var tick OptOutTick
			var seen, ours int64
			if err := r.Scan(&kind, &id, &tick.own, &tick.mate, &seen, &ours); err != nil {
				return err
			}
			tick.Seen, tick.Ours = instant(seen), ours == 1
			ref, err := t.ref(kind, id)
			out[ref] = tick
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read the ticks of %d records: %w", len(refs), err)
	}
	return out, nil
}

var ticksBeside = newBulk("conn int, kind int, id text", `SELECT k.kind, k.id, c.hash, c.since FROM {rows}
	JOIN connections me ON me.id = r.conn
	JOIN connections other ON other.account0 = me.account0 AND other.id <> me.id
	JOIN consent_ticks k ON k.conn = other.id AND k.kind = r.kind AND k.id = r.id AND k.ours = 1
	JOIN consents c ON c.conn = other.id AND c.state = 1 AND (c.hash = k.own OR c.hash = k.mate)
	WHERE me.account0 <> '' AND me.disconnected = 0 AND other.disconnected = 0`)

// TicksBeside are the boxes that another connection of the same org ticked, for addresses
// that are opted out there: by record, since when each address is, for those asked about.
func (t *Tx) TicksBeside(conn int64, refs []core.Ref, addresses []string) (map[core.Ref]map[string]time.Time, error) {
	byHash := map[string]string{}
	for _, a := range addresses {
		byHash[t.consentHash(a)] = a
	}
	rows, err := t.refRows(conn, refs)
	out := map[core.Ref]map[string]time.Time{}
	if err == nil {
		err = t.eachRow(ticksBeside, rows, func(r *sql.Rows) error {
			var kind, since int64
			var id, hash string
			if err := r.Scan(&kind, &id, &hash, &since); err != nil {
				return err
			}
			ref, err := t.ref(kind, id)
			address, at := byHash[hash], instant(since)
			switch {
			case address == "":
			case out[ref] == nil:
				out[ref] = map[string]time.Time{address: at}
			default:
				out[ref][address] = at
			}
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read what other connections ticked of %d records: %w", len(refs), err)
	}
	return out, nil
}
