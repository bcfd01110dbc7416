package timeline

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/store"
)

func sortedNames(values map[string]string, but []string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(values)), func(n string) bool { return slices.Contains(but, n) })
}

// Standing is how far one kind of happening is.
type Standing struct {
	Kind      string    `json:"kind"`
	Covered   time.Time `json:"covered,omitzero"` // up to when HubSpot was asked
	Made      int       `json:"made"`             // tasks; those that cannot be told again count for 30 days
	Waiting   int       `json:"waiting"`
	Left      int       `json:"left_out"`
	Refused   int       `json:"refused"`
	Unsettled int       `json:"unsettled,omitempty"` // sent, and nothing heard of them yet
}

// Standings are how far the kinds are of which something is known.
func Standings(tx *store.Tx, c *conn.Known) ([]Standing, error) {
	all := map[string]*Standing{}
	of := func(kind string) *Standing {
		if all[kind] == nil {
			all[kind] = &Standing{Kind: kind}
		}
		return all[kind]
	}
	counts, err := tx.HappeningCounts(c.ID)
	if err != nil {
		return nil, err
	}
	for _, n := range counts {
		s := of(n.Kind)
		*map[store.HappeningState]*int{store.HappeningMade: &s.Made, store.HappeningDue: &s.Waiting, store.HappeningLeft: &s.Left, store.HappeningRefused: &s.Refused, store.HappeningSent: &s.Unsettled}[n.State] = n.Count
	}
	cursors, err := tx.Cursors(c.ID)
	for _, cur := range cursors {
		var r reading
		name, ours := strings.CutPrefix(cur.Name, cursorPrefix)
		if ours && cur.Side == core.HubSpot && json.Unmarshal([]byte(cur.Value), &r) == nil {
			of(name).Covered = r.Covered
		}
	}
	out := make([]Standing, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, *all[name])
	}
	return out, err
}

// Unsettled counts the tasks that were sent and of which nothing was heard yet.
func Unsettled(tx *store.Tx, c *conn.Known) (n int, err error) {
	counts, err := tx.HappeningCounts(c.ID)
	for _, x := range counts {
		if x.State == store.HappeningSent {
			n += x.Count
		}
	}
	return n, err
}

// Told is one thing that a person did, as a person reads it.
type Told struct {
	Kind   string    `json:"kind"`
	At     time.Time `json:"at"`
	State  string    `json:"state"`
	Task   string    `json:"task,omitempty"`
	Reason string    `json:"reason,omitempty"`
}

// Of lists the last things that a HubSpot contact did.
func Of(tx *store.Tx, c *conn.Known, contact core.Ref, limit int) ([]Told, error) {
	rows, err := tx.HappeningsOf(c.ID, contact, limit)
	out := make([]Told, len(rows))
	for i, r := range rows {
		out[i] = Told{Kind: r.Kind, At: r.At, State: strings.ReplaceAll(string(r.State), "_", " "), Task: r.Task, Reason: r.Reason}
	}
	return out, err
}
