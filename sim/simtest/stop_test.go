package simtest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// stopFor is how long a stopped connection is watched: several times as long as an
// edit takes to reach the other side while it serves.
const stopFor = 2 * time.Second

// staysPut fails the test where something is written by us within stopFor.
func (w *World) staysPut(since time.Time) {
	w.T.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for end := time.Now().Add(stopFor); time.Now().Before(end); <-look.C {
		if n := w.ours(since); n != [2]int{} {
			w.T.Fatalf("%v writes after the stop", n)
		}
	}
}

// acts are what a person does to stop a connection.
var acts = map[string]func(*World) error{
	"pause":      func(w *World) error { return w.Engine.Pause(w.T.Context(), w.Conn) },
	"disconnect": func(w *World) error { return w.Engine.Disconnect(w.T.Context(), w.Conn) },
	"a brake set by another process": func(w *World) error {
		return w.Store.Update(w.T.Context(), func(tx *store.Tx) error {
			return tx.BrakeSet(w.Conn.ID, store.Brake{Kind: string(core.BrakeEmptied), Reason: "seen elsewhere"})
		})
	},
	"a pause stored by another process": func(w *World) error {
		return w.Store.Update(w.T.Context(), func(tx *store.Tx) error {
			row, err := tx.Connection("acme")
			row.Paused = true
			w.must(err)
			return tx.ConnectionSave(row)
		})
	},
}

func TestINST10_INST11_NothingIsWrittenWhileServingAfterAStop(t *testing.T) {
	for name, stop := range acts {
		for _, feed := range []string{"events", "polls"} {
			t.Run(name+" with "+feed, func(t *testing.T) {
				feeding := events()
				if feed == "polls" {
					feeding = Settings(func(c *config.Connection) { c.PollEvery = config.Duration(50 * time.Millisecond) })
				}
				w := New(t, feeding)
				account, company := w.linked("Edge")
				w.serving()
				w.editAccount(account, "Name", "Edge One")
				w.companyShows(company, "name", "Edge One")
				w.must(stop(w))
				stopped := w.Now()
				w.editAccount(account, "Name", "Edge Two")
				w.editCompany(company, "city", "Bern")
				w.staysPut(stopped)
				w.must(w.Engine.Resume(t.Context(), w.Conn, brakesOf(w)...))
				if name == "disconnect" {
					w.stop() // what was edited meanwhile is found by a sweep
					w.Sync()
				}
				w.companyShows(company, "name", "Edge Two")
				w.accountShows(account, "BillingCity", "Bern")
			})
		}
	}
}

func brakesOf(w *World) (kinds []string) {
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) error {
		brakes, err := tx.Brakes(w.Conn.ID)
		for _, b := range brakes {
			kinds = append(kinds, b.Kind)
		}
		return err
	}))
	return kinds
}

// heldImport starts an import of n accounts that a write to HubSpot holds up until
// it is released, and gives the end of the import.
func (w *World) heldImport(n int) (release func(), end chan error) {
	w.T.Helper()
	for i := range n {
		w.account(fmt.Sprintf("Account %03d", i))
	}
	held, let := make(chan struct{}), make(chan struct{})
	var writes atomic.Int32
	w.On(func(side core.Side, r *http.Request) error {
		if side != core.HubSpot || !strings.HasSuffix(r.URL.Path, "/batch/create") || writes.Add(1) != 1 {
			return nil
		}
		close(held)
		<-let
		return nil
	})
	_, err := w.Engine.StartImport(w.T.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.CompanyPair, Sides: []core.Side{core.Salesforce}})
	w.must(err)
	end = make(chan error, 1)
	go func() {
		_, err := w.TrySync()
		end <- err
	}()
	<-held
	return func() { close(let) }, end
}

func TestINST10_APauseStopsARunningImportAndSettlesWhatWasUnderWay(t *testing.T) {
	w := New(t, Workers(2))
	release, end := w.heldImport(450)
	paused := make(chan error, 1)
	go func() { paused <- w.Engine.Pause(context.Background(), w.Conn) }()
	w.eventually(func() bool { return w.isPaused() })
	select {
	case err := <-paused:
		t.Fatalf("pause returned (%v) while a write was under way", err)
	case <-time.After(100 * time.Millisecond):
	}
	release()
	w.must(<-paused)
	at := w.Now()
	made := w.companyCount()
	err := <-end
	wantCode(t, err, engine.CodePaused)
	if !strings.Contains(err.Error(), "is paused (INST-10), by test at") || !strings.Contains(err.Error(), "tandem resume") {
		t.Errorf("the import ends with %q", err)
	}
	if n := w.ours(at); n != [2]int{} || w.companyCount() != made || made == 0 || made == 450 {
		t.Errorf("%v writes after the pause; %d companies", n, made)
	}
	if open, links := w.openIntents(), w.links(); open != 0 || links != made {
		t.Errorf("%d intents are open, %d links for %d companies", open, links, made)
	}
	w.must(w.Engine.Resume(t.Context(), w.Conn))
	w.Sync()
	if w.companyCount() != 450 || w.links() != 450 {
		t.Errorf("%d companies and %d links after resume", w.companyCount(), w.links())
	}
	key := "Tandem_Key_" + w.Portal.Info().PortalID + "__c"
	w.must(w.Org.GrantField("Account", key))
	if rows, err := w.Org.As(admin).Query("SELECT Id FROM Account WHERE " + key + " = null"); err != nil || len(rows) != 0 {
		t.Errorf("%d accounts were never told of their companies: %v", len(rows), err)
	}
}

func (w *World) isPaused() (yes bool) {
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) error {
		row, err := tx.Connection("acme")
		yes = row.Paused
		return err
	}))
	return yes
}

func (w *World) openIntents() (n int) {
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) error {
		open, err := tx.IntentsOpen(w.Conn.ID)
		n = len(open)
		return err
	}))
	return n
}

func (w *World) links() (n int) {
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) error {
		counts, err := tx.LinkCounts(w.Conn.ID)
		n = counts[core.CompanyPair][core.LinkActive]
		return err
	}))
	return n
}
