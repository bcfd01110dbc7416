package store_test

import (
	"math/rand/v2"
	"testing"

	"tandem/internal/core"
	"tandem/internal/store"
	"tandem/internal/store/storetest"
	"tandem/internal/store/storetest/pgtest"
)

// A linked pair with a base of twelve fields and what sweeps keep of both records
// stays under 1 KiB, indexes included, even when the pairs come in no order,
// which leaves the pages of the indexes partly empty.
func TestBytesPerLinkedPair(t *testing.T) {
	for name, address := range map[string]func(testing.TB) string{"SQLite": storetest.SQLite, "PostgreSQL": pgtest.Address} {
		t.Run(name, func(t *testing.T) {
			inOrder := bytesPerPair(t, address(t), false)
			shuffled := bytesPerPair(t, address(t), true)
			t.Logf("bytes per linked pair: %d in order, %d shuffled", inOrder, shuffled)
			if shuffled > 1024 || inOrder > 1024 {
				t.Errorf("a linked pair takes %d bytes in order and %d shuffled, more than 1,024", inOrder, shuffled)
			}
		})
	}
}

func bytesPerPair(t *testing.T, address string, shuffled bool) int64 {
	const pairs = 5000
	s := storetest.Open(t, address, store.Options{})
	conn := storetest.Connect(t, s, "acme")
	before := size(t, s)
	links := companies(0, pairs)
	if shuffled {
		rand.New(rand.NewPCG(1, 2)).Shuffle(pairs, func(i, j int) { links[i], links[j] = links[j], links[i] })
	}
	for from := 0; from < pairs; from += batchSize {
		err := s.Update(t.Context(), func(tx *store.Tx) error { return keep(tx, conn, links[from:from+batchSize]) })
		if err != nil {
			t.Fatal(err)
		}
	}
	return (size(t, s) - before) / pairs
}

func size(t *testing.T, s *store.Store) int64 {
	t.Helper()
	n, err := s.Size(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// keep stores all that stays of linked pairs.
func keep(tx *store.Tx, conn int64, links []*core.Link) error {
	var seen []store.SeenRow
	for _, l := range links {
		for _, ref := range l.Refs {
			seen = append(seen, store.SeenRow{Ref: ref, Seen: store.Seen{Stamp: storetest.Start, Pass: 7}})
		}
	}
	if err := tx.LinkInsert(conn, links...); err != nil {
		return err
	}
	return tx.SeenPut(conn, seen)
}
