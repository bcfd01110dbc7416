package simtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/store"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// order is what is done to one of two pairs of duplicates, in turn. The records of a side go by
// the pair, 0 for the one that things are done to.
type order struct {
	*World
	name   string
	kind   *orderKind
	acts   []string
	sf, hs [2]string // who each is by now
	ended  [2][2]bool
	stays  [2]int // which of the two a merge of the side kept
	idle   bool   // an act had nothing to act on
}

// orderKind is a kind of records, with what Salesforce calls the row that a person deletes.
type orderKind struct {
	row, object, mates core.Object
	pair               core.Pair
	make               func(w *World, name string) (row string)
}

// orderActs are what a person may do to the first of two pairs, of whom both stand.
var orderActs = map[string]func(o *order) error{
	"sf deletes":   func(o *order) error { return o.end(core.Salesforce, o.admin().Delete) },
	"sf undeletes": func(o *order) error { return o.revive(core.Salesforce, o.admin().Undelete) },
	"sf purges": func(o *order) error {
		return o.end(core.Salesforce, func(row, id string) error {
			if err := o.admin().Delete(row, id); err != nil {
				return err
			}
			return o.admin().Empty(row, id)
		})
	},
	"sf merges away": func(o *order) error { return o.joinRows(1, 0) },
	"sf absorbs":     func(o *order) error { return o.joinRows(0, 1) },
	"hs archives":    func(o *order) error { return o.end(core.HubSpot, o.Portal.As(admin).Archive) },
	"hs restores":    func(o *order) error { return o.revive(core.HubSpot, o.Portal.As(admin).Restore) },
	"hs merges away": func(o *order) error { return o.joinMates(1, 0) },
	"hs absorbs":     func(o *order) error { return o.joinMates(0, 1) },
	"hs erases": func(o *order) error {
		if o.kind.mates != core.Contacts {
			o.idle = true
			return nil
		}
		return o.end(core.HubSpot, func(_, id string) error { return o.Portal.As(admin).GDPRDelete(id) })
	},
}

func (o *order) admin() salesforcesim.Door { return o.Org.As(admin) }

// at are the ids of a side, and what a person calls such a record there.
func (o *order) at(side core.Side) (ids *[2]string, row core.Object) {
	if side == core.Salesforce {
		return &o.sf, o.kind.row
	}
	return &o.hs, o.kind.mates
}

// live reports that the record that one of the two is by now stands.
func (o *order) live(side core.Side, i int) bool {
	ids, row := o.at(side)
	if side == core.Salesforce {
		return o.admin().Get(string(row), ids[i]) != nil
	}
	_, stands := o.Portal.As(admin).Get(string(row), ids[i])
	return stands
}

// end does away with the first record of a side, where it stands.
func (o *order) end(side core.Side, how func(row, id string) error) error {
	ids, row := o.at(side)
	if o.idle = !o.live(side, 0); o.idle {
		return nil
	}
	for i := range ids {
		o.ended[side][i] = o.ended[side][i] || ids[i] == ids[0]
	}
	return how(string(row), ids[0])
}

// revive restores what was deleted; that it cannot be is no more than idle.
func (o *order) revive(side core.Side, how func(row, id string) error) error {
	ids, row := o.at(side)
	if o.idle = o.live(side, 0) || how(string(row), ids[0]) != nil; !o.idle {
		o.ended[side][0] = false
	}
	return nil
}

func (o *order) joinRows(master, loser int) error {
	return o.join(core.Salesforce, master, loser, func(row, stays, goes string) (string, error) {
		return stays, o.admin().Merge(row, stays, goes)
	})
}

func (o *order) joinMates(primary, other int) error {
	return o.join(core.HubSpot, primary, other, o.Portal.As(admin).Merge)
}

// join merges one of the two of a side into the other, where both stand.
func (o *order) join(side core.Side, stays, goes int, merge func(row, stays, goes string) (string, error)) error {
	ids, row := o.at(side)
	if o.idle = ids[0] == ids[1] || !o.live(side, 0) || !o.live(side, 1); o.idle {
		return nil
	}
	survivor, err := merge(string(row), ids[stays], ids[goes])
	*ids, o.stays[side] = [2]string{survivor, survivor}, stays
	return err
}

// judge fails where somebody was deleted whom nobody's deletion means, or stands without a
// partner and without a word.
func (o *order) judge(named map[string]bool) {
	o.T.Helper()
	for _, side := range core.Sides {
		ids, _ := o.at(side)
		for i := range ids {
			switch live := o.live(side, i); {
			case live && o.ended[side][i]:
				o.T.Errorf("%s: %s %d came back", o.name, side, i)
			case !live && !o.ended[side][i] && !o.meant(side, i):
				o.T.Errorf("%s: %s %d was deleted", o.name, side, i)
			case live && !named[o.linkedID(side, ids[i])] && !o.hasPartner(side, ids[i], named):
				o.T.Errorf("%s: %s %d (%s) has no partner, and no issue says so", o.name, side, i, ids[i])
			}
		}
	}
}

// meant reports that a person deleted the very partner of one of the two of a side: of two that
// were merged there, that of the one that stayed.
func (o *order) meant(side core.Side, i int) bool {
	erased, back := slices.Contains(o.acts, "hs erases"), slices.Contains(o.acts, "sf undeletes") || slices.Contains(o.acts, "hs restores")
	return i == o.stays[side.Other()] && !erased && (o.ended[side.Other()][i] || back)
}

// linkedID is the id by which a record stands in links: of a person account that of the contact.
func (o *order) linkedID(side core.Side, id string) string {
	if side == core.Salesforce && o.kind.row != o.kind.object {
		return fmt.Sprint(o.admin().Get(string(o.kind.row), id)["PersonContactId"])
	}
	return id
}

