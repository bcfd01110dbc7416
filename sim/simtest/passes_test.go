package simtest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/engine/capture"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// movedTo takes a record's association with a company away, and gives it another one.
func (w *World) movedTo(object core.Object, id, from, to string) {
	w.T.Helper()
	w.portalCall("DELETE", "/crm/v4/objects/"+string(object)+"/"+id+"/associations/companies/"+from, nil)
	w.must(w.Portal.As(admin).Associate(string(object), id, "companies", to))
}

// unseen has what happened to a HubSpot record so far count as seen, by polls and sweeps:
// whoever was to tell of it did not.
func (w *World) unseen(object core.Object, id string) {
	w.T.Helper()
	w.Advance(30 * time.Minute) // what the portal calculates falls due
	w.Advance(30 * time.Minute)
	recs, err := w.Conn.Sides[core.HubSpot].Read(w.T.Context(), connector.Query{Object: object, Values: []string{id}})
	w.must(err)
	w.must(w.Store.Update(w.T.Context(), func(tx *store.Tx) error {
		if err := tx.SeenPut(w.Conn.ID, []store.SeenRow{{Ref: recs[0].Ref, Seen: store.Seen{Stamp: recs[0].Stamp}}}); err != nil {
			return err
		}
		return tx.CursorSet(w.Conn.ID, core.HubSpot, capture.PollCursor(object), room.StampText(w.Now()))
	}))
}

// A changed association of which no stamp and no event tells is found by the comparison
// that goes with the sweeps.
func TestLIM27_AssociationsAreComparedBySchedule(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, deals())
		first, company := w.linked("Edge")
		second, far := w.linked("Far")
		opportunity := w.opportunity("Big", "AccountId", first)
		w.Sync()
		w.Advance(30 * time.Minute)
		w.Sync()
		w.movedTo(core.Deals, w.wantDealMate(opportunity), company, far)
		w.unseen(core.Deals, w.wantDealMate(opportunity))
		w.Sync()
		w.want(core.Opportunity, opportunity, "AccountId", first)
		w.Advance(25 * time.Hour)
		w.Sync()
		w.want(core.Opportunity, opportunity, "AccountId", second)
		at := w.Now()
		w.sweepAll()
		if n := w.ours(at); n != [2]int{} {
			t.Errorf("%v writes of a comparison that finds nothing", n)
		}
	})
}

// So it is by the comparison that a person asks for, which is a run like any other.
func TestLIM27_TRIG9_AssociationsAreComparedOnAPersonsWord(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact))
		first, company := w.linked("Edge")
		second, far := w.linked("Far")
		contact := w.contact("Gonzalez", "rose@edge.com", first)
		w.Sync()
		w.Advance(30 * time.Minute)
		w.Sync()
		w.movedTo(core.Contacts, w.mate(contact), company, far)
		w.unseen(core.Contacts, w.mate(contact))
		w.Sync()
		w.want(core.Contact, contact, "AccountId", first)
		id, err := w.Engine.StartRelations(t.Context(), w.Conn, core.ContactPair)
		w.must(err)
		w.Sync()
		w.want(core.Contact, contact, "AccountId", second)
		if r := w.run(id); r.State != store.RunDone || r.Total != 1 {
			t.Errorf("run %+v", r)
		}
		w.Advance(3 * time.Second)
		run := w.wantRun("associations", "update Contact", 1)
		if v := w.undo(engine.UndoArgs{Run: run.Run}); v.Fields != 2 { // the lookup, and HubSpot's note of it
			t.Errorf("undone %+v", v)
		}
		w.Sync()
		w.want(core.Contact, contact, "AccountId", first)
		w.want(core.Contacts, w.mate(contact), "salesforceaccountid", first)
	})
}

func TestLIM27_TRIG9_AssociationsOfWhatHasNoneAreRefused(t *testing.T) {
	w := New(t)
	_, err := w.Engine.StartRelations(t.Context(), w.Conn, core.CompanyPair)
	wantCode(t, err, engine.CodeUsage)
	_, err = w.Engine.StartRelations(t.Context(), w.Conn, core.DealPair)
	wantCode(t, err, engine.CodeUsage)
}

