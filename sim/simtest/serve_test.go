package simtest

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// Another process pauses and resumes: the daemon learns of it by the store alone.
func TestINST10_AResumeIsFollowedWithinASecondOrTwo(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w := New(t, events())
		account, company := w.linked("Edge")
		w.byFeeds()
		for _, name := range []string{"One", "Two", "Three"} {
			w.setPaused(true)
			w.editAccount(account, "Name", name+", while nothing works")
			w.eventually(w.isQuiet(company))
			w.editAccount(account, "Name", name)
			w.setPaused(false)
			began := time.Now()
			w.companyShows(company, "name", name)
			if took := time.Since(began); took > 4*time.Second {
				t.Errorf("the daemon took %s to notice the resume", took)
			}
		}
		w.stop()
	})
}

// isQuiet is true once nothing was written to a company for three seconds.
func (w *World) isQuiet(company string) func() bool {
	since, last := time.Now(), ""
	return func() bool {
		if now := w.companyValue(company, "name"); now != last {
			since, last = time.Now(), now
		}
		return time.Since(since) > 3*time.Second
	}
}

func (w *World) setPaused(paused bool) {
	w.T.Helper()
	w.must(w.Store.Update(w.T.Context(), func(tx *store.Tx) error {
		row, err := tx.Connection(w.Conn.Settings.Name)
		if err != nil {
			return err
		}
		row.Paused = paused
		return tx.ConnectionSave(row)
	}))
}

// A sweep that takes long keeps neither an edit nor an import waiting.
func TestImportGoesBeforeASweep(t *testing.T) {
	var older string
	w := New(t, Before(func(w *World) { older = w.account("Older"); w.Advance(time.Hour) }))
	release := make(chan struct{})
	var once sync.Once
	var sweeping atomic.Bool
	w.On(func(side core.Side, r *http.Request) error {
		if side == core.Salesforce && strings.Contains(r.URL.RawQuery, "FROM+Account") && !strings.Contains(r.URL.RawQuery, "WHERE") {
			first := false
			once.Do(func() { first = true })
			if first {
				sweeping.Store(true)
				select {
				case <-release:
				case <-r.Context().Done():
					return io.ErrUnexpectedEOF
				}
			}
		}
		return nil
	})
	w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
	w.serving()
	w.eventually(func() bool { return sweeping.Load() })
	id, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.CompanyPair, Sides: core.Sides[:]})
	w.must(err)
	w.eventually(func() bool { return w.run(id).State == store.RunDone })
	if w.byLink(older) == "" {
		t.Error("the import brought nothing")
	}
	close(release)
	w.stop()
}
