package engine

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
)

// TestLIM3_APreviewIsOfTheMappingsThatDiffer: those that were added or changed, not those that
// stay or are taken out.
func TestLIM3_APreviewIsOfTheMappingsThatDiffer(t *testing.T) {
	was := config.Connection{Name: "acme", Companies: config.Companies{Sync: true}, Mappings: map[string][]config.Mapping{"company": {
		{HubSpot: "name", Salesforce: "Name", Rule: "two_way"}, {HubSpot: "phone", Salesforce: "Phone", Rule: "two_way"}, {HubSpot: "city", Salesforce: "BillingCity", Rule: "two_way"},
	}}}
	was.Complete()
	next, err := config.Remapped(was, "company", []config.Mapping{
		{HubSpot: "name", Salesforce: "Name", Rule: "two_way"}, {HubSpot: "phone", Salesforce: "Phone", Rule: "always_salesforce"}, {HubSpot: "zip", Salesforce: "BillingPostalCode", Rule: "two_way"}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := config.Export(next)
	if err != nil {
		t.Fatal(err)
	}
	m, err := PreviewMeta(was, PlanDraft{List: "company", Base: 3, Settings: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	want := [2][]string{{"Phone", "BillingPostalCode"}, {"phone", "zip"}}
	if !slices.Equal(m.Draft.Fields[0], want[0]) || !slices.Equal(m.Draft.Fields[1], want[1]) || m.Pair != core.CompanyPair || !m.Linked || !m.Shows() || m.Draft.Base != 3 {
		t.Errorf("the preview is %+v of %+v", m, *m.Draft)
	}
	var wrong *room.Error
	if _, err := PreviewMeta(was, PlanDraft{List: "nothing", Settings: string(text)}); !errors.As(err, &wrong) || wrong.Code != room.CodeUsage {
		t.Errorf("a list that is not there gives %v", err)
	}
}

// TestLIM3_APreviewShowsOnlyWhatTheMappingsAlter of a record, with its name.
func TestLIM3_APreviewShowsOnlyWhatTheMappingsAlter(t *testing.T) {
	settings := config.Connection{Companies: config.Companies{Sync: true}}
	settings.Complete()
	c := newConn(settings, [2]connector.Connector{})
	d := PlanDraft{Fields: [2][]string{{"Phone"}, {"phone"}}}
	refs := [2]core.Ref{{Side: core.Salesforce, Object: core.Account, ID: "1"}, {Side: core.HubSpot, Object: core.Companies, ID: "2"}}
	it := &item{extra: []core.Op{{Kind: core.OpArchive}}}
	given := map[string]string{"Phone": "2", "Industry": "Energy"}
	it.ops[core.Salesforce] = &core.Op{Kind: core.OpUpdate, Target: refs[0], Fields: given, Before: map[string]string{"Phone": "1"}}
	it.ops[core.HubSpot] = &core.Op{Kind: core.OpUpdate, Target: refs[1], Fields: map[string]string{"city": "Bergen"}}
	for side, name := range []string{"Name", "name"} {
		it.recs[side] = &core.Record{Ref: refs[side], Values: map[string]string{name: "Northwind"}}
	}
	d.narrow(c, it)
	if op := it.ops[core.Salesforce]; op == nil || !maps.Equal(op.Fields, map[string]string{"Phone": "2"}) || op.Before["Phone"] != "1" || op.Before["Name"] != "Northwind" {
		t.Errorf("Salesforce's write is %+v", op)
	}
	if it.ops[core.HubSpot] != nil || it.extra != nil || len(given) != 2 {
		t.Errorf("left are %+v and %+v, given were %v", it.ops[core.HubSpot], it.extra, given)
	}
	it.ops[core.HubSpot] = &core.Op{Kind: core.OpCreate, Target: refs[1], Fields: map[string]string{"phone": "2"}}
	if d.narrow(c, it); it.ops[core.HubSpot] != nil {
		t.Error("a preview shows a create")
	}
}
