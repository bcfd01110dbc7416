package storetest

import (
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

func (s suite) testNotices(t *testing.T) {
	f := s.fixture(t)
	f.update(func(tx *store.Tx) error {
		if err := tx.NoticePut("one", "mail", []byte(`{"a":1}`)); err != nil {
			return err
		}
		return tx.NoticePut("one", "webhook", nil)
	})
	f.refuse(store.Conflict, func(tx *store.Tx) error { return tx.NoticePut("one", "mail", nil) })
	mail := store.Notice{ID: 1, Key: "one", Way: "mail", Body: []byte(`{"a":1}`), Made: Start, Due: Start}
	hook := store.Notice{ID: 2, Key: "one", Way: "webhook", Made: Start, Due: Start}
	due := func(want ...store.Notice) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, err := tx.NoticesDue(9)
			same(t, "due notices", got, want)
			return err
		})
	}
	due(mail, hook)
	mail.Due, mail.Sent, mail.Tries = time.Time{}, Start, 1
	hook.Due, hook.Tries, hook.Error = Start.Add(time.Minute), 1, "no answer"
	f.update(func(tx *store.Tx) error {
		if err := tx.NoticeSave(mail); err != nil {
			return err
		}
		return tx.NoticeSave(hook)
	})
	due()
	f.later(time.Minute)
	due(hook)
	f.update(func(tx *store.Tx) error { return tx.NoticesForget(Start.Add(time.Second)) })
	f.view(func(tx *store.Tx) error {
		got, err := tx.Notices(9)
		same(t, "notices that are kept", got, []store.Notice{hook})
		return err
	})
	f.refuse(store.NotFound, func(tx *store.Tx) error { return tx.NoticeSave(mail) })
}

func (s suite) testTold(t *testing.T) {
	f := s.fixture(t)
	for _, want := range []string{"", "one", "two"} {
		if want != "" {
			f.update(func(tx *store.Tx) error { return tx.ToldSet([]byte(want)) })
		}
		f.view(func(tx *store.Tx) error {
			got, err := tx.Told()
			same(t, "told", string(got), want)
			return err
		})
	}
}

// What is news is told from what was there.
func (s suite) testNews(t *testing.T) {
	f := s.fixture(t)
	other := Connect(t, f.s, "other")
	open := func(conn int64, id string, category core.Category) func(*store.Tx) error {
		return func(tx *store.Tx) error {
			return tx.IssueOpen(conn, core.Issue{Pair: core.CompanyPair, Ref: account(id), Category: category})
		}
	}
	f.update(open(f.conn, "1", core.CategoryDuplicate))
	f.update(open(f.conn, "2", core.CategoryOther))
	f.update(open(other, "3", core.CategoryDuplicate))
	behind := func(after int64, want int) (newest int64) {
		t.Helper()
		f.view(func(tx *store.Tx) (err error) {
			var n int
			n, newest, err = tx.IssuesBehind(f.conn, store.IssueCount{Pair: core.CompanyPair, Category: core.CategoryDuplicate}, after)
			same(t, "new issues", n, want)
			return err
		})
		return newest
	}
	first := behind(0, 1)
	behind(first, 0)
	f.update(open(f.conn, "1", core.CategoryDuplicate)) // again: it is not new
	f.update(open(f.conn, "4", core.CategoryDuplicate))
	if second := behind(first, 1); second <= first {
		t.Errorf("newest is %d after %d", second, first)
	}
	var failed store.Run
	f.update(func(tx *store.Tx) (err error) {
		failed = store.Run{Conn: f.conn, Kind: "import", State: store.RunFailed, Created: Start, Ended: Start.Add(time.Minute), Error: "no"}
		if failed.ID, err = tx.RunCreate(failed); err != nil {
			return err
		}
		_, err = tx.RunCreate(store.Run{Conn: f.conn, Kind: "import", State: store.RunDone, Ended: Start.Add(time.Minute)})
		return err
	})
	for since, want := range map[time.Time][]store.Run{Start: {failed}, Start.Add(time.Hour): nil} {
		f.view(func(tx *store.Tx) error {
			got, err := tx.RunsFailed(f.conn, since)
			same(t, "runs that failed", got, want)
			return err
		})
	}
}

func (s suite) testDueSince(t *testing.T) {
	f := s.fixture(t)
	since := func(at time.Time, pair core.Pair) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, p, err := tx.DueSince(f.conn)
			same(t, "due since", got, at)
			same(t, "of", p, pair)
			return err
		})
	}
	since(time.Time{}, "")
	f.update(func(tx *store.Tx) error {
		return tx.Mark(f.conn, []core.Dirty{{Pair: core.CompanyPair, Ref: account("1"), Reasons: core.ReasonEdit, NotBefore: Start.Add(time.Hour)}})
	})
	since(time.Time{}, "")
	f.later(2 * time.Hour)
	since(Start.Add(time.Hour), core.CompanyPair)
}
