package salesforcesim

import "testing"

func TestSmoke(t *testing.T) {
	o := New(Options{Seed: 1})
	d := o.As("admin")
	id, err := d.Create("Account", map[string]any{"Name": "Acme", "BillingCity": "Berlin"})
	t.Log(id, err, d.Get("Account", id))
	t.Log(d.Query("SELECT Id, Name, Owner.Name FROM Account"))
	t.Log(o.Ledger())
	t.Log(o.Info())
}
