package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
	"tandem/internal/store/storetest"
	"tandem/internal/store/storetest/pgtest"
)

// batchSize is how many records the engine settles in one transaction.
const batchSize = 100

// company is the n-th linked pair of a benchmark, with a base as a company
// mapping of twelve fields leaves it.
func company(n int) *core.Link {
	name := fmt.Sprintf("Universitätsklinikum Nr. %d GmbH & Co. KG", n)
	domain := fmt.Sprintf("klinikum-%d.example.org", n)
	both := func(v string) core.Agreed { return core.Agreed{v, v} }
	return &core.Link{
		Pair: core.CompanyPair, State: core.LinkActive, Origin: "salesforce", How: "ACC-3",
		Refs: [2]core.Ref{
			{Side: core.Salesforce, Object: core.Account, ID: fmt.Sprintf("0015g00000%05XAAQ", n)},
			{Side: core.HubSpot, Object: core.Companies, ID: fmt.Sprint(18_000_000_000 + int64(n)*7919)},
		},
		Stamps: [2]time.Time{storetest.Start, storetest.Start}, Keyed: [2]bool{true, true}, Created: storetest.Start,
		Base: core.Base{
			"Name": both(name), "Website": {"https://www." + domain, domain}, "Phone": both("+49 621 383-0"),
			"BillingStreet": both("Theodor-Kutzer-Ufer 1-3"), "BillingCity": both("Mannheim"), "BillingState": both("Baden-Württemberg"),
			"BillingPostalCode": both("68167"), "BillingCountry": both("Germany"), "Industry": {"Healthcare", "HOSPITAL_HEALTH_CARE"},
			"AnnualRevenue": both("412000000"), "NumberOfEmployees": both("4500"),
			"Description": both("#217:" + strings.Repeat("0f", 16)),
		},
	}
}

func companies(from, n int) []*core.Link {
	out := make([]*core.Link, n)
	for i := range out {
		out[i] = company(from + i)
	}
	return out
}

// syncBatch does what a batch of newly created companies costs the store: mark,
// claim with intents, settle; each in a transaction of its own.
func syncBatch(b testing.TB, s *store.Store, conn int64, links []*core.Link) {
	b.Helper()
	var claimed []core.Dirty
	steps := []func(*store.Tx) error{
		func(tx *store.Tx) error { return mark(tx, conn, links) },
		func(tx *store.Tx) (err error) { claimed, err = claim(tx, conn, links); return err },
		func(tx *store.Tx) error { return settle(tx, conn, links, claimed) },
	}
	for _, step := range steps {
		if err := s.Update(b.Context(), step); err != nil {
			b.Fatal(err)
		}
	}
	if len(claimed) != len(links) {
		b.Fatalf("claimed %d of %d", len(claimed), len(links))
	}
}

func mark(tx *store.Tx, conn int64, links []*core.Link) error {
	entries := make([]core.Dirty, len(links))
	seen := make([]store.SeenRow, len(links))
	for i, l := range links {
		entries[i] = core.Dirty{Ref: l.Refs[core.Salesforce], Pair: l.Pair, Reasons: core.ReasonImport, Run: 1}
		seen[i] = store.SeenRow{Ref: l.Refs[core.Salesforce], Seen: store.Seen{Stamp: storetest.Start, Pass: 1}}
	}
	if err := tx.Mark(conn, entries); err != nil {
		return err
	}
	return tx.SeenPut(conn, seen)
}

func claim(tx *store.Tx, conn int64, links []*core.Link) ([]core.Dirty, error) {
	claimed, err := tx.Due(conn, core.CompanyPair, storetest.Start, batchSize, nil)
	if err != nil {
		return nil, err
	}
	refs := make([]core.Ref, len(links))
	intents := make([]store.Intent, len(links))
	for i, l := range links {
		refs[i] = l.Refs[core.Salesforce]
		intents[i] = store.Intent{Dirty: refs[i], Op: core.Op{Key: "create/" + refs[i].ID, Kind: core.OpCreate, Pair: l.Pair, Rule: "ACC-3",
			Source: refs[i], Target: core.Ref{Side: core.HubSpot, Object: core.Companies}, Fields: map[string]string{"name": l.Base["Name"][0]}}}
	}
	if _, err := tx.LinksOf(conn, refs); err != nil {
		return nil, err
	}
	if _, err := tx.IssuesOf(conn, refs); err != nil {
		return nil, err
	}
	return claimed, tx.IntentsPut(conn, intents)
}

