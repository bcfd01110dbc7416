package capture

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// A poll tells that a record changed, not what of it. What a record without a partner showed
// when it was looked at last tells apart an edit of what mappings and rules look at, which
// may bring it over, from one of anything else (TRIG-4): a note for the desk, or the key that
// another connection of the org puts on it.

// KnowShown notes what records without a partner show that were read, where their versions
// are so old that no poll will tell of them any more: what is yet to be told is no old news.
func KnowShown(tx *store.Tx, c *conn.Known, recs []*core.Record) error {
	told := map[core.Ref]time.Time{}
	shown := map[core.Ref]int64{}
	for _, r := range recs {
		of := core.Ref{Side: r.Ref.Side, Object: r.Ref.Object}
		if _, asked := told[of]; !asked {
			cur, _, err := tx.Cursor(c.ID, of.Side, PollCursor(of.Object))
			if err != nil {
				return err
			}
			told[of] = room.ParseStamp(cur.Value).Add(-c.Sides[of.Side].Caps().Overlap)
		}
		if r.Presence == core.Live && r.Stamp.Before(told[of]) {
			shown[r.Ref] = digest(c, r)
		}
	}
	return tx.ShownPut(c.ID, shown)
}

// knowBefore notes what polled records without a link showed before the switch: so much of
// them is no edit.
func knowBefore(tx *store.Tx, c *conn.Known, w World, recs []core.Record) error {
	shown := map[core.Ref]int64{}
	for i := range recs {
		if r := &recs[i]; w.Links[r.Ref] == nil && r.Presence == core.Live && r.Stamp.Before(c.SwitchedOn(r.Ref)) {
			shown[r.Ref] = digest(c, r)
		}
	}
	return tx.ShownPut(c.ID, shown)
}

// loadShown finds what the polled records without a link showed before.
func (w *World) loadShown(tx *store.Tx, c *conn.Known, recs []core.Record) (err error) {
	var alone []core.Ref
	for i := range recs {
		if r := &recs[i]; w.Links[r.Ref] == nil && r.Presence == core.Live && !w.seen[r.Ref].Deleted {
			alone = append(alone, r.Ref)
		}
	}
	if len(alone) > 0 {
		w.shown, err = tx.ShownOf(c.ID, alone)
	}
	return err
}

// showsNothingNew reports that a polled record without a link shows what it did when it was
// looked at last.
func (w *World) showsNothingNew(c *conn.Known, r *core.Record) bool {
	was, known := w.shown[r.Ref]
	return known && was == digest(c, r)
}

// digest is of what mappings and rules look at, and of which fields these are.
func digest(c *conn.Known, r *core.Record) int64 {
	watched := map[string]string{}
	for _, name := range watchFields(c, r.Ref.Side, r.Ref.Object) {
		watched[strings.ToLower(name)] = ""
	}
	for name, value := range r.Values {
		if name = strings.ToLower(name); value != "" {
			if _, ok := watched[name]; ok {
				watched[name] = value
			}
		}
	}
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(watched)) {
		h.Write([]byte(name + "\x00" + watched[name] + "\x00"))
	}
	return int64(binary.BigEndian.Uint64(h.Sum(nil))) //nolint:gosec // any 64 bits
}
