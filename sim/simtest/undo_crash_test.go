package simtest

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// undoWorld is a run that made two companies and changed fields on both sides of three
// pairs, by every rule; it gives the number of the run.
func undoWorld(t testing.TB) (w *trial, run int64) {
	w = newTrial(t, Settings(func(c *config.Connection) {
		c.Salesforce.SettleUnknown, c.HubSpot.SettleUnknown = config.Duration(time.Second), config.Duration(time.Second)
		c.Companies.WhenHubSpotDeleted = "delete"
	}))
	accounts := make([]string, 3)
	for i := range accounts {
		accounts[i] = w.account(fmt.Sprintf("A%d", i), "Phone", "1", "BillingCity", "Bern", "Description", "one")
	}
	w.Sync()
	w.Advance(3 * time.Second)
	for i, id := range accounts {
		w.editAccount(id, []string{"Phone", "Description", "Name"}[i%3], fmt.Sprintf("B%d", i))
		w.editCompany(w.partner(id), "city", "Basel")
	}
	w.account("New", "Phone", "7")
	w.account("Newer", "Phone", "7")
	w.Sync()
	w.Advance(3 * time.Second)
	return w, w.lastRun()
}

// undoEnd is the state of both sides, after further syncs.
func (w *trial) undoEnd() string {
	w.T.Helper()
	w.heal()
	w.Advance(20 * time.Minute)
	w.heal()
	rows, err := w.Org.As(admin).Query("SELECT Name, Phone, BillingCity, Description FROM Account ORDER BY Name")
	w.must(err)
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprint(r["Name"], r["Phone"], r["BillingCity"], r["Description"]))
	}
	found := w.portalCall("POST", "/crm/v3/objects/companies/search", map[string]any{"limit": 100, "properties": []string{"name", "phone", "city", "description"},
		"sorts": []map[string]any{{"propertyName": "name", "direction": "ASCENDING"}}})
	for _, one := range found["results"].([]any) {
		p := one.(map[string]any)["properties"].(map[string]any)
		out = append(out, fmt.Sprint(p["name"], p["phone"], p["city"], p["description"]))
	}
	return strings.Join(out, "\n")
}

// undoOnce undoes a run; where the process dies it goes on by itself.
func (w *trial) undoOnce(run int64, die func()) string {
	w.T.Helper()
	die()
	for {
		_, err := w.Engine.StartUndo(w.T.Context(), w.Conn, engine.UndoArgs{Run: run, DeleteCreated: true})
		if err == nil {
			_, err = w.syncFor(time.Hour)
		}
		if err == nil {
			return w.undoEnd()
		}
		w.revive(err)
		if _, err := w.syncFor(time.Hour); err != nil { // a sync may come first
			w.T.Fatal(err)
		}
	}
}

// The process dies before or after commits all along an undo: it goes on, the end is the same
// as without a crash, and no sync in between writes again what was undone.
func TestLIM16_P1_CrashAllAlongAnUndo(t *testing.T) {
	var want string
	var commits int64
	inBubble(t, func(t testing.TB) {
		w, run := undoWorld(t)
		want = w.undoOnce(run, func() {
			w.shut()
			w.AfterCommit = func(n int64) error { commits = n; return nil }
			w.Open()
			w.AfterCommit = nil
		})
	})
	if strings.Count(want, "\n") != 5+3-1 || strings.Count(want, "Basel") != 3 || strings.Count(want, "Bern") != 3 || commits < 8 {
		t.Fatalf("uncrashed: %d commits, end\n%s", commits, want)
	}
	t.Logf("%d commits", commits)
	for n := int64(3); n <= commits; n += max(1, commits/12) { // about a dozen of them, before and after in turn
		t.Run(fmt.Sprint("commit ", n), func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w, run := undoWorld(t)
				if got := w.undoOnce(run, func() { w.dieAt(n, n/max(1, commits/12)%2 == 0) }); got != want {
					t.Errorf("end state\n%s\nwant\n%s", got, want)
				}
			})
		})
	}
}

// undoneAlone is the end of an undo that deletes nothing: what people wrote stays where they
// wrote it.
const undoneAlone = `A0B0Bernone
A11BernB1
B21Bernone
New7<nil> <nil>
Newer7<nil> <nil>
A01Baselone
A11Baselone
A21Baselone
New7<nil> <nil>
Newer7<nil> <nil>`

// TestLIM16_P1_AnUndoThatEndsAtItsWriteIsKept: the process dies after a side was written and
// before that is stored. What was put back is no edit of that side, and what the other one
// keeps is none either.
func TestLIM16_P1_AnUndoThatEndsAtItsWriteIsKept(t *testing.T) {
	for _, side := range core.Sides {
		t.Run(side.String(), func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w, run := undoWorld(t)
				var dead atomic.Bool
				w.shut()
				w.BeforeCommit = func(int64) error {
					if dead.Load() {
						return errCrash
					}
					return nil
				}
				w.Open()
				w.On(func(s core.Side, r *http.Request) error {
					if s != side && dead.Load() || s == side && !dead.CompareAndSwap(false, isWrite(r)) {
						return errReset // the write is the last that is sent
					}
					return nil
				})
				_, err := w.Engine.StartUndo(w.T.Context(), w.Conn, engine.UndoArgs{Run: run})
				w.must(err)
				_, err = w.syncFor(time.Hour)
				w.On(nil)
				if !dead.Load() || err == nil {
					t.Fatalf("%s was not written: %v", side, err)
				}
				w.revive(errCrash) // the other side may be the first that the dead do not reach
				end := w.undoEnd()
				if end != undoneAlone {
					t.Errorf("the end is\n%s\nwant\n%s", end, undoneAlone)
				}
			})
		})
	}
}
