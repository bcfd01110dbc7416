package mapping

import (
	"strings"
	"testing"

	"tandem/internal/core"
)

// BenchmarkCompareCompany is the pure cost of one linked company whose sides
// agree: canonical values of 13 fields on both sides and the comparison.
func BenchmarkCompareCompany(b *testing.B) {
	sf, hs := company()
	m, _ := Compile(core.CompanyPair, Defaults(sf, hs), sf, hs)
	recs := [2]*core.Record{{Values: map[string]string{}}, {Values: map[string]string{}}}
	for _, f := range m.Synced() {
		value := "value of " + f.Key
		if f.Kind == Number {
			value = "123456.0"
		}
		recs[0].Values[f.Key], recs[1].Values[f.Names[core.HubSpot]] = value, value
	}
	long := strings.Repeat("description ", 40)
	recs[0].Values["Description"], recs[1].Values["description"] = long, long
	inputs := make([]core.FieldInput, len(m.Synced()))
	var base core.Base
	compare := func() {
		s, sOK := m.Canon(core.Salesforce, *recs[0])
		h, hOK := m.Canon(core.HubSpot, *recs[1])
		for i, f := range m.Synced() {
			in := core.FieldInput{Key: f.Key, Rule: f.Rule, Now: [2]string{s[i], h[i]}, Readable: [2]bool{sOK[i], hOK[i]}, Writable: [2]bool{true, true}}
			in.Base, in.HasBase = base[f.Key]
			inputs[i] = in
		}
		results := core.Reconcile(inputs)
		base = core.Advance(base, core.Agreements(inputs, results))
	}
	b.ReportAllocs()
	for b.Loop() {
		compare()
	}
	if len(base) != len(inputs) {
		b.Fatalf("the base holds %d fields", len(base))
	}
}
