package simtest

import (
	"fmt"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestACC4_TheOfferCountsWhoIsStillAway: an import of some has the offer of a first import
// counted again at once, and edits within a day. The plan of the
// last count alone is kept.
func TestACC4_TheOfferCountsWhoIsStillAway(t *testing.T) {
	var accounts []string
	w := New(t, Before(func(w *World) {
		for i := range 3 {
			accounts = append(accounts, w.account(fmt.Sprintf("Account %d", i)))
		}
		w.Advance(time.Hour)
	}))
	away := func(synced engine.Result, want ...int) {
		t.Helper()
		var got []int
		for _, f := range synced.First {
			got = append(got, f.Existing[string(core.Account)])
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("accounts that are offered: %v, want %v", got, want)
		}
	}
	away(w.Sync(), 3)
	some := engine.ImportArgs{Pair: core.CompanyPair, Refs: []core.Ref{{Side: core.Salesforce, Object: core.Account, ID: accounts[0]}}}
	_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", some)
	w.must(err)
	away(w.again(), 2)
	w.must(w.Org.As(admin).Update("Account", accounts[1], map[string]any{"Phone": "1"}))
	away(w.again(), 2)
	w.Advance(25 * time.Hour)
	last := w.again()
	away(last, 1)
	plans, err := w.Engine.PlanViews(t.Context(), w.Conn, 10)
	w.must(err)
	if len(plans) != 1 || plans[0].ID != last.First[0].Plan {
		t.Errorf("plans that are kept: %+v", plans)
	}
	w.must(w.Org.As(admin).Update("Account", accounts[2], map[string]any{"Phone": "1"}))
	w.again()
	w.Advance(25 * time.Hour)
	away(w.again())
}
