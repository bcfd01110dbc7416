package storetest

import (
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/store"
)

func (s suite) testConsent(t *testing.T) {
	f := s.fixture(t)
	other := Connect(t, f.s, "other")
	out := core.Consent{Address: "a@x.com", State: core.OptedOut, Since: Start.Add(-time.Hour), Origin: contact("c"), Rule: "OPT-2"}
	back := core.Consent{Address: "b@x.com", State: core.Resubscribed, Since: Start, Known: Start, Back: Start.Add(time.Hour), Origin: person("7"),
		Source: "Self Service Resubscription", Basis: "CONSENT_WITH_NOTICE", Rule: "OPT-6"}
	of := func(want map[string]core.Consent) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, err := tx.Consents(f.conn, []string{"a@x.com", "b@x.com", "none@x.com"})
			same(t, "consents", got, want)
			return err
		})
	}
	f.update(func(tx *store.Tx) error {
		if err := tx.ConsentPut(other, map[string]core.Consent{"none@x.com": out}); err != nil {
			return err
		}
		return tx.ConsentPut(f.conn, map[string]core.Consent{"a@x.com": out, "b@x.com": back})
	})
	of(map[string]core.Consent{"a@x.com": out, "b@x.com": back})
	out.Known = Start.Add(time.Minute)
	f.update(func(tx *store.Tx) error {
		if err := tx.ConsentDrop(f.conn, "b@x.com", "none@x.com"); err != nil {
			return err
		}
		return tx.ConsentPut(f.conn, map[string]core.Consent{"a@x.com": out})
	})
	of(map[string]core.Consent{"a@x.com": out})
}

// testConsentErased takes the names out and leaves the opt-outs.
func (s suite) testConsentErased(t *testing.T) {
	f := s.fixture(t)
	out := core.Consent{Address: "a@x.com", State: core.OptedOut, Since: Start, Origin: contact("c"), Source: "by hand", Basis: "x", Rule: "OPT-2"}
	kept := out
	kept.Address, kept.Origin = "b@x.com", person("7")
	op := core.Op{Key: "u", Kind: core.OpUnsubscribe, Target: person("9"), Source: contact("c"), UniqueField: "email", UniqueValue: "a@x.com"}
	f.update(func(tx *store.Tx) error {
		if err := tx.IntentsPut(f.conn, []store.Intent{{Op: op, Dirty: contact("c")}}); err != nil {
			return err
		}
		return tx.ConsentPut(f.conn, map[string]core.Consent{"a@x.com": out, "b@x.com": kept})
	})
	f.update(func(tx *store.Tx) error { _, err := tx.Erase(f.conn, contact("c"), Start); return err })
	f.update(func(tx *store.Tx) error { return tx.ConsentErase(f.conn, "b@x.com") })
	f.update(func(tx *store.Tx) error { return tx.ConsentPut(f.conn, map[string]core.Consent{"a@x.com": out}) }) // a batch that was under way
	f.view(func(tx *store.Tx) error {
		got, err := tx.Consents(f.conn, []string{"a@x.com", "b@x.com"})
		for address, c := range got {
			if c.State != core.OptedOut || c.Address != "" {
				t.Errorf("%s after the erasure: %+v", address, c)
			}
		}
		same(t, "addresses", len(got), 2)
		if err != nil {
			return err
		}
		open, err := tx.IntentsOpen(f.conn)
		if err == nil && (len(open) != 1 || open[0].Op.UniqueValue != "") {
			t.Errorf("open writes %+v", open)
		}
		return err
	})
}

