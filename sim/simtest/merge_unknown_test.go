package simtest

import (
	"path/filepath"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestDEDUP11_LIM7_OneCompanyOfTwoAccountsIsLinkedOnce: the companies of two accounts were
// merged, and the store knows nothing of either link. Both accounts carry the id of one that
// answers as the survivor: the first one is linked with it, the other is shown to a person,
// and nobody writes to the survivor again and again.
func TestDEDUP11_LIM7_OneCompanyOfTwoAccountsIsLinkedOnce(t *testing.T) {
	w := New(t)
	first, second := w.account("First"), w.account("Second")
	w.Sync()
	one, other := w.partner(first), w.partner(second)
	survivor, err := w.Portal.As(admin).Merge("companies", one, other)
	w.must(err)
	w.dsn = "sqlite://" + filepath.Join(t.TempDir(), "anew.db")
	w.Restart()
	w.Import(core.Salesforce)
	w.Advance(time.Hour)
	w.again()
	if a, b := w.partner(first), w.partner(second); a+b != survivor {
		t.Errorf("the accounts are linked with %q and %q, want %q once", a, b, survivor)
	}
	w.wantIssue(core.CategoryDuplicate, engine.CodeSeveral, "")
	since := w.Now()
	for range 3 {
		w.Advance(time.Hour)
		w.again()
	}
	if n := w.ours(since); n != [2]int{} {
		t.Errorf("%v writes while nobody did anything", n)
	}
}
