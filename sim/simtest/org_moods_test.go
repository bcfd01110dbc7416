package simtest

import (
	"testing"
	"time"

	"tandem/sim/salesforcesim"
)

// An org whose logs stay hours behind, because something runs long on its instance,
// loses no change and no deletion: what the log does not cover is found elsewhere or later.
func TestOrgReadings_LogsThatStayBehind(t *testing.T) {
	lag, yes := "3h", true
	w := New(t)
	edited, company := w.linked("Edge")
	deleted, orphan := w.linked("Gone")
	w.Sync()
	w.must(w.Org.Configure(salesforcesim.Settings{ReplicationLag: &lag, RefuseFutureWindows: &yes}))
	for range 3 {
		w.Advance(time.Minute)
		w.Sync()
	}
	w.editAccount(edited, "Name", "Edge AG")
	w.must(w.Org.As(admin).Delete("Account", deleted))
	for range 3 {
		w.Advance(time.Minute)
		w.Sync()
	}
	if got := w.companyValue(company, "name"); got != "Edge AG" {
		t.Errorf("the company is called %q", got)
	}
	none := "0s"
	w.must(w.Org.Configure(salesforcesim.Settings{ReplicationLag: &none}))
	w.Advance(5 * time.Minute)
	w.Sync()
	if got := w.partner(orphan); got != "" {
		t.Errorf("the company is still linked with %s", got)
	}
	w.wantIdle()
}
