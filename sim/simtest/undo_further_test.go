package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// strangers notes that a HubSpot contact is not who has its further address in Salesforce, as
// a person said long ago: nothing looks at the two for it.
func (w *World) strangers(hs, contact string) {
	w.T.Helper()
	couple := store.Couple{{Side: core.Salesforce, Object: core.Contact, ID: contact}, {Side: core.HubSpot, Object: core.Contacts, ID: hs}}
	w.must(w.Store.Update(w.T.Context(), func(tx *store.Tx) error { return tx.ApartPut(w.Conn.ID, couple) }))
}

// TestLIM16_OPT7_AnUndoIsDoneWithAFurtherAddress: what becomes of one is asked again and
// again, and none of those looks is a part of the undo that looked first. Whoever imports
// after it, or asks for one person, is heard.
func TestLIM16_OPT7_AnUndoIsDoneWithAFurtherAddress(t *testing.T) {
	for name, bring := range map[string]func(w *World, id string){
		"import": func(w *World, _ string) { w.importPeople(engine.ImportArgs{Sides: []core.Side{core.HubSpot}}) },
		"resync": func(w *World, id string) {
			w.must(w.Engine.Resync(w.T.Context(), w.Conn, core.ContactPair, []string{id}))
			w.Sync()
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				var hs, second string
				w := New(t, profile, people(), Before(func(w *World) {
					hs = merged(w, false)
					second = w.made(core.Contact, "LastName", "Second", "Email", "s@x.com")
					w.Advance(time.Hour)
				}))
				w.strangers(hs, second)
				run := w.importedLeads()
				lead := w.wantMate(hs)
				w.undo(engine.UndoArgs{Run: run, DeleteCreated: true})
				if w.stillStands(core.Lead, lead) {
					t.Fatal("the lead stays")
				}
				if v := w.wantRun("undo", "archive Lead", 1); len(v.Left) != 0 {
					t.Errorf("the undo is not done with %v", v.Left)
				}
				w.again()
				bring(w, hs)
				w.again()
				if w.wantMate(hs) == second {
					t.Error("linked with another person of the address")
				}
				w.wantStill(t)
			})
		})
	}
}