func settle(tx *store.Tx, conn int64, links []*core.Link, claimed []core.Dirty) error {
	if err := tx.LinkInsert(conn, links...); err != nil {
		return err
	}
	seen := make([]store.SeenRow, len(links))
	entries := make([]store.Entry, len(links))
	keys := make([]string, len(links))
	for i, l := range links {
		seen[i] = store.SeenRow{Ref: l.Refs[core.HubSpot], Seen: store.Seen{Stamp: storetest.Start, Pass: 1}}
		entries[i] = store.Entry{Run: 1, Pair: l.Pair, Ref: l.Refs[core.Salesforce], LinkID: l.ID, Kind: store.EntryOutcome,
			Body: []byte(`{"op":"create","status":"applied","rule":"ACC-3","fields":{"name":"` + l.Base["Name"][0] + `"}}`)}
		keys[i] = "create/" + l.Refs[core.Salesforce].ID
	}
	if err := tx.SeenPut(conn, seen); err != nil {
		return err
	}
	if err := tx.JournalAppend(conn, entries); err != nil {
		return err
	}
	if err := tx.IntentsSettle(conn, keys); err != nil {
		return err
	}
	_, err := tx.Settle(conn, claimed)
	return err
}

func benchmark(b *testing.B, address string, run func(s *store.Store, conn int64, i int)) {
	s := storetest.Open(b, address, store.Options{})
	conn := storetest.Connect(b, s, "acme")
	i := 0
	for b.Loop() {
		run(s, conn, i)
		i++
	}
	b.ReportMetric(float64(batchSize*i)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkCreate is all that the store does for 100 newly created records.
func BenchmarkCreate(b *testing.B) {
	create := func(s *store.Store, conn int64, i int) { syncBatch(b, s, conn, companies(i*batchSize, batchSize)) }
	b.Run("SQLite", func(b *testing.B) { benchmark(b, storetest.SQLite(b), create) })
	b.Run("PostgreSQL", func(b *testing.B) { benchmark(b, pgtest.Address(b), create) })
}

// BenchmarkSettle is the transaction that advances 100 linked records.
func BenchmarkSettle(b *testing.B) {
	for _, db := range []struct {
		name    string
		address func(testing.TB) string
	}{{"SQLite", storetest.SQLite}, {"PostgreSQL", pgtest.Address}} {
		b.Run(db.name, func(b *testing.B) {
			var links []*core.Link
			benchmark(b, db.address(b), func(s *store.Store, conn int64, i int) {
				if i == 0 {
					links = companies(0, batchSize)
					syncBatch(b, s, conn, links)
				}
				if err := s.Update(b.Context(), func(tx *store.Tx) error { return advance(tx, conn, links) }); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

func advance(tx *store.Tx, conn int64, links []*core.Link) error {
	claimed := make([]core.Dirty, len(links))
	seen := make([]store.SeenRow, 0, 2*len(links))
	entries := make([]store.Entry, len(links))
	for i, l := range links {
		claimed[i] = core.Dirty{Ref: l.Refs[core.Salesforce], Pair: l.Pair, Reasons: core.ReasonEdit, Generation: 1}
		entries[i] = store.Entry{Pair: l.Pair, Ref: l.Refs[core.Salesforce], LinkID: l.ID, Kind: store.EntryOutcome, Body: []byte(`{"status":"applied"}`)}
		for _, ref := range l.Refs {
			seen = append(seen, store.SeenRow{Ref: ref, Seen: store.Seen{Stamp: storetest.Start, Pass: 1}})
		}
	}
	if err := tx.Mark(conn, claimed); err != nil {
		return err
	}
	if err := tx.LinkSave(conn, links...); err != nil {
		return err
	}
	if err := tx.SeenPut(conn, seen); err != nil {
		return err
	}
	if err := tx.JournalAppend(conn, entries); err != nil {
		return err
	}
	left, err := tx.Settle(conn, claimed)
	if left != 0 {
		return fmt.Errorf("%d entries left", left)
	}
	return err
}

// BenchmarkLookIdle is the look of a service that has nothing to do: what is due of each
// pair. It runs every second.
func BenchmarkLookIdle(b *testing.B) {
	s := storetest.Open(b, storetest.SQLite(b), store.Options{})
	conn := storetest.Connect(b, s, "acme")
	for b.Loop() {
		err := s.View(b.Context(), func(tx *store.Tx) error {
			for _, p := range core.StandardPairs.Names() {
				if _, err := tx.Due(conn, p, storetest.Start, batchSize, nil); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
