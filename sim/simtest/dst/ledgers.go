package dst

import (
	"fmt"
	"slices"
	"strings"

	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// place is how far the ledgers were read: the org's, and each portal's. The zero one is
// their beginning.
type place struct {
	org     int64
	portals []int
}

// ledgers are what happened in the org and in each portal, in its order.
type ledgers struct {
	org     []salesforcesim.Entry
	portals [][]hubspotsim.Entry
}

// behind is what the ledgers hold from a place on, and the place behind it.
func (r *run) behind(p place) (l ledgers, next place) {
	l.org, next.org = r.world.Org.LedgerFrom(p.org)
	for n, w := range r.worlds {
		from := 0
		if n < len(p.portals) {
			from = p.portals[n]
		}
		rows, behind := w.Portal.LedgerFrom(from)
		l.portals, next.portals = append(l.portals, rows), append(next.portals, behind)
	}
	return l, next
}

// here is the place behind all that the ledgers hold.
func (r *run) here() place {
	_, p := r.behind(r.seen)
	return p
}

// orgLedger is what happened in the org, for the judge; ledger in all portals, in one
// after the other.
func (r *run) orgLedger() []salesforcesim.Entry { return r.all.org }

func (r *run) ledger() []hubspotsim.Entry {
	if len(r.all.portals) == 1 {
		return r.all.portals[0]
	}
	return slices.Concat(r.all.portals...)
}

// writtenSince are the integration's writes that came behind a place.
func (r *run) writtenSince(p place) (out []string) {
	l, _ := r.behind(p)
	for _, e := range l.org {
		if r.isOurs(e) {
			out = append(out, fmt.Sprintf("%s %s %s.%s %v to %v", e.Op, e.ID, e.Object, e.Field, e.Before, e.After))
		}
	}
	for _, e := range slices.Concat(l.portals...) {
		if e.Source == "INTEGRATION" {
			out = append(out, fmt.Sprintf("%s %s %s.%s %q to %q", e.Op, e.ID, e.Object, e.Property, e.Before, e.After))
		}
	}
	return out
}

func (r *run) isOurs(e salesforcesim.Entry) bool { return strings.HasPrefix(e.Client, "tandem") }
