package simtest

import (
	"testing"
	"time"

	"tandem/internal/engine"
)

// newest is the last entry of a record's history that tells of a run.
func (w *World) newest(id string) engine.HistoryView {
	w.T.Helper()
	h, err := w.Engine.History(w.T.Context(), w.Conn, "company", id, 20)
	w.must(err)
	for _, en := range h {
		if en.Run != 0 && len(en.Writes) > 0 {
			return en
		}
	}
	w.T.Fatalf("the history of %s tells of no write: %+v", id, h)
	return engine.HistoryView{}
}

// contested leaves a value of HubSpot that gave way to a later one of Salesforce, in an entry
// of the journal that tells of another field too.
func contested(t *testing.T, field, property string, profile Option) (w *World, account, company string, en engine.HistoryView) {
	w = New(t, profile)
	account, company = w.linked("Edge", field, "agreed", "Description", "one")
	w.editCompany(company, property, "hubspot")
	w.Advance(time.Minute)
	w.editAccount(account, field, "salesforce")
	w.editAccount(account, "Description", "two")
	w.Sync()
	w.wantValues(account, field, "salesforce", company, property, "salesforce")
	return w, account, company, w.newest(account)
}

// The value that gave way in a conflict is taken on a person's word: it passes to the other
// side, and what was written beside it stays.
func TestMAP6_TheValueThatGaveWayIsTakenOnBothSides(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w, account, company, en := contested(t, "BillingCity", "city", profile)
		if len(en.Conflicts) != 1 || en.Conflicts[0].Lost != "hubspot" || en.Conflicts[0].Base != "agreed" {
			t.Fatalf("conflicts are %+v", en.Conflicts)
		}
		v := w.undo(engine.UndoArgs{Run: en.Run, Entry: en.Seq, Field: en.Conflicts[0].Field, Pass: true})
		if v.Fields != 1 || len(v.Left) != 0 {
			t.Errorf("undone %+v", v)
		}
		w.Sync()
		w.wantValues(account, "BillingCity", "hubspot", company, "city", "hubspot")
		w.wantValues(account, "Description", "two", company, "description", "two")
		at := w.Now()
		w.Advance(10 * time.Minute)
		w.Resync(account)
		w.Sync()
		if n := w.ours(at); n != [2]int{} {
			t.Errorf("%v writes afterwards", n)
		}
		w.wantNoIssues()
	})
}

// Where a mapping has one side's values count, the other's cannot be taken: the plan and the
// undo say so, and nothing is written.
func TestMAP4_AValueThatMayNotPassIsNotTaken(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w, account, company, en := contested(t, "Phone", "phone", profile)
		a := engine.UndoArgs{Run: en.Run, Entry: en.Seq, Field: "Phone", Pass: true}
		v, err := w.Engine.PlanUndo(t.Context(), w.Conn, a)
		w.must(err)
		wantLeft(t, v, map[string]int{"rule": 1})
		wantLeft(t, w.undo(a), map[string]int{"rule": 1})
		w.wantValues(account, "Phone", "salesforce", company, "phone", "salesforce")
	})
}

// An undo of one entry leaves the run's other writes alone.
func TestLIM16_OneWriteOfARunIsUndone(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge", "Description", "one")
	other, otherCompany := w.linked("Brink", "Description", "one")
	w.editAccount(account, "Description", "two")
	w.editAccount(other, "Description", "two")
	w.Sync()
	en := w.newest(account)
	if w.newest(other).Run != en.Run {
		t.Fatal("the two edits passed in two runs")
	}
	v := w.undo(engine.UndoArgs{Run: en.Run, Entry: en.Seq})
	if v.Records != 1 || v.Fields != 1 {
		t.Errorf("undone %+v", v)
	}
	w.wantValues(account, "Description", "two", company, "description", "one")
	w.wantValues(other, "Description", "two", otherCompany, "description", "two")
	if _, err := w.Engine.StartUndo(t.Context(), w.Conn, engine.UndoArgs{Run: en.Run, Entry: en.Seq + 1000}); err == nil {
		t.Error("an entry that is not there was undone")
	}
}
