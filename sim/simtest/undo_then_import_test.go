package simtest

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// TestLIM16_IMP1_AnImportBegunWhileAnUndoWaitsIsDone after it: whoever the undo takes back and
// the later import names has a partner again, by that import's run; who is not named has none.
func TestLIM16_IMP1_AnImportBegunWhileAnUndoWaitsIsDone(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var all []string
		w := New(t, profile, people(), proposed(), waitingPeople(3, &all))
		run := w.importedLeads()
		before := w.wantMate(all[0])
		w.On(func(side core.Side, r *http.Request) error {
			if side == core.Salesforce && r.Method == http.MethodDelete {
				return errors.New("the line is dead")
			}
			return nil
		})
		_, err := w.Engine.StartUndo(t.Context(), w.Conn, engine.UndoArgs{Run: run, DeleteCreated: true})
		w.must(err)
		_, _ = w.TrySync()
		w.On(nil)
		if !w.stillStands(core.Lead, before) {
			t.Fatal("the undo does not wait")
		}
		again := w.importPeople(engine.ImportArgs{Sides: []core.Side{core.HubSpot}, Refs: []core.Ref{{Side: core.HubSpot, Object: core.Contacts, ID: all[0]}}})
		w.Advance(time.Hour)
		w.again()
		w.again()
		if now := w.wantMate(all[0]); now == before || w.stillStands(core.Lead, before) {
			t.Errorf("the undo was dropped: %s is still the partner", before)
		}
		for _, id := range all[1:] {
			if lead := w.mate(id); lead != "" {
				t.Errorf("%s, whom nobody imported again, has the partner %s", id, lead)
			}
		}
		w.wantPersons(1, 0, 3)
		for _, r := range w.runs() { // what a lead is given by default may pass back by the same run
			if r.Run == again.ID && (r.Wrote["create Lead"] != 1 || r.Wrote["archive Lead"] != 0 || len(r.Left) > 0) {
				t.Errorf("the import wrote %v and left %v, want one lead made", r.Wrote, r.Left)
			}
		}
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestLIM16_IMP1_AnImportFromBeforeAnUndoIsNotMadeAgain: the undo is the later word.
func TestLIM16_IMP1_AnImportFromBeforeAnUndoIsNotMadeAgain(t *testing.T) {
	var all []string
	w := New(t, people(), proposed(), waitingPeople(2, &all))
	run := w.importedLeads()
	w.must(w.Store.Update(t.Context(), func(tx *store.Tx) error {
		return tx.Mark(w.Conn.ID, []core.Dirty{{Ref: core.Ref{Side: core.HubSpot, Object: core.Contacts, ID: all[0]}, Pair: core.ContactPair, Reasons: core.ReasonImport, NotBefore: w.Now(), Run: run}})
	}))
	w.undo(engine.UndoArgs{Run: run, DeleteCreated: true})
	w.again()
	w.wantPersons(0, 0, 2)
	w.wantStill(t)
}
