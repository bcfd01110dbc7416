package storetest

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

func (s suite) testIssues(t *testing.T) {
	f := s.fixture(t)
	a := account("a")
	full := core.Issue{Pair: core.CompanyPair, Ref: a, Field: "Industry", Category: core.CategoryPicklist, Code: "INVALID_OPTION", Message: "no such option",
		Mend: "add it", Rule: "ERR-7", Value: "Mining", First: Start.Add(-time.Hour), Last: Start.Add(-time.Minute), Candidates: []core.Ref{companyRef("1"), companyRef("2")},
		Evidence: []string{"", "the same telephone"}}
	whole := core.Issue{Pair: core.CompanyPair, Ref: a, Category: core.CategoryOther, Code: "x"}
	f.update(func(tx *store.Tx) error { return tx.IssueOpen(f.conn, full, whole) })
	of := func(want ...core.Issue) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, err := tx.IssuesOf(f.conn, []core.Ref{a, account("none"), a})
			expected := map[core.Ref][]core.Issue{}
			if want != nil {
				expected[a] = want
			}
			same(t, "issues", got, expected)
			return err
		})
	}
	full.ID, full.Count, whole.ID, whole.Count, whole.First, whole.Last = 1, 1, 2, 1, Start, Start
	of(full, whole)
	again := core.Issue{Pair: core.CompanyPair, Ref: a, Field: "Industry", Category: core.CategoryValue, Code: "other", Message: "m", Mend: "n", Value: "v"}
	f.later(time.Hour)
	f.update(func(tx *store.Tx) error {
		return tx.IssueOpen(f.conn, core.Issue{Ref: a, Field: "Industry", Category: core.CategoryOther}, again)
	})
	renewed := again
	renewed.ID, renewed.First, renewed.Last, renewed.Count = 1, full.First, Start.Add(time.Hour), 3
	of(renewed, whole)
	f.update(func(tx *store.Tx) error { return tx.IssueClose(f.conn, a, "") })
	of(renewed)
	f.update(func(tx *store.Tx) error { return tx.IssueOpen(f.conn, whole) })
	f.update(func(tx *store.Tx) error { return tx.IssueClose(f.conn, a, "Industry", "Phone") })
	f.view(func(tx *store.Tx) error {
		got, err := tx.IssuesOf(f.conn, []core.Ref{a})
		if err == nil && (len(got[a]) != 1 || got[a][0].ID <= 2) {
			t.Errorf("issue opened again is %+v", got[a])
		}
		return err
	})
	f.update(func(tx *store.Tx) error { return tx.IssueClose(f.conn, a) })
	of()
	t.Run("List", f.sub(listedIssues))
}

func listedIssues(f *fixture) {
	var all []core.Issue
	for i := range 6 {
		issue := core.Issue{Pair: core.CompanyPair, Ref: account(fmt.Sprint(i)), Category: core.CategoryValue, Code: fmt.Sprint("code", i/3)}
		if i%2 == 1 {
			issue.Pair, issue.Ref = core.ContactPair, contact(fmt.Sprint(i))
		}
		if i >= 4 {
			issue.Category, issue.Field = core.CategoryPicklist, "Industry"
		}
		all = append(all, issue)
	}
	f.update(func(tx *store.Tx) error { return tx.IssueOpen(f.conn, all...) })
	var opened []core.Issue
	for filter, want := range map[store.IssueFilter]string{
		{}:                                "012345",
		{Limit: 2}:                        "01",
		{Pair: core.ContactPair}:          "135",
		{Category: core.CategoryPicklist}: "45",
		{Field: "Industry", Pair: core.CompanyPair}:            "4",
		{Pair: core.CompanyPair, Category: core.CategoryValue}: "02",
		{Category: "no such category"}:                         "",
	} {
		f.view(func(tx *store.Tx) error {
			got, err := tx.Issues(f.conn, filter)
			text := ""
			for _, i := range got {
				text += i.Ref.ID
			}
			same(f.T, fmt.Sprintf("issues by %+v", filter), text, want)
			if filter == (store.IssueFilter{}) {
				opened = got
			}
			return err
		})
	}
	f.view(func(tx *store.Tx) error {
		got, err := tx.Issues(f.conn, store.IssueFilter{After: opened[3].ID, Limit: 1})
		same(f.T, "next page", got, opened[4:5])
		if err != nil {
			return err
		}
		got, err = tx.Issues(f.conn, store.IssueFilter{After: opened[1].ID, Limit: 2}, "code0", "code1")
		same(f.T, "next page of two codes", got, opened[2:4])
		if err != nil {
			return err
		}
		codes, err := tx.IssueCodes(f.conn, "code1", "code2")
		coded := map[store.CodeCount]bool{}
		for _, c := range codes {
			coded[c] = true
		}
		same(f.T, "counts by code", coded, map[store.CodeCount]bool{{Pair: core.CompanyPair, Code: "code1", Count: 1}: true, {Pair: core.ContactPair, Code: "code1", Count: 2}: true})
		if err != nil {
			return err
		}
		counts, err := tx.IssueCounts(f.conn)
		total := map[store.IssueCount]bool{}
		for _, c := range counts {
			total[c] = true
		}
		same(f.T, "counts", total, map[store.IssueCount]bool{{Pair: core.CompanyPair, Category: core.CategoryValue, Count: 2}: true,
			{Pair: core.ContactPair, Category: core.CategoryValue, Count: 2}: true, {Pair: core.CompanyPair, Category: core.CategoryPicklist, Count: 1}: true,
			{Pair: core.ContactPair, Category: core.CategoryPicklist, Count: 1}: true})
		return err
	})
}

