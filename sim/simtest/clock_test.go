package simtest

import (
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// TestI19_PollsDoNotTrustOurClock sets our clock wrong after the start, as a
// machine does that comes up before its clock is set.
func TestI19_PollsDoNotTrustOurClock(t *testing.T) {
	for _, jump := range []time.Duration{24 * time.Hour, -24 * time.Hour} {
		t.Run(jump.String(), func(t *testing.T) {
			var ahead atomic.Int64
			theirs := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
			w := New(t, Org(func(o *salesforcesim.Options) { o.Now = theirs }), Portal(func(o *hubspotsim.Options) { o.Now = theirs }))
			ahead.Store(int64(3 * time.Second)) // what is made next is surely after the switch
			account, company := w.linked("Edge")
			w.offset.Store(int64(jump))
			w.Sync()
			w.editAccount(account, "Name", "Edge 2")
			w.Sync()
			w.editCompany(company, "city", "Bern")
			w.Sync()
			w.wantValues(account, "Name", "Edge 2", company, "name", "Edge 2")
			w.wantValues(account, "BillingCity", "Bern", company, "city", "Bern")
			w.offset.Store(0)
			w.editAccount(account, "Name", "Edge 3")
			w.Sync()
			w.wantValues(account, "Name", "Edge 3", company, "name", "Edge 3")
		})
	}
}

// TestLIM7_SyncOnceAloneNoticesADeletionInHubSpot runs no daemon: no poll shows
// what was archived.
func TestLIM7_SyncOnceAloneNoticesADeletionInHubSpot(t *testing.T) {
	w := New(t, whenDeleted(core.HubSpot, "delete"))
	account, company := w.linked("Edge")
	w.linked("Bystander")
	w.remove(core.HubSpot, account, company)
	w.Advance(25 * time.Hour)
	w.Sync()
	if w.stands(core.Salesforce, account, company) {
		t.Error("the account stands")
	}
	if w.accounts() != 1 || w.companyCount() != 1 {
		t.Errorf("%d accounts, %d companies", w.accounts(), w.companyCount())
	}
}
