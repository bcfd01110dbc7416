package mapping

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"tandem/internal/core"
)

// sfDef and hsDef are writable fields of a type.
func sfDef(name, typ string) FieldDef {
	return FieldDef{Name: name, Label: name, Type: typ, Creatable: true, Updatable: true}
}

func hsDef(name, typ, fieldType string) FieldDef {
	return FieldDef{Name: name, Label: name, Type: typ, FieldType: fieldType, Creatable: true, Updatable: true, Rich: fieldType == "html"}
}

func options(values ...string) []Option {
	out := make([]Option, len(values))
	for i, v := range values {
		out[i] = Option{Value: v, Label: v, Active: true}
	}
	return out
}

// pair compiles one two-way mapping and fails the test if it does not work.
func pair(t testing.TB, sf, hs FieldDef, tweak ...func(*FieldMap)) *Field {
	t.Helper()
	m := FieldMap{Salesforce: sf.Name, HubSpot: hs.Name, Rule: core.TwoWay}
	for _, f := range tweak {
		f(&m)
	}
	compiled, problems := Compile(core.CompanyPair, []FieldMap{m}, []FieldDef{sf}, []FieldDef{hs})
	if len(compiled.Synced()) != 1 {
		t.Fatalf("the mapping does not compile: %+v", problems)
	}
	return compiled.Synced()[0]
}

func textPair(t testing.TB, length int) *Field {
	t.Helper()
	sf := sfDef("Name", "string")
	sf.Length = length
	return pair(t, sf, hsDef("name", "string", "text"))
}

// dataFile opens a file of the real data, which is not part of the repository.
func dataFile(t *testing.T, name string, into any) {
	t.Helper()
	folder := os.Getenv("TANDEM_DATA")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "data")
	}
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Skipf("the real data is not here: %v; set TANDEM_DATA", err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}