func (s suite) testCommands(t *testing.T) {
	f := s.fixture(t)
	var first, second int64
	f.update(func(tx *store.Tx) (err error) {
		if first, err = tx.CommandPut("resync", []byte(`{"id":"1"}`)); err != nil {
			return err
		}
		second, err = tx.CommandPut("pause", nil)
		return err
	})
	waiting := []store.Command{{ID: first, Verb: "resync", Args: []byte(`{"id":"1"}`), Created: Start},
		{ID: second, Verb: "pause", Created: Start}}
	open := func(want ...store.Command) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, err := tx.CommandsOpen()
			same(t, "open commands", got, want)
			return err
		})
	}
	open(waiting...)
	done := f.later(time.Second)
	f.update(func(tx *store.Tx) error { return tx.CommandDone(first, []byte(`{"ok":1}`), "half of it") })
	open(waiting[1])
	f.view(func(tx *store.Tx) error {
		got, err := tx.Command(first)
		want := waiting[0]
		want.Result, want.Error, want.Done = []byte(`{"ok":1}`), "half of it", done
		same(t, "done command", got, want)
		return err
	})
	f.refuse(store.NotFound, func(tx *store.Tx) error { return tx.CommandDone(first, nil, "") })
	f.refuse(store.NotFound, func(tx *store.Tx) error { _, err := tx.Command(99); return err })
}

func (s suite) testBrakes(t *testing.T) {
	f := s.fixture(t)
	set := func(kind, reason string) {
		f.update(func(tx *store.Tx) error {
			return tx.BrakeSet(f.conn, store.Brake{Kind: kind, Reason: reason, Details: []byte(reason)})
		})
	}
	set("deletes", "11 of 20")
	set("account", "other org")
	f.later(time.Hour)
	set("deletes", "12 of 20")
	list := func(want ...store.Brake) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, err := tx.Brakes(f.conn)
			same(t, "brakes", got, want)
			return err
		})
	}
	other := store.Brake{Kind: "account", Reason: "other org", Details: []byte("other org"), At: Start}
	list(other, store.Brake{Kind: "deletes", Reason: "12 of 20", Details: []byte("12 of 20"), At: Start})
	released := func(want time.Time) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			at, err := tx.BrakeReleased(f.conn, "deletes")
			same(t, "time of release", at, want)
			return err
		})
	}
	released(time.Time{})
	at := f.later(time.Hour)
	f.update(func(tx *store.Tx) error { return tx.BrakeClear(f.conn, "deletes", "ada") })
	list(other)
	released(at)
	f.refuse(store.NotFound, func(tx *store.Tx) error { return tx.BrakeClear(f.conn, "deletes", "ada") })
	f.view(func(tx *store.Tx) error {
		log, err := tx.Audit(0, 9)
		if err == nil && (len(log) != 1 || log[0].Who != "ada" || log[0].Action != "clear_brake" || !bytes.Contains(log[0].Details, []byte(`"kind":"deletes"`))) {
			t.Errorf("the audit log is %+v", log)
		}
		return err
	})
	for n := range 2 {
		f.view(func(tx *store.Tx) error {
			since, counted, err := tx.BrakeCount(f.conn, "deletes")
			same(t, "count", []any{since, counted}, []any{[]time.Time{{}, Start}[n], 7 * n})
			return err
		})
		f.update(func(tx *store.Tx) error { return tx.BrakeCountSet(f.conn, "deletes", Start, 7*(n+1)) })
	}
	again := f.later(time.Hour)
	set("deletes", "13 of 20")
	list(other, store.Brake{Kind: "deletes", Reason: "13 of 20", Details: []byte("13 of 20"), At: again})
	released(time.Time{})
}

func (s suite) testAuditAndSecrets(t *testing.T) {
	f := s.fixture(t)
	for _, who := range []string{"ada", "bo", "cy"} {
		f.update(func(tx *store.Tx) error { return tx.AuditAppend(who, "pause", []byte("{}")) })
	}
	f.view(func(tx *store.Tx) error {
		first, err := tx.Audit(0, 1)
		if err != nil {
			return err
		}
		same(t, "first page", first, []store.AuditEntry{{Seq: first[0].Seq, At: Start, Who: "ada", Action: "pause", Details: []byte("{}")}})
		rest, err := tx.Audit(first[0].Seq, 9)
		if err == nil && (len(rest) != 2 || rest[0].Who != "bo" || rest[1].Who != "cy") {
			t.Errorf("second page is %+v", rest)
		}
		if err != nil {
			return err
		}
		last, ok, err := tx.AuditLast("pause", []byte("{}"))
		if !ok || last.Who != "cy" {
			t.Errorf("the last entry is %+v, %v", last, ok)
		}
		if _, other, _ := tx.AuditLast("pause", []byte(`{"a":1}`)); other {
			t.Error("an entry with other details was found")
		}
		return err
	})
	secret := func(conn int64, want []byte) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, ok, err := tx.Secret(conn, "token")
			if ok != (want != nil) || !bytes.Equal(got, want) {
				t.Errorf("secret is %x, %v; want %x", got, ok, want)
			}
			return err
		})
	}
	set := func(value []byte) {
		f.update(func(tx *store.Tx) error { return tx.SecretSet(f.conn, "token", value) })
	}
	secret(f.conn, nil)
	set([]byte{0, 1, 255})
	set([]byte{0, 2, 255})
	secret(f.conn, []byte{0, 2, 255})
	secret(Connect(t, f.s, "other"), nil)
	f.view(func(tx *store.Tx) error {
		all, err := tx.Secrets()
		if len(all) != 1 || all[0].Conn != f.conn || all[0].Connection == "" || all[0].Name != "token" || !bytes.Equal(all[0].Value, []byte{0, 2, 255}) {
			t.Errorf("all secrets: %+v", all)
		}
		return err
	})
	set(nil)
	secret(f.conn, nil)
}
