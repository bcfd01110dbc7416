package simtest

import (
	"fmt"
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestI5_BothRecordsOfAPairAreWorkedOnTogether: so many pairs changed on both
// sides that their entries fill more than one batch. Where two batches met the same
// pair, both would write it, the one over what the other has just agreed.
func TestI5_BothRecordsOfAPairAreWorkedOnTogether(t *testing.T) {
	w := New(t, Settings(func(c *config.Connection) { c.Brakes.Changed.AtLeast = 100 }))
	pairs := w.many(80)
	for _, p := range pairs {
		w.editAccount(p[0], "Phone", "7")
	}
	w.moveTo(pairs, "Rome")
	_, _, err := w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Pair: core.CompanyPair, Due: true}, nil) // captures them all
	w.must(err)
	before := w.Conn.Counts().Updated
	w.Sync()
	if n := w.Conn.Counts().Updated - before; n != 160 {
		t.Errorf("%d updates for 160 changed records", n)
	}
	if n := len(w.conflicts()); n != 0 {
		t.Errorf("%d conflicts", n)
	}
	if n := w.inCity(pairs, "Rome"); n != 80 {
		t.Errorf("%d of 80 accounts moved", n)
	}
}

// TestACC14_UnlinkedWhileABatchWorksStaysApart: a person ends the link of a pair, or
// gives one of its records another partner, while a change of it is being written.
func TestACC14_UnlinkedWhileABatchWorksStaysApart(t *testing.T) {
	for _, relinks := range []bool{false, true} {
		t.Run(fmt.Sprint("another partner ", relinks), func(t *testing.T) {
			w := New(t)
			account, company := w.linked("Edge")
			other := w.company("Other")
			w.editCompany(company, "city", "Rome")
			want := ""
			done := w.whileWriting(func() {
				w.must(w.Engine.Unlink(t.Context(), w.Conn, core.CompanyPair, account))
				if relinks {
					w.must(w.Engine.Link(t.Context(), w.Conn, core.CompanyPair, account, other))
					want = other
				}
			})
			w.Sync()
			w.On(nil)
			if !done() {
				t.Fatal("nothing was written")
			}
			w.editCompany(company, "city", "Oslo")
			w.settle()
			if got := w.partner(account); got != want {
				t.Errorf("linked with %q, want %q", got, want)
			}
			if got := w.accountValue(account, "BillingCity"); got == "Oslo" {
				t.Error("values still pass")
			}
		})
	}
}