// hasPartner reports an active link with a record that stands, or that is named by an issue: one
// of a pair is named by either.
func (o *order) hasPartner(side core.Side, id string, named map[string]bool) (yes bool) {
	object := [2]core.Object{o.kind.object, o.kind.mates}[side]
	r := core.Ref{Side: side, Object: object, ID: o.linkedID(side, id)}
	o.must(o.Store.View(o.T.Context(), func(tx *store.Tx) error {
		links, err := tx.LinksOf(o.Conn.ID, []core.Ref{r})
		if l := links[r]; l != nil && l.State == core.LinkActive && l.Refs[side] == r {
			p := l.Partner(side)
			yes = o.Org.As(admin).Get(string(p.Object), p.ID) != nil
			if p.Side == core.HubSpot {
				_, yes = o.Portal.As(admin).Get(string(p.Object), p.ID)
			}
			yes = yes || named[p.ID]
		}
		return err
	}))
	return yes
}

// TestLIM7_DEL6_AMB13_TwoActsInAnyOrder plays any two of deletion, restoring, merge, purge and
// erasure on either side, looked at in between or not, on one of two duplicates, where
// deletions pass. Nobody is made, nobody is deleted by a merge or an erasure, and who is left
// over is named by an issue.
func TestLIM7_DEL6_AMB13_TwoActsInAnyOrder(t *testing.T) {
	kinds := map[string]*orderKind{
		"accounts": {core.Account, core.Account, core.Companies, core.CompanyPair, func(w *World, name string) string { return w.account(name) }},
		"contacts": {core.Contact, core.Contact, core.Contacts, core.ContactPair, func(w *World, name string) string { return w.made(core.Contact, w.named(core.Contact, name)...) }},
		"leads":    {core.Lead, core.Lead, core.Contacts, core.ContactPair, func(w *World, name string) string { return w.made(core.Lead, w.named(core.Lead, name)...) }},
		"person accounts": {core.Account, core.Contact, core.Contacts, core.ContactPair, func(w *World, name string) string {
			return w.made(core.Account, "FirstName", name, "LastName", name, "PersonEmail", name+"@x.com")
		}},
	}
	inBoth(t, func(t *testing.T, profile Option) {
		for name, kind := range kinds {
			for _, between := range []bool{false, true} {
				mode := map[bool]string{false: "new_id", true: "keep_primary"}[between == strings.HasSuffix(t.Name(), "classic")]
				t.Run(fmt.Sprintf("%s, looked at in between %v, %s", name, between, mode), func(t *testing.T) {
					playOrders(New(t, profile, people(deletes, becomesContact, persons("contact")), Org(withPersons), Portal(func(o *hubspotsim.Options) { o.MergeMode = mode }), Settings(func(c *config.Connection) {
						c.Companies.WhenSalesforceDeleted, c.Companies.WhenHubSpotDeleted = "delete", "delete"
						c.Brakes.Deletes.AtLeast, c.Brakes.Changed.Share = 10000, 1
					})), kind, between)
				})
			}
		}
	})
}

func playOrders(w *World, kind *orderKind, between bool) {
	w.T.Helper()
	var all []*order
	names := slices.Sorted(maps.Keys(orderActs))
	for i, first := range names {
		for j, second := range names {
			o := &order{World: w, name: first + ", then " + second, kind: kind, acts: []string{first, second}}
			for n := range o.sf {
				o.sf[n] = kind.make(w, fmt.Sprintf("p%dx%dx%d", i, j, n))
			}
			all = append(all, o)
		}
	}
	w.again()
	for _, o := range all {
		for n, row := range o.sf {
			if o.hs[n] = w.mateOf(kind.pair, o.linkedID(core.Salesforce, row)); o.hs[n] == "" {
				w.T.Fatalf("%s has no partner", row)
			}
		}
	}
	w.Advance(time.Minute)
	since := w.Now()
	all = w.endAll(all, 0)
	if between {
		w.lookDaily()
	}
	all = w.endAll(all, 1)
	w.lookDaily()
	w.wantNoCreates(since)
	named := map[string]bool{}
	for _, i := range w.openIssues() {
		named[i.Ref.ID] = true
		for _, c := range i.Candidates {
			named[c.ID] = true
		}
	}
	for _, o := range all {
		o.judge(named)
	}
	if len(all) < 20 {
		w.T.Errorf("%d orders were played", len(all))
	}
	w.wantStill(w.T.(*testing.T))
}

// endAll does the n-th act of each order, and leaves out those that had nothing to act on.
func (w *World) endAll(all []*order, n int) []*order {
	return slices.DeleteFunc(all, func(o *order) bool {
		w.must(orderActs[o.acts[n]](o))
		return o.idle
	})
}

// lookDaily lets a day pass, in which the recycle bins lose what they were emptied of, and all be
// looked at.
func (w *World) lookDaily() {
	w.T.Helper()
	w.Advance(25 * time.Hour)
	for range 2 {
		w.settle()
	}
	w.again()
}

// wantNoCreates fails where anybody was made since a moment.
func (w *World) wantNoCreates(since time.Time) {
	w.T.Helper()
	for _, e := range w.Org.Ledger() {
		if e.Op == "create" && !e.Time.Before(since) {
			w.T.Errorf("%s %s was made: %v", e.Object, e.ID, e.After)
		}
	}
	for _, e := range w.Portal.Ledger() {
		if e.Op == "create" && !e.Time.Before(since) && (e.Object == "contacts" || e.Object == "companies") {
			w.T.Errorf("%s %s was made: %s %s", e.Object, e.ID, e.Property, e.After)
		}
	}
}
