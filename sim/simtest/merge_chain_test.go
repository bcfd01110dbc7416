package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/salesforcesim"
)

// TestLIM7_AMergeThatIsSeenLateIsFollowedPastTheNextOne: an account that was hidden when it
// was merged into another one, which was merged into a third since. The link of the second
// went on with the third; that of the first comes to rest and is told.
func TestLIM7_AMergeThatIsSeenLateIsFollowedPastTheNextOne(t *testing.T) {
	w := New(t)
	first, second := w.account("First"), w.account("Second")
	w.Sync()
	company := w.partner(first)
	w.Advance(time.Minute)
	w.must(w.Org.SetHidden(hide(first)))
	w.must(w.Org.As(admin).Merge("Account", second, first))
	w.again()
	third := w.account("Third")
	w.must(w.Org.As(admin).Merge("Account", third, second))
	w.again()
	w.must(w.Org.SetHidden(salesforcesim.Hidden{Show: []string{first}}))
	w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
	w.Advance(time.Hour)
	w.again()
	if issue := w.wantIssue(core.CategoryDuplicate, engine.CodeMerged, ""); issue.Ref.ID != company {
		t.Errorf("the issue is of %s, want company %s", issue.Ref, company)
	}
	if got := w.partner(third); got == "" || got == company {
		t.Errorf("the third account is linked with %q", got)
	}
}
