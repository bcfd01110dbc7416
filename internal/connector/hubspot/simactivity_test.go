package hubspot_test

import (
	"testing"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

// TestACT1_AnActivityIsMadeOnceBesideAllThatItIsAbout: each type takes a unique key, and a
// create names the person, the company and the deal at once.
func TestACT1_AnActivityIsMadeOnceBesideAllThatItIsAbout(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	c := connect(t, p, nil)
	made := func(object core.Object, values map[string]string) core.Ref {
		id, err := p.As("admin").Create(string(object), values)
		if err != nil {
			t.Fatal(err)
		}
		return core.Ref{Side: core.HubSpot, Object: object, ID: id}
	}
	person, company, deal := made(core.Contacts, map[string]string{"email": "a@x.example"}), made(core.Companies, map[string]string{"name": "A"}),
		made(core.Deals, map[string]string{"dealname": "D", "pipeline": "default", "dealstage": "appointmentscheduled"})
	key := connector.FieldSpec{Name: "tandem_key_x", Label: "Tandem key", Type: "text", Unique: true, Group: "salesforceinformation"}
	for object, more := range map[core.Object]map[string]string{"tasks": nil, "calls": nil, "notes": nil, "meetings": nil, "emails": {"hs_email_direction": "EMAIL"}} {
		if r, err := c.Ensure(t.Context(), object, []connector.FieldSpec{key}); err != nil || r[0].State != "created" {
			t.Fatalf("%s: %+v, %v", object, r, err)
		}
		fields := map[string]string{"hs_timestamp": "2026-03-02T10:00:00Z"}
		for k, v := range more {
			fields[k] = v
		}
		op := core.Op{Key: "k-" + string(object), Kind: core.OpCreate, Target: core.Ref{Side: core.HubSpot, Object: object}, Fields: fields,
			UniqueField: key.Name, UniqueValue: "00T1", Associate: person, Beside: []core.Ref{company, deal}}
		first, err := c.Write(t.Context(), []core.Op{op})
		if err != nil || first[0].Status != core.Applied {
			t.Fatalf("%s: %+v, %v", object, first, err)
		}
		op.Key += "2"
		second, err := c.Write(t.Context(), []core.Op{op})
		if err != nil || second[0].Class != core.ClassDuplicate || second[0].Existing != first[0].ID {
			t.Errorf("%s again: %+v, %v", object, second, err)
		}
		got, err := c.Read(t.Context(), connector.Query{Object: object, Values: []string{first[0].ID}, Related: []core.Object{core.Contacts, core.Companies, core.Deals}})
		if err != nil {
			t.Fatal(err)
		}
		for of, want := range map[core.Object]core.Ref{core.Contacts: person, core.Companies: company, core.Deals: deal} {
			if rels := got[0].Related[of]; len(rels) != 1 || rels[0].ID != want.ID {
				t.Errorf("%s is about %v of %s, want %s", object, rels, of, want.ID)
			}
		}
	}
	op := core.Op{Key: "z", Kind: core.OpCreate, Target: core.Ref{Side: core.HubSpot, Object: "notes"}, Associate: person, Beside: []core.Ref{{Side: core.HubSpot, Object: "products", ID: "1"}}}
	if _, err := c.Write(t.Context(), []core.Op{op}); asError(t, err).Code != connector.CodeUnsupported {
		t.Errorf("beside a product: %v", err)
	}
}
