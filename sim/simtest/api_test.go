package simtest

import (
	"fmt"
	"testing"
	"time"

	"tandem/internal/config"
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
	const allowed = 40
	w := New(t, Settings(func(c *config.Connection) { c.HubSpot.DailyAPICalls = allowed }), Before(func(w *World) { w.manyAccounts(3000); w.Advance(time.Hour) }))
	_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.CompanyPair, Sides: []core.Side{core.Salesforce}})
	w.must(err)
	_, err = w.TrySync()
	if err == nil {
		t.Fatal("the import was done within an allocation that cannot do")
	}
	if n := w.Calls(core.HubSpot); n > allowed {
		t.Errorf("%d calls of %d allowed", n, allowed)
	}
	done := w.companyCount()
	for range 4 {
		w.Advance(25 * time.Hour)
		if res, err := w.TrySync(); err == nil && res.Converged {
			break
		}
	}
	if got := w.companyCount(); got != 3000 || done == 0 {
		t.Errorf("%d companies at last, %d within the first allocation, want 3000", got, done)
	}
}

func TestLIM26_LiveChangesGoBeforeBackfillWhenTheBudgetIsShort(t *testing.T) {
	w := New(t, Settings(func(c *config.Connection) { c.HubSpot.DailyAPICalls = 80 }), Before(func(w *World) { w.manyAccounts(3000); w.Advance(time.Hour) }))
	account, company := w.linked("Live")
	_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.CompanyPair, Sides: []core.Side{core.Salesforce}})
	w.must(err)
	_, _ = w.TrySync() // the import uses up what backfill may use
	w.Advance(3 * time.Second)
	w.editAccount(account, "Phone", "1")
	_, _ = w.TrySync()
	if got := w.companyValue(company, "phone"); got != "1" {
		t.Errorf("the live change waits behind the import: phone %q", got)
	}
	if n := w.Calls(core.HubSpot); n > 80 {
		t.Errorf("%d calls of 80 allowed", n)
	}
}

func TestLIM26_API4_HundredRecordsCostAHandfulOfCalls(t *testing.T) {
	w := New(t)
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