func (s suite) testTicks(t *testing.T) {
	f := s.fixture(t)
	f.update(func(tx *store.Tx) error {
		return tx.TicksPut(f.conn, map[core.Ref]store.OptOutTick{contact("c"): tx.Tick("a@x.com", ""), lead("l"): tx.Tick("b@x.com", "c@x.com")})
	})
	f.update(func(tx *store.Tx) error {
		got, err := tx.Ticks(f.conn, []core.Ref{contact("c"), lead("l"), contact("none")})
		same(t, "ticks", len(got), 2)
		a, b := got[contact("c")], got[lead("l")]
		for _, of := range []struct {
			tick    store.OptOutTick
			address string
			want    bool
		}{{a, "a@x.com", true}, {a, "b@x.com", false}, {a, "", false}, {b, "b@x.com", true}, {b, "c@x.com", true}, {b, "a@x.com", false}} {
			same(t, "tick of "+of.address, of.tick.Of(tx, of.address), of.want)
		}
		if _, grew := a.With(tx, "z@x.com", "m@x.com"); grew {
			t.Error("a tick has got a partner by an address that is not its own")
		}
		with, grew := a.With(tx, "a@x.com", "m@x.com")
		same(t, "partner noted", grew && with.Of(tx, "m@x.com"), true)
		if _, grew = with.With(tx, "a@x.com", "n@x.com"); grew {
			t.Error("the partner of a tick has changed")
		}
		if err != nil {
			return err
		}
		return tx.TicksPut(f.conn, map[core.Ref]store.OptOutTick{lead("l"): b.HandedOn()})
	})
	f.view(func(tx *store.Tx) error {
		got, err := tx.Ticks(f.conn, []core.Ref{contact("c"), lead("l")})
		handed := got[lead("l")]
		same(t, "handed on", []bool{handed.IsHandedOn(), handed.Of(tx, "b@x.com"), handed.Of(tx, "c@x.com"), got[contact("c")].IsHandedOn()}, []bool{true, false, false, false})
		return err
	})
}

// testTicksBeside: what one connection of an org ticked is known to the others, until any of
// them sees the box clear at a later version.
func (s suite) testTicksBeside(t *testing.T) {
	f := s.fixture(t)
	beside, elsewhere := Connect(t, f.s, "beside"), Connect(t, f.s, "elsewhere")
	seen := func(conn int64, want time.Time) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, err := tx.TicksBeside(conn, []core.Ref{contact("c"), lead("l")}, []string{"a@x.com"})
			same(t, "since", got[contact("c")]["a@x.com"], want)
			same(t, "a tick of a person", len(got[lead("l")]), 0)
			return err
		})
	}
	f.update(func(tx *store.Tx) error {
		for name, org := range map[string]string{"acme": "00D1", "beside": "00D1", "elsewhere": "00D2"} {
			c, err := tx.Connection(name)
			if err != nil {
				return err
			}
			c.Accounts[core.Salesforce] = org
			if err := tx.ConnectionSave(c); err != nil {
				return err
			}
		}
		tick := tx.Tick("a@x.com", "")
		tick.Seen, tick.Ours = Start, true
		if err := tx.TicksPut(beside, map[core.Ref]store.OptOutTick{contact("c"): tick, lead("l"): tx.Tick("a@x.com", "")}); err != nil {
			return err
		}
		return tx.ConsentPut(beside, map[string]core.Consent{"a@x.com": {Address: "a@x.com", State: core.OptedOut, Since: Start}})
	})
	seen(f.conn, Start)
	seen(elsewhere, time.Time{})
	seen(beside, time.Time{})
	for _, at := range []time.Duration{0, time.Second} {
		f.update(func(tx *store.Tx) error {
			got, err := tx.Ticks(beside, []core.Ref{contact("c")})
			same(t, "noted by us", got[contact("c")].Ours && got[contact("c")].Seen.Equal(Start), true)
			if err != nil {
				return err
			}
			if err := tx.TicksCleared(elsewhere, map[core.Ref]time.Time{contact("c"): Start.Add(time.Hour)}); err != nil {
				return err
			}
			return tx.TicksCleared(f.conn, map[core.Ref]time.Time{contact("c"): Start.Add(at)})
		})
	}
	seen(f.conn, time.Time{})
}
