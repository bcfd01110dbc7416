package simtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// whileWriting lets a user edit at the moment when the first update reaches
// Salesforce, and says whether it came to that.
func (w *World) whileWriting(edit func()) (done func() bool) {
	first := false
	w.On(func(side core.Side, r *http.Request) error {
		if side == core.Salesforce && !first && isWrite(r) {
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