// A comparison that is stopped goes on behind its last page, and calls little: a call for
// each 1000 contacts.
func TestLIM26_AssociationsTakeACallAThousandContacts(t *testing.T) {
	w := New(t, people(becomesContact))
	account, _ := w.linked("Edge")
	for i := range 40 {
		w.contact(fmt.Sprintf("C%d", i), fmt.Sprintf("c%d@edge.com", i), account)
	}
	w.Sync()
	w.Advance(time.Minute)
	w.Sync()
	var calls int
	w.On(func(side core.Side, r *http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/associations/contacts/companies/batch/read") {
			calls++
		}
		return nil
	})
	id, err := w.Engine.StartRelations(t.Context(), w.Conn, core.ContactPair)
	w.must(err)
	w.Sync()
	w.On(nil)
	if calls != 1 || w.run(id).Total != 40 {
		t.Errorf("%d calls for %d contacts", calls, w.run(id).Total)
	}
}

// Where nothing serves, a sync compares calculated fields once they are due.
func TestTRIG5_LIM18_ASyncRereadsFormulasWhenDue(t *testing.T) {
	w, _, company, parent := formulaWorld(t)
	w.Sync()
	w.editAccount(parent, "Name", "Group")
	w.Advance(2 * time.Hour)
	w.Sync()
	if got := w.companyValue(company, "sf_label"); got != "Edge of Group" {
		t.Errorf("label %q", got)
	}
	w.must(w.Store.View(t.Context(), func(tx *store.Tx) error {
		r, found, err := tx.RunLast(w.Conn.ID, "formulas")
		if !found || r.State != store.RunDone || r.Total < 2 {
			t.Errorf("run %+v", r)
		}
		return err
	}))
	at := w.Now()
	w.Advance(2 * time.Hour)
	w.Sync()
	if n := w.ours(at); n != [2]int{} {
		t.Errorf("%v writes for formulas that did not change", n)
	}
	for _, r := range w.runs() {
		if r.Kind == "formulas" {
			t.Errorf("the runs name a pass: %+v", r)
		}
	}
}

// A resync and a backfill of deals, in either direction, list each linked deal once.
func TestLIM2_LIM3_DealsAreResyncedAndBackfilled(t *testing.T) {
	for _, side := range core.Sides {
		t.Run(side.String(), func(t *testing.T) {
			w := New(t, deals(), Before(func(w *World) {
				w.portalCall("POST", "/crm/v3/properties/deals", map[string]any{"name": "next", "label": "next", "type": "string", "fieldType": "text", "groupName": "dealinformation"})
			}))
			opportunities := make([]string, 12)
			for i := range opportunities {
				opportunities[i] = w.opportunity(fmt.Sprintf("D%d", i))
			}
			w.Sync()
			w.Advance(3 * time.Second)
			for _, id := range opportunities {
				if side == core.Salesforce {
					w.change(core.Opportunity, id, "NextStep", "call")
				} else {
					w.change(core.Deals, w.wantDealMate(id), "next", "call")
				}
			}
			w.Advance(5 * time.Minute)
			w.Sync()
			w.Restart(func(c *config.Connection) {
				c.Mappings["deal"] = append(c.Mappings["deal"], config.Mapping{HubSpot: "next", Salesforce: "NextStep", Rule: "two_way"})
			})
			id, err := w.Engine.StartImport(t.Context(), w.Conn, "backfill", engine.ImportArgs{Pair: core.DealPair, Sides: []core.Side{side}, Linked: true})
			w.must(err)
			w.Sync()
			for _, id := range opportunities {
				w.want(core.Opportunity, id, "NextStep", "call")
				w.want(core.Deals, w.wantDealMate(id), "next", "call")
			}
			if r := w.run(id); r.State != store.RunDone || r.Total != 12 {
				t.Errorf("backfill %+v", r)
			}
			other := map[core.Side]string{core.Salesforce: "update deals", core.HubSpot: "update Opportunity"}[side]
			w.wantRun("backfill", other, 12)
			id, err = w.Engine.StartImport(t.Context(), w.Conn, "resync", engine.ImportArgs{Pair: core.DealPair, Sides: core.Sides[:], Linked: true})
			w.must(err)
			w.Sync()
			if r := w.run(id); r.State != store.RunDone || r.Total != 12 {
				t.Errorf("resync %+v", r)
			}
			v := w.undo(engine.UndoArgs{Run: id - 1})
			if v.Fields != 12 {
				t.Errorf("the backfill's undo: %+v", v)
			}
		})
	}
}
