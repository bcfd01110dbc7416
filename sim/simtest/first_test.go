package simtest

import (
	"testing"

	"tandem/internal/core"
)

func TestFirstImportBringsBothSidesIntoStep(t *testing.T) {
	var id string
	w := New(t, Before(func(w *World) {
		var err error
		id, err = w.Org.As("admin").Create("Account", map[string]any{"Name": "Edge Communications", "Phone": "(512) 757-6000", "BillingCity": "Austin", "NumberOfEmployees": 1000})
		w.must(err)
	}))
	res := w.Import()
	t.Logf("%+v", res)
	x := w.Explain(id)
	t.Logf("%+v %+v", x, x.Link)
	if x.Link == nil {
		t.Fatal("no link")
	}
	got, ok := w.Portal.As("admin").Get("companies", x.Link.HubSpot)
	t.Log(got, ok)
	if got["name"] != "Edge Communications" {
		t.Fatalf("company name %q", got["name"])
	}
	_ = core.Salesforce
}
