package hubspotsim

import (
	"fmt"
	"strings"
	"testing"
)

func inputs(list ...map[string]any) map[string]any {
	out := []any{}
	for _, in := range list {
		out = append(out, in)
	}
	return map[string]any{"inputs": out}
}

func (r *rig) count(object string) int { return r.p.Stats().Records[object] }

func TestBatchCreateIsAllOrNothingWithoutTraceIDs(t *testing.T) {
	good, bad := props("email", "good@x.example"), props("email", "taken@x.example")
	cases := []struct {
		name   string
		first  map[string]any
		second map[string]any
		status int
		text   string
	}{
		{"conflict", good, bad, 409, "Contact already exists"},
		{"bad value", good, props("email", "nonsense"), 400, "INVALID_EMAIL"},
		{"unknown property", good, props("nonsense", "1"), 400, "PROPERTY_DOESNT_EXIST"},
		{"same address twice", good, props("email", "GOOD@x.example"), 409, "Contact already exists"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, Options{})
			r.create("contacts", "email", "taken@x.example")
			got := r.want(c.status, "POST", contacts+"/batch/create", inputs(c.first, c.second))
			if !strings.Contains(got.raw, c.text) || r.count("contacts") != 1 {
				t.Fatalf("%d contacts: %s", r.count("contacts"), got.raw)
			}
		})
	}
}

func traceable(p map[string]any, trace string) map[string]any {
	out := map[string]any{"objectWriteTraceId": trace}
	for k, v := range p {
		out[k] = v
	}
	return out
}

func TestBatchCreateWithTraceIDsFailsByRow(t *testing.T) {
	r := newRig(t, Options{})
	taken := r.create("contacts", "email", "taken@x.example")
	got := r.want(207, "POST", contacts+"/batch/create", inputs(
		traceable(props("email", "taken@x.example"), "a"), traceable(props("email", "bad"), "b"), traceable(props("email", "good@x.example"), "c")))
	if got.at("numErrors") != 2.0 || len(got.at("results").([]any)) != 1 {
		t.Fatal(got.raw)
	}
	if got.str("results", "0", "objectWriteTraceId") != "c" {
		t.Fatal(got.raw)
	}
	if got.str("errors", "0", "context", "existingId", "0") != taken || got.str("errors", "0", "context", "objectWriteTraceId", "0") != "a" {
		t.Fatal(got.raw)
	}
	if got.str("errors", "1", "category") != "VALIDATION_ERROR" || got.str("errors", "1", "context", "objectWriteTraceId", "0") != "b" {
		t.Fatal(got.raw)
	}
	r.want(409, "POST", contacts+"/batch/create", inputs(
		traceable(props("email", "taken@x.example"), "same"), traceable(props("email", "new@x.example"), "same")))
}

func TestBatchSizes(t *testing.T) {
	r := newRig(t, Options{})
	many := func(n int) map[string]any {
		list := []map[string]any{}
		for i := range n {
			list = append(list, map[string]any{"id": fmt.Sprint(i + 1), "properties": map[string]string{"name": "N"}})
		}
		return inputs(list...)
	}
	r.want(400, "POST", companies+"/batch/create", many(101))
	r.want(201, "POST", companies+"/batch/create", many(100))
	r.want(201, "POST", companies+"/batch/create", many(0))
	r.want(400, "POST", companies+"/batch/read", many(101))
	withHistory := many(51)
	withHistory["propertiesWithHistory"] = []string{"name"}
	got := r.want(400, "POST", companies+"/batch/read", withHistory)
	if got.str("message") != "The maximum number of inputs supported in a batch request for property histories is 50" {
		t.Fatal(got.raw)
	}
}

func TestBatchReadGroupsWhatIsMissing(t *testing.T) {
	r := newRig(t, Options{})
	id := r.create("contacts", "email", "a@x.example")
	got := r.want(207, "POST", contacts+"/batch/read", inputs(map[string]any{"id": id}, map[string]any{"id": "1"}, map[string]any{"id": "2"}))
	if got.at("numErrors") != 2.0 || len(got.at("errors").([]any)) != 1 || got.str("errors", "0", "context", "ids", "1") != "2" {
		t.Fatal(got.raw)
	}
	got = r.want(200, "POST", contacts+"/batch/read", map[string]any{"idProperty": "email", "inputs": []any{map[string]string{"id": "A@x.example"}}})
	if got.str("results", "0", "id") != id {
		t.Fatal(got.raw)
	}
}

func TestBatchUpdateRefusesAllForABadValueAndOneForAnUnknownID(t *testing.T) {
	r := newRig(t, Options{})
	a, b := r.create("companies", "name", "A"), r.create("companies", "name", "B")
	set := func(id, name, value string) map[string]any {
		return map[string]any{"id": id, "properties": map[string]string{name: value}}
	}
	r.want(400, "POST", companies+"/batch/update", inputs(set(a, "name", "A2"), set(b, "annualrevenue", "many")))
	if got, _ := r.p.As("ada").Get("companies", a); got["name"] != "A" {
		t.Fatal("nothing may be written: " + got["name"])
	}
	got := r.want(207, "POST", companies+"/batch/update", inputs(set(a, "name", "A2"), set("77", "name", "X")))
	if got.str("results", "0", "properties", "name") != "A2" || got.str("errors", "0", "category") != "OBJECT_NOT_FOUND" {
		t.Fatal(got.raw)
	}
}

func TestUpsertByOwnKeyIsRaceSafe(t *testing.T) {
	r := newRig(t, Options{})
	r.uniqueKey("companies", "sf_key")
	row := func(key, name string) map[string]any {
		return map[string]any{"id": key, "idProperty": "sf_key", "properties": map[string]string{"name": name}}
	}
	got := r.want(200, "POST", companies+"/batch/upsert", inputs(row("k1", "A"), row("k2", "B")))
	if got.at("results", "0", "new") != true || got.str("results", "0", "properties", "sf_key") != "k1" {
		t.Fatal(got.raw)
	}
	got = r.want(200, "POST", companies+"/batch/upsert", inputs(row("k1", "A2")))
	if got.at("results", "0", "new") != false || r.count("companies") != 2 {
		t.Fatal(got.raw)
	}
	r.want(400, "POST", companies+"/batch/upsert", inputs(row("k1", "A"), row("k1", "B")))
	r.want(400, "POST", companies+"/batch/upsert", inputs(map[string]any{"id": "1", "properties": map[string]string{"name": "A"}}))
	r.want(400, "POST", companies+"/batch/upsert", inputs(map[string]any{"id": "x.example", "idProperty": "domain", "properties": map[string]string{"name": "A"}}))
}

func TestBatchArchive(t *testing.T) {
	r := newRig(t, Options{})
	id := r.create("companies", "name", "A")
	r.want(204, "POST", companies+"/batch/archive", inputs(map[string]any{"id": id}, map[string]any{"id": "5"}))
	r.want(404, "GET", companies+"/"+id, nil)
}
