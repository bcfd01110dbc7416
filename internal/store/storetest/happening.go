package storetest

import (
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

func happening(key string, second int, change func(*store.Happening)) store.Happening {
	h := store.Happening{Key: key, Kind: "email_opened", At: Start.Add(time.Duration(second) * time.Second), State: store.HappeningDue,
		Due: Start.Add(time.Duration(second) * time.Second), Body: []byte(`{"a":1}`)}
	if change != nil {
		change(&h)
	}
	return h
}

func (s suite) testHappenings(t *testing.T) {
	f := s.fixture(t)
	a, b := happening("a", 1, nil), happening("b", 2, func(h *store.Happening) { h.Lasting, h.Kind = true, "form_submitted" })
	add := func(want int64, all ...store.Happening) {
		t.Helper()
		f.update(func(tx *store.Tx) error {
			n, err := tx.HappeningsAdd(f.conn, all)
			same(t, "added happenings", n, want)
			return err
		})
	}
	put := func(all ...store.Happening) {
		t.Helper()
		f.update(func(tx *store.Tx) error { return tx.HappeningsPut(f.conn, all) })
	}
	in := func(state store.HappeningState, second int, want ...store.Happening) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, err := tx.HappeningsIn(f.conn, state, Start.Add(time.Duration(second)*time.Second), 10)
			same(t, "happenings that are "+string(state), got, want)
			return err
		})
	}
	add(2, b, a)
	late := happening("a", 9, nil)
	add(1, late, happening("c", 3, nil)) // what is known stays as it is
	in(store.HappeningDue, 2, a, b)
	in(store.HappeningDue, 1, a)
	a.State, a.Person, a.Due = store.HappeningSent, hubspotContact("7"), Start.Add(time.Minute)
	b.State, b.Person, b.Task, b.Body, b.Reason, b.Due = store.HappeningMade, hubspotContact("7"), "00T1", nil, "ACT-1", Start
	put(a, b)
	in(store.HappeningDue, 2)
	in(store.HappeningSent, 60, a)
	f.view(func(tx *store.Tx) error {
		got, err := tx.HappeningsOf(f.conn, hubspotContact("7"), 10)
		same(t, "happenings of a person", got, []store.Happening{b, a})
		return err
	})
	f.view(func(tx *store.Tx) error {
		n, err := tx.HappeningsSpent(f.conn, Start)
		same(t, "tasks sent since", n, 1)
		return err
	})
	f.view(func(tx *store.Tx) error {
		got, err := tx.HappeningCounts(f.conn)
		same(t, "counts", got, []store.HappeningCount{{Kind: "form_submitted", State: store.HappeningMade, Count: 1, Reason: "ACT-1"},
			{Kind: "email_opened", State: store.HappeningDue, Count: 1}, {Kind: "email_opened", State: store.HappeningSent, Count: 1}})
		return err
	})
	a.State, a.Due = store.HappeningLeft, Start.Add(time.Second)
	put(a)
	f.update(func(tx *store.Tx) error { return tx.HappeningsPrune(f.conn, Start.Add(time.Hour)) })
	in(store.HappeningLeft, 60)
	in(store.HappeningMade, 60, b) // a lasting one
	in(store.HappeningDue, 60, happening("c", 3, nil))
	other := Connect(t, f.s, "other")
	f.view(func(tx *store.Tx) error {
		got, err := tx.HappeningsIn(other, store.HappeningDue, Start.Add(time.Hour), 10)
		same(t, "happenings of the other connection", got, []store.Happening(nil))
		return err
	})
}

func (s suite) testHappeningsErased(t *testing.T) {
	f := s.fixture(t)
	mine := happening("mine", 1, func(h *store.Happening) { h.Person, h.Reason = hubspotContact("1"), "Ada waits" })
	made := happening("made", 2, func(h *store.Happening) { h.Person, h.State, h.Task = hubspotContact("1"), store.HappeningMade, "00T1" })
	theirs := happening("theirs", 3, func(h *store.Happening) { h.Person = hubspotContact("2") })
	f.update(func(tx *store.Tx) error {
		if _, err := tx.HappeningsAdd(f.conn, []store.Happening{mine, made, theirs, happening("nobody", 4, nil)}); err != nil {
			return err
		}
		_, err := tx.Erase(f.conn, core.Ref{Side: core.HubSpot, Object: core.Contacts, ID: "1"}, Start)
		return err
	})
	mine.State, mine.Reason, mine.Body, made.Body = store.HappeningLeft, "", nil, nil
	f.view(func(tx *store.Tx) error {
		for state, want := range map[store.HappeningState][]store.Happening{store.HappeningLeft: {mine}, store.HappeningMade: {made}, store.HappeningDue: {theirs, happening("nobody", 4, nil)}} {
			got, err := tx.HappeningsIn(f.conn, state, Start.Add(time.Hour), 10)
			if err != nil {
				return err
			}
			same(t, "happenings that are "+string(state), got, want)
		}
		return nil
	})
}
