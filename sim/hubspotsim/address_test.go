package hubspotsim

import (
	"testing"
)

// holding makes a contact with these addresses, the first of them primary.
func (r *rig) holding(primary string, further ...string) string {
	r.t.Helper()
	id := r.create("contacts", "email", primary)
	for _, email := range further {
		id = r.joined("contacts", id, r.create("contacts", "email", email))
	}
	return id
}

func TestAFurtherAddressBecomesThePrimary(t *testing.T) {
	for _, one := range []struct{ to, further string }{
		{"b@x.example", "a@x.example;c@x.example"},
		{" C@X.example", "b@x.example;a@x.example"},
		{"a@x.example", "b@x.example;c@x.example"},
		{"d@x.example", "b@x.example;c@x.example"},
	} {
		r := newRig(t, Options{})
		id := r.holding("a@x.example", "b@x.example", "c@x.example")
		r.want(200, "PATCH", contacts+"/"+id, props("email", one.to))
		got := r.want(200, "GET", contacts+"/"+id+"?properties=email,hs_additional_emails", nil)
		primary, _ := normaliseEmail(&property{name: "email"}, one.to)
		if got.str("properties", "email") != primary || got.str("properties", "hs_additional_emails") != one.further {
			t.Errorf("after %q: %s", one.to, got.raw)
		}
		for _, email := range []string{"a@x.example", "b@x.example", "c@x.example"} {
			if one.to == "d@x.example" && email == "a@x.example" {
				r.want(201, "POST", contacts, props("email", email))
				continue
			}
			r.want(409, "POST", contacts, props("email", email))
		}
	}
}

func TestOneRecordTwiceInABatch(t *testing.T) {
	for name, one := range map[string]struct {
		call string
		ids  [2]string
		keys [2]string
	}{
		"upsert, other case":        {"upsert", [2]string{"a@x.example", "A@X.example"}, [2]string{"email", "email"}},
		"upsert, spaces":            {"upsert", [2]string{"a@x.example", " a@x.example "}, [2]string{"email", "email"}},
		"upsert, a further address": {"upsert", [2]string{"a@x.example", "b@x.example"}, [2]string{"email", "email"}},
		"upsert, a new one twice":   {"upsert", [2]string{"new@x.example", "NEW@x.example"}, [2]string{"email", "email"}},
		"upsert, address and key":   {"upsert", [2]string{"a@x.example", "k1"}, [2]string{"email", "sf_key"}},
		"update, id and key":        {"update", [2]string{"", "K1"}, [2]string{"", "sf_key"}},
		"update, the id twice":      {"update", [2]string{"", ""}, [2]string{"", ""}},
		"upsert, equal strings":     {"upsert", [2]string{"k1", "k1"}, [2]string{"sf_key", "sf_key"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Options{})
			r.uniqueKey("contacts", "sf_key")
			id := r.holding("a@x.example", "b@x.example")
			r.want(200, "PATCH", contacts+"/"+id, props("sf_key", "k1"))
			before := r.count("contacts")
			var list []map[string]any
			for i, key := range one.keys {
				in := map[string]any{"id": one.ids[i], "objectWriteTraceId": string(rune('0' + i)), "properties": map[string]string{"city": "Rome"}}
				if one.ids[i] == "" {
					in["id"] = id
				}
				if key != "" {
					in["idProperty"] = key
				}
				list = append(list, in)
			}
			got := r.want(400, "POST", contacts+"/batch/"+one.call, inputs(list...))
			if got.str("category") != "VALIDATION_ERROR" || len(got.at("context", "ids").([]any)) == 0 {
				t.Fatal(got.raw)
			}
			if kept := r.want(200, "GET", contacts+"/"+id+"?properties=city", nil); kept.at("properties", "city") != nil || r.count("contacts") != before {
				t.Fatalf("a refused batch writes nothing: %s", kept.raw)
			}
		})
	}
}

func TestTwoRecordsInABatchAreNotOne(t *testing.T) {
	r := newRig(t, Options{})
	r.holding("a@x.example", "b@x.example")
	r.create("contacts", "email", "c@x.example")
	one := func(email string) map[string]any {
		return map[string]any{"id": email, "idProperty": "email", "properties": map[string]string{"city": "Rome"}}
	}
	r.want(200, "POST", contacts+"/batch/upsert", inputs(one("B@x.example"), one("c@x.example"), one("new@x.example")))
}

func TestOneAssociationTwiceInABatch(t *testing.T) {
	link := func(from, to string, types ...any) map[string]any {
		return map[string]any{"from": map[string]string{"id": from}, "to": map[string]string{"id": to}, "types": types}
	}
	plain, primary := typed(279)[0], typed(1)[0]
	for name, one := range map[string]struct {
		second func(contact, a, b string) map[string]any
		status int
		links  func(a, b string) string
	}{
		"the same":       {func(contact, a, _ string) map[string]any { return link(contact, a, plain) }, 400, nil},
		"another type":   {func(contact, a, _ string) map[string]any { return link(contact, a, primary) }, 201, func(a, _ string) string { return a + ":279+1" }},
		"another record": {func(contact, _, b string) map[string]any { return link(contact, b, plain) }, 201, func(a, b string) string { return a + ":279+1 " + b + ":279" }},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, Options{})
			contact, a, b := r.create("contacts", "email", "a@x.example"), r.create("companies", "name", "A"), r.create("companies", "name", "B")
			r.want(one.status, "POST", "/crm/v4/associations/contacts/companies/batch/create", inputs(link(contact, a, plain), one.second(contact, a, b)))
			want := ""
			if one.links != nil {
				want = one.links(a, b)
			}
			if got := r.links("contacts", contact, "companies"); got != want {
				t.Fatalf("the associations are %q, want %q", got, want)
			}
		})
	}
}

func TestBatchUpdateByAddress(t *testing.T) {
	for _, refused := range []bool{true, false} {
		r := newRig(t, Options{})
		id := r.create("contacts", "email", "a@x.example")
		status, on := 400, !refused
		if on {
			status = 200
			r.configure(Settings{EmailUpdates: &on})
		}
		got := r.want(status, "POST", contacts+"/batch/update",
			inputs(map[string]any{"id": "a@x.example", "idProperty": "email", "properties": map[string]string{"city": "Rome"}}))
		kept := r.want(200, "GET", contacts+"/a@x.example?idProperty=email&properties=city", nil)
		if kept.str("id") != id || (kept.at("properties", "city") == nil) != refused {
			t.Errorf("refused %v: %s, %s", refused, got.raw, kept.raw)
		}
		r.want(200, "PATCH", contacts+"/a@x.example?idProperty=email", props("city", "Oslo"))
	}
}

func TestDeleteByAnAbsorbedID(t *testing.T) {
	for _, ignored := range []bool{false, true} {
		r := newRig(t, Options{})
		r.configure(Settings{MergedDeleteIgnored: &ignored})
		a, b := r.create("companies", "name", "A"), r.create("companies", "name", "B")
		id := r.joined("companies", a, b)
		r.want(204, "DELETE", companies+"/"+b, nil)
		status := 404
		if ignored {
			status = 200
		}
		r.want(status, "GET", companies+"/"+id, nil)
		r.want(204, "DELETE", companies+"/"+id, nil)
		r.want(404, "GET", companies+"/"+id, nil)
	}
}
