package simtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// whileWriting lets a user edit at the moment when the first update reaches
// Salesforce, and says whether it came to that.
func (w *World) whileWriting(edit func()) (done func() bool) {
	return w.beforeUpdateOf(core.Salesforce, edit)
}

// beforeUpdateOf lets a user edit at the moment when the first update reaches a
// side, and says whether it came to that.
func (w *World) beforeUpdateOf(of core.Side, edit func()) (done func() bool) {
	first := false
	w.On(func(side core.Side, r *http.Request) error {
		if side == of && !first && isWrite(r) {
			first = true
			edit()
		}
		return nil
	})
	return func() bool { return first }
}

// conflictValues are the lost values of the conflict log.
func (w *World) conflictValues() (lost []string) {
	w.T.Helper()
	for _, e := range w.conflicts() {
		var body engine.Entry
		w.must(json.Unmarshal(e.Body, &body))
		for _, c := range body.Conflicts {
			lost = append(lost, c.Lost)
		}
	}
	return lost
}

// TestC4_I4_EditWhileWritingIsNotLost: a user changes the value in Salesforce
// between our reading of it and our writing.
func TestC4_I4_EditWhileWritingIsNotLost(t *testing.T) {
	for _, cdc := range []bool{false, true} {
		t.Run(fmt.Sprint("cdc ", cdc), func(t *testing.T) {
			var opts []Option
			if cdc {
				opts = append(opts, events())
			}
			w := New(t, opts...)
			account, company := w.linked("Edge", "BillingCity", "Bern")
			done := w.whileWriting(func() { w.editAccount(account, "BillingCity", "Paris") })
			w.editCompany(company, "city", "Rome")
			if cdc {
				w.serving()
				w.eventually(func() bool { return w.accountValue(account, "BillingCity") == w.companyValue(company, "city") })
				w.stop()
			} else {
				w.Sync()
			}
			w.On(nil)
			w.Advance(3 * time.Second)
			w.Sync()
			if !done() {
				t.Fatal("nothing was written")
			}
			kept := w.accountValue(account, "BillingCity")
			w.wantValues(account, "BillingCity", kept, company, "city", kept)
			lost := map[string]string{"Paris": "Rome", "Rome": "Paris"}[kept]
			if got := w.conflictValues(); len(got) != 1 || got[0] != lost || lost == "" {
				t.Errorf("%q stands, the conflict log holds %q", kept, got)
			}
		})
	}
}

// TestC4_I4_EditWhileManyAreWrittenIsNotLost: a user changes an account while the
// changes of more companies than one composite call holds are written.
func TestC4_I4_EditWhileManyAreWrittenIsNotLost(t *testing.T) {
	w := New(t, Settings(func(c *config.Connection) { c.Brakes.Changed.AtLeast = 61 }))
	pairs := w.many(60)
	w.moveTo(pairs, "Rome")
	last := pairs[59]
	done := w.whileWriting(func() { w.editAccount(last[0], "BillingCity", "Paris") })
	w.Sync()
	w.On(nil)
	w.Advance(3 * time.Second)
	w.Sync()
	if !done() {
		t.Fatal("nothing was written")
	}
	if n := w.inCity(pairs[:59], "Rome"); n != 59 {
		t.Errorf("%d of 59 accounts moved", n)
	}
	kept := w.accountValue(last[0], "BillingCity")
	w.wantValues(last[0], "BillingCity", kept, last[1], "city", kept)
	lost := map[string]string{"Paris": "Rome", "Rome": "Paris"}[kept]
	if got := w.conflictValues(); len(got) != 1 || got[0] != lost || lost == "" {
		t.Errorf("%q stands, the conflict log holds %q", kept, got)
	}
}

// TestC4_I4_FillWhileFillingIsNotLost: a property is blank when it is read; a user
// fills it before our value arrives.
func TestC4_I4_FillWhileFillingIsNotLost(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge")
	w.editAccount(account, "BillingCity", "Rome")
	done := w.beforeUpdateOf(core.HubSpot, func() { w.editCompany(company, "city", "Paris") })
	w.Sync()
	w.On(nil)
	w.Advance(3 * time.Second)
	w.Sync()
	if !done() {
		t.Fatal("nothing was written")
	}
	w.wantValues(account, "BillingCity", "Rome", company, "city", "Rome")
	if got := w.conflictValues(); len(got) != 1 || got[0] != "Paris" {
		t.Errorf("the conflict log holds %q", got)
	}
}
