package storetest

import (
	"testing"

	"tandem/internal/core"
	"tandem/internal/store"
)

// testRunForget: what only a run asked for goes, what was tried or is asked for
// otherwise stays, without the run.
func (s suite) testRunForget(t *testing.T) {
	f := s.fixture(t)
	var run int64
	named := func(id string, why core.Reasons) core.Dirty {
		return core.Dirty{Ref: account(id), Pair: core.CompanyPair, Reasons: why, NotBefore: Start, Run: run}
	}
	f.update(func(tx *store.Tx) (err error) {
		if run, err = tx.RunCreate(store.Run{Conn: f.conn, Kind: "import"}); err != nil {
			return err
		}
		if err := tx.Mark(f.conn, []core.Dirty{named("a", core.ReasonImport), named("b", core.ReasonSchema), named("c", core.ReasonImport|core.ReasonEdit), named("d", core.ReasonImport)}); err != nil {
			return err
		}
		other := named("e", core.ReasonImport)
		other.Run = 0
		if err := tx.Mark(f.conn, []core.Dirty{other}); err != nil {
			return err
		}
		tried, err := tx.DirtyOf(f.conn, []core.Ref{account("d")})
		if err != nil {
			return err
		}
		return tx.Postpone(f.conn, tried[account("d")], Start)
	})
	f.update(func(tx *store.Tx) error {
		n, err := tx.RunForget(run)
		if n != 2 {
			t.Errorf("%d entries were removed, want 2", n)
		}
		return err
	})
	f.view(func(tx *store.Tx) error {
		left, err := tx.DirtyList(f.conn, core.Ref{}, 10)
		got := map[string]core.Reasons{}
		for _, d := range left {
			if got[d.Ref.ID] = d.Reasons; d.Run != 0 {
				t.Errorf("%s still belongs to run %d", d.Ref, d.Run)
			}
		}
		same(t, "entries left", got, map[string]core.Reasons{"c": core.ReasonEdit, "d": core.ReasonImport | core.ReasonRetry, "e": core.ReasonImport})
		if err != nil {
			return err
		}
		page, err := tx.DirtyList(f.conn, left[0].Ref, 1)
		if len(page) != 1 || page[0].Ref != left[1].Ref {
			t.Errorf("the page behind %s is %+v", left[0].Ref, page)
		}
		return err
	})
}

// testLinksBlocked: a link counts once, by issues about a whole record alone, while
// it is active.
func (s suite) testLinksBlocked(t *testing.T) {
	f := s.fixture(t)
	link := func(sf, hs string, state core.LinkState) *core.Link {
		return &core.Link{Pair: core.CompanyPair, State: state, Refs: [2]core.Ref{account(sf), companyRef(hs)}, Created: Start}
	}
	issue := func(ref core.Ref, field string) core.Issue {
		return core.Issue{Pair: core.CompanyPair, Ref: ref, Field: field, Category: core.CategoryOther, Code: "x", Message: "m"}
	}
	f.update(func(tx *store.Tx) error {
		if err := tx.LinkInsert(f.conn, link("both", "1", core.LinkActive), link("field", "2", core.LinkActive), link("closed", "3", core.LinkClosed), link("fine", "4", core.LinkActive), link("right", "5", core.LinkActive)); err != nil {
			return err
		}
		return tx.IssueOpen(f.conn, issue(account("both"), ""), issue(companyRef("1"), ""), issue(account("field"), "Name"), issue(account("closed"), ""), issue(account("alone"), ""), issue(companyRef("5"), ""))
	})
	f.view(func(tx *store.Tx) error {
		n, err := tx.LinksBlocked(f.conn)
		if n != 2 {
			t.Errorf("%d links are blocked, want 2", n)
		}
		return err
	})
}
