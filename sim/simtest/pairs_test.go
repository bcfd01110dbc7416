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

// TestACC14_UnlinkedBehindAResyncStaysApart: a person asks for a look at a record and then
// ends its link, before that look, or while what it found is being written.
func TestACC14_UnlinkedBehindAResyncStaysApart(t *testing.T) {
	for _, during := range []bool{false, true} {
		t.Run(fmt.Sprint("during the write ", during), func(t *testing.T) {
			w := New(t)
			account, company := w.linked("Edge")
			w.editCompany(company, "city", "Rome")
			unlink := func() { w.must(w.Engine.Unlink(t.Context(), w.Conn, core.CompanyPair, account)) }
			for _, id := range []string{account, company} {
				w.must(w.Engine.Resync(t.Context(), w.Conn, core.CompanyPair, []string{id}))
			}
			done := func() bool { return true }
			if during {
				done = w.whileWriting(unlink)
			} else {
				unlink()
			}
			w.Sync()
			w.On(nil)
			if !done() {
				t.Fatal("nothing was written")
			}
			w.settle()
			if got := w.partner(account); got != "" || w.accounts() != 1 || w.companyCount() != 1 {
				t.Errorf("linked with %q, %d accounts, %d companies", got, w.accounts(), w.companyCount())
			}
		})
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
