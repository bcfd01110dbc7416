package simtest

import (
	"fmt"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine"
)

func (w *World) manyAccounts(n int) []string {
	w.T.Helper()
	var ids []string
	for i := range n {
		ids = append(ids, w.account(fmt.Sprintf("Account %d", i)))
	}
	return ids
}

func TestAPI2_API3_AllocationIsKeptAndWorkGoesOnLater(t *testing.T) {
	const allowed = 100
	w := New(t, Settings(func(c *config.Connection) { c.HubSpot.DailyAPICalls = allowed }), Before(func(w *World) { w.manyAccounts(1200); w.Advance(time.Hour) }))
	w.spendBackfill(w.company("Spent"), 78)
	_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.CompanyPair, Sides: []core.Side{core.Salesforce}})
	w.must(err)
	if _, err = w.TrySync(); connector.ClassOf(err) != core.ClassQuota {
		t.Fatalf("error %v, want the used up allocation", err)
	}
	if n := w.Calls(core.HubSpot); n > allowed {
		t.Errorf("%d calls of %d allowed", n, allowed)
	}
	w.wantNoIssues() // what waits for calls is no record's problem
	for range 5 {
		w.Advance(25 * time.Hour)
		if res, err := w.TrySync(); err == nil && res.Converged && res.Waiting == 0 {
			break
		}
	}
	if got := w.companyCount(); got != 1201 {
		t.Errorf("%d companies at last, want 1201", got)
	}
}

func TestLIM26_LiveChangesGoBeforeBackfillWhenTheBudgetIsShort(t *testing.T) {
	const allowed = 150
	w := New(t, Settings(func(c *config.Connection) { c.HubSpot.DailyAPICalls = allowed }), Before(func(w *World) { w.manyAccounts(50); w.Advance(time.Hour) }))
	account, company := w.linked("Live")
	w.spendBackfill(company, 1000)
	_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.CompanyPair, Sides: []core.Side{core.Salesforce}})
	w.must(err)
	w.editAccount(account, "Phone", "1")
	w.serveUntil(func() bool { return w.companyValue(company, "phone") == "1" })
	if n := w.companyCount(); n != 1 {
		t.Errorf("%d companies: the import went on although only live changes may", n)
	}
	if n := w.Calls(core.HubSpot); n > allowed {
		t.Errorf("%d calls of %d allowed", n, allowed)
	}
}

// spendBackfill makes the number of calls given, or as many as backfill may.
func (w *World) spendBackfill(company string, n int) {
	w.T.Helper()
	ctx := connector.WithPriority(w.T.Context(), connector.Backfill)
	for range n {
		_, err := w.Conn.Sides[core.HubSpot].Read(ctx, connector.Query{Object: core.Companies, Values: []string{company}})
		if connector.ClassOf(err) == core.ClassQuota {
			return
		}
		w.must(err)
	}
}

func TestLIM26_API4_HundredRecordsCostAHandfulOfCalls(t *testing.T) {
	w := New(t, Settings(func(c *config.Connection) { c.Brakes.Changed.AtLeast = 101 }))
	ids := w.manyAccounts(100)
	w.Sync()
	w.Advance(3 * time.Second)
	before := [2]int{w.Calls(core.Salesforce), w.Calls(core.HubSpot)}
	for _, id := range ids {
		w.editAccount(id, "Phone", "1")
	}
	w.Sync()
	for _, side := range core.Sides {
		if n := w.Calls(side) - before[side]; n > 30 {
			t.Errorf("%d calls to %s for 100 changed records", n, side)
		}
	}
}

func TestAPI1_UseOfTheDayIsShown(t *testing.T) {
	w := New(t, Settings(func(c *config.Connection) { c.HubSpot.DailyAPICalls = 1000 }))
	w.linked("Edge")
	st, err := w.Engine.Status(t.Context(), w.Conn)
	w.must(err)
	hs, sf := st.Sides["hubspot"].Usage, st.Sides["salesforce"].Usage
	if hs.Ours == 0 || hs.Limit != 1000 || sf.Ours == 0 || sf.Max == 0 {
		t.Errorf("use %+v %+v", hs, sf)
	}
}

func TestSyncWithoutChangesWritesNothing(t *testing.T) {
	w := New(t)
	w.manyAccounts(20)
	w.Sync()
	w.Advance(10 * time.Minute)
	before := w.Conn.Counts()
	at := w.Now()
	w.Sync()
	if after := w.Conn.Counts(); after != before || w.ours(at) != [2]int{} {
		t.Errorf("counts %+v, were %+v", after, before)
	}
}
