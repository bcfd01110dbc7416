package engine

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tandem/internal/core"
	"tandem/internal/store"
	"tandem/internal/store/storetest"
)

// listed is a store with a run.
type listed struct {
	*testing.T
	list RunList
	conn int64
}

func newListed(t *testing.T) *listed {
	t.Helper()
	l := &listed{T: t}
	l.list.Store = storetest.Open(t, storetest.SQLite(t), store.Options{})
	l.conn = storetest.Connect(t, l.list.Store, "acme")
	l.update(func(tx *store.Tx) (err error) {
		l.list.Run, err = tx.RunCreate(store.Run{Conn: l.conn, Kind: "import", State: store.RunRunning})
		return err
	})
	return l
}

func (l *listed) update(fn func(*store.Tx) error) {
	l.Helper()
	if err := l.list.Store.Update(l.Context(), fn); err != nil {
		l.Fatal(err)
	}
}

func accountNumbered(n int) core.Ref {
	return core.Ref{Side: core.Salesforce, Object: core.Account, ID: fmt.Sprintf("001%012dAAA", n)}
}

// worked writes the journal of records, from the one numbered from on.
func (l *listed) worked(from int, all ...Entry) {
	l.Helper()
	var entries []store.Entry
	for i, e := range all {
		body, err := json.Marshal(e)
		if err != nil {
			l.Fatal(err)
		}
		entries = append(entries, store.Entry{Run: l.list.Run, Pair: core.CompanyPair, Ref: accountNumbered(from + i), Kind: store.EntryOutcome, Body: body})
	}
	l.update(func(tx *store.Tx) error { return tx.JournalAppend(l.conn, entries) })
}

func (l *listed) waits(n int) {
	l.Helper()
	l.update(func(tx *store.Tx) error {
		return tx.Mark(l.conn, []core.Dirty{{Pair: core.CompanyPair, Ref: accountNumbered(n), Reasons: core.ReasonImport, Run: l.list.Run, NotBefore: storetest.Start}})
	})
}

// pages reads the list to its end, a few at a time, going on by the text of each place.
func (l *listed) pages(state string, limit int) (out []string, pages int) {
	l.Helper()
	for text, more := "", true; more; pages++ {
		from, ok := ParseRunPlace(text)
		if !ok {
			l.Fatalf("%q is no place", text)
		}
		page, next, rest, err := l.list.Page(l.Context(), state, from, limit)
		if err != nil || len(page) > limit || pages > 100 {
			l.Fatalf("page %d has %d records, %v", pages, len(page), err)
		}
		for _, r := range page {
			out = append(out, strings.TrimLeft(strings.TrimSuffix(strings.TrimPrefix(r.Ref.ID, "001"), "AAA"), "0")+" "+r.State)
		}
		text, more = next.String(), rest
	}
	return out, pages
}

func TestIMP1_TheListOfARunNamesEachRecordOnceWhateverThePage(t *testing.T) {
	l := newListed(t)
	l.worked(1, Entry{Verdict: Blocked, Issues: []string{"x"}}, Entry{Verdict: InSync}, Entry{Verdict: InSync, FieldsLeft: 1, Issues: []string{"y"}},
		Entry{Verdict: OutOfScope}, Entry{Verdict: InSync, Left: []Left{{Why: "changed since"}}}, Entry{Verdict: Pending})
	l.worked(1, Entry{Verdict: InSync}) // tried again, and in step now
	l.waits(2)                          // marked anew after it was worked on
	l.waits(7)
	l.waits(8)
	want := []string{"2 done", "3 field issue", "4 skipped", "5 left alone", "6 pending", "1 done", "7 pending", "8 pending"}
	for limit := 1; limit <= 9; limit++ {
		if got, _ := l.pages("", limit); !slices.Equal(got, want) {
			t.Errorf("by %d: %q", limit, got)
		}
		for _, state := range RunRecordStates {
			only := slices.DeleteFunc(slices.Clone(want), func(s string) bool { return !strings.HasSuffix(s, " "+state) })
			if got, _ := l.pages(state, limit); !slices.Equal(got, only) {
				t.Errorf("%s by %d: %q", state, limit, got)
			}
		}
	}
	n, left, err := l.list.Counts(t.Context())
	if err != nil || left != 2 || n.Issues != 2 {
		t.Errorf("counts %+v, %d left, %v", n, left, err)
	}
}

func TestIMP1_APageOfARunLooksAtABoundedNumberOfRecords(t *testing.T) {
	l := newListed(t)
	many := make([]Entry, 2*runPage+500)
	for i := range many {
		many[i].Verdict = InSync
	}
	many[runPage+200] = Entry{Verdict: Blocked}
	l.worked(1, many...)
	for i := 1; i <= runPage+1; i++ {
		l.waits(i) // all of them marked anew
	}
	got, pages := l.pages(RunRecordFailed, 50)
	if !slices.Equal(got, []string{fmt.Sprint(runPage+201, " failed")}) || pages < 4 || pages > 6 {
		t.Errorf("%q on %d pages", got, pages)
	}
	if n, left, err := l.list.Counts(t.Context()); err != nil || left != 0 {
		t.Errorf("counts %+v, %d left, %v", n, left, err)
	}
	var sheet bytes.Buffer
	if err := l.list.Export(t.Context(), &sheet); err != nil || strings.Count(sheet.String(), "\n") != len(many)+1 {
		t.Errorf("the sheet has %d lines, %v", strings.Count(sheet.String(), "\n"), err)
	}
}

func TestIMP1_NoCellOfARunIsAFormula(t *testing.T) {
	l := newListed(t)
	l.worked(1, Entry{Verdict: Blocked, Issues: []string{`=HYPERLINK("http://evil.example")`}})
	var sheet bytes.Buffer
	if err := l.list.Export(t.Context(), &sheet); err != nil || !strings.Contains(sheet.String(), `"'=HYPERLINK`) {
		t.Errorf("%s, %v", sheet.String(), err)
	}
}

func TestAPlaceInARunIsReadAsItIsWritten(t *testing.T) {
	for _, p := range []RunPlace{{}, {Seq: 42}, {rest: true}, {rest: true, Left: accountNumbered(7)}} {
		if got, ok := ParseRunPlace(p.String()); !ok || got != p {
			t.Errorf("%+v is read as %+v, %v", p, got, ok)
		}
	}
	for _, text := range []string{"x", "-1", "1x", "left:x", "left:salesforce/Account", "07"} {
		if p, ok := ParseRunPlace(text); ok {
			t.Errorf("%q is read as %+v", text, p)
		}
	}
}
