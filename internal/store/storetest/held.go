package storetest

import (
	"fmt"
	"testing"

	"tandem/internal/core"
	"tandem/internal/store"
)

// testBoxesHeld: a box is held by another connection of the same org that knows an opt-out
// of one of the record's addresses, or of the partner for whom it met the box, paused or not.
func (s suite) testBoxesHeld(t *testing.T) {
	f := s.fixture(t)
	beside, elsewhere := Connect(t, f.s, "beside"), Connect(t, f.s, "elsewhere")
	held := func(conn int64, want map[core.Ref]bool) {
		t.Helper()
		of := map[core.Ref][]string{contact("c"): {"a@x.com", "n@x.com"}, lead("l"): {"n@x.com"}, person("p"): {"n@x.com"}}
		for _, more := range []int{0, 120} {
			for i := range more {
				of[contact(fmt.Sprint("c", i))] = []string{"n@x.com"}
			}
			f.view(func(tx *store.Tx) error {
				got, err := tx.BoxesHeld(conn, of)
				same(t, fmt.Sprintf("held of %d", len(of)), got, want)
				return err
			})
		}
	}
	save := func(change func(name string, c *store.Connection)) {
		f.update(func(tx *store.Tx) error {
			for name, org := range map[string]string{"acme": "00D1", "beside": "00D1", "elsewhere": "00D2"} {
				c, err := tx.Connection(name)
				if err != nil {
					return err
				}
				c.Accounts[core.Salesforce] = org
				change(name, &c)
				if err := tx.ConnectionSave(c); err != nil {
					return err
				}
			}
			return nil
		})
	}
	out := map[string]core.Consent{"a@x.com": {Address: "a@x.com", State: core.OptedOut, Since: Start}, "m@x.com": {Address: "m@x.com", State: core.OptedOut, Since: Start}}
	put := func(a map[string]core.Consent) {
		f.update(func(tx *store.Tx) error { return tx.ConsentPut(beside, a) })
	}
	save(func(name string, c *store.Connection) { c.Paused = name == "beside" })
	put(out)
	f.update(func(tx *store.Tx) error {
		return tx.TicksPut(beside, map[core.Ref]store.OptOutTick{lead("l"): tx.Tick("x@x.com", "m@x.com")})
	})
	held(f.conn, map[core.Ref]bool{contact("c"): true, lead("l"): true})
	held(beside, map[core.Ref]bool{})
	held(elsewhere, map[core.Ref]bool{})
	back := out["a@x.com"]
	back.State, back.Back = core.Resubscribed, Start
	put(map[string]core.Consent{"a@x.com": back})
	held(f.conn, map[core.Ref]bool{lead("l"): true})
	save(func(name string, c *store.Connection) {
		if name == "beside" {
			c.Disconnected = Start
		}
	})
	held(f.conn, map[core.Ref]bool{})
}
