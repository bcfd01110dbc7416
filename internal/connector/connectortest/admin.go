package connectortest

import (
	"slices"
	"testing"

	"tandem/internal/connector"
)

func testIdentity(t *testing.T, w *world) {
	id, err := w.Connector.Identity(w.ctx())
	if err != nil {
		t.Fatal(err)
	}
	if id.ID != w.ID || id.UserID == "" || id.Edition == "" || id.Clock.IsZero() {
		t.Errorf("identity %+v, want the id %s", id, w.ID)
	}
}

func testDescribe(t *testing.T, w *world) {
	w.ensureKey()
	schema, err := w.Connector.Describe(w.ctx(), w.Object)
	if err != nil {
		t.Fatal(err)
	}
	if schema.Object != w.Object || !schema.Creatable || !schema.Updatable || !schema.Queryable {
		t.Errorf("object %s: creatable %v, updatable %v, queryable %v", schema.Object, schema.Creatable, schema.Updatable, schema.Queryable)
	}
	find := func(name string) connector.Field {
		i := slices.IndexFunc(schema.Fields, func(f connector.Field) bool { return f.Name == name })
		if i < 0 {
			t.Fatalf("no field %s", name)
		}
		return schema.Fields[i]
	}
	if f := find(w.Name); !f.Updatable || f.Label == "" || f.Type == "" {
		t.Errorf("%s: %+v", w.Name, f)
	}
	if f := find(w.Key); !f.Unique || !f.Creatable || !f.Custom {
		t.Errorf("%s: %+v", w.Key, f)
	}
}

func testEnsure(t *testing.T, w *world) {
	specs := []connector.FieldSpec{w.keySpec()}
	for _, kind := range []string{"text", "datetime", "bool"} {
		spec := w.keySpec()
		spec.Name, spec.Type, spec.Unique = kindName(w.Key, kind), kind, false
		specs = append(specs, spec)
	}
	for round, allowed := range [][]string{{"created", "granted", "present"}, {"present"}} {
		results, err := w.Connector.Ensure(w.ctx(), w.Object, specs)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range results {
			if r.Name != specs[i].Name || !slices.Contains(allowed, r.State) {
				t.Errorf("round %d: %+v", round+1, r)
			}
		}
	}
}

// kindName derives a second field name: foo_text, or Foo_text__c.
func kindName(key, kind string) string {
	const custom = "__c"
	if len(key) > len(custom) && key[len(key)-len(custom):] == custom {
		return key[:len(key)-len(custom)] + "_" + kind + custom
	}
	return key + "_" + kind
}

func testUsers(t *testing.T, w *world) {
	users, err := w.Connector.Users(w.ctx())
	if err != nil || len(users) == 0 {
		t.Fatalf("%d users: %v", len(users), err)
	}
	ids := map[string]bool{}
	active := 0
	for _, u := range users {
		if u.ID == "" || ids[u.ID] {
			t.Errorf("user %+v", u)
		}
		ids[u.ID] = true
		if u.Active && !u.Queue && u.Email != "" {
			active++
		}
	}
	if active == 0 {
		t.Error("no active user with an address")
	}
	usage, err := w.Connector.Usage(w.ctx())
	if err != nil || usage.Used > usage.Max || (usage.Max > 0 && usage.At.IsZero()) {
		t.Errorf("usage %+v: %v", usage, err)
	}
}
