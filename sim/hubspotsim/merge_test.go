package hubspotsim

import (
	"strings"
	"testing"
)

func TestMergeMakesAThirdID(t *testing.T) {
	r := newRig(t, Options{IndexLag: -1})
	a := r.create("companies", "name", "A", "city", "")
	b := r.create("companies", "name", "B", "city", "Rome", "lifecyclestage", "customer")
	contact := r.create("contacts", "email", "a@x.example")
	r.tie(contact, b)
	got := r.want(200, "POST", companies+"/merge", map[string]string{"primaryObjectId": a, "objectIdToMerge": b})
	c := got.str("id")
	if c == a || c == b {
		t.Fatal("the result must be a new record: " + got.raw)
	}
	if got.str("properties", "name") != "A" || got.str("properties", "city") != "Rome" || got.str("properties", "lifecyclestage") != "customer" {
		t.Fatal(got.raw)
	}
	if got.str("properties", "hs_merged_object_ids") != a+";"+b {
		t.Fatal(got.raw)
	}
	for _, old := range []string{a, b} {
		if got := r.want(200, "GET", companies+"/"+old, nil); got.str("id") != c {
			t.Fatalf("GET by the absorbed id %s: %s", old, got.raw)
		}
		r.want(200, "PATCH", companies+"/"+old, props("phone", old))
		r.want(404, "GET", companies+"/"+old+"?archived=true", nil)
		update := r.want(207, "POST", companies+"/batch/update", inputs(map[string]any{"id": old, "properties": map[string]string{"name": "X"}}))
		if update.str("errors", "0", "category") != "OBJECT_NOT_FOUND" {
			t.Fatal(update.raw)
		}
	}
	if got := r.links("contacts", contact, "companies"); got != c+":279+1" {
		t.Fatal(got)
	}
	found := r.want(200, "POST", companies+"/search", map[string]any{})
	if found.at("total") != 1.0 || found.str("results", "0", "id") != c {
		t.Fatal(found.raw)
	}
	if list := r.want(200, "GET", companies+"?archived=true", nil); len(list.at("results").([]any)) != 0 {
		t.Fatal(list.raw)
	}
}

func TestMergeKeepsThePrimaryInTheOldMode(t *testing.T) {
	r := newRig(t, Options{MergeMode: "keep_primary"})
	a, b := r.create("companies", "name", "A"), r.create("companies", "name", "B")
	got := r.want(200, "POST", companies+"/merge", map[string]string{"primaryObjectId": a, "objectIdToMerge": b})
	if got.str("id") != a || got.str("properties", "hs_merged_object_ids") != b {
		t.Fatal(got.raw)
	}
	if got := r.want(200, "GET", companies+"/"+b, nil); got.str("id") != a {
		t.Fatal(got.raw)
	}
}

func TestMergedContactsKeepAllAddresses(t *testing.T) {
	r := newRig(t, Options{})
	a, b, c := r.create("contacts", "email", "a@x.example"), r.create("contacts", "email", "b@x.example"), r.create("contacts", "email", "c@x.example")
	ab := r.want(200, "POST", contacts+"/merge", map[string]string{"primaryObjectId": a, "objectIdToMerge": b}).str("id")
	got := r.want(200, "POST", contacts+"/merge", map[string]string{"primaryObjectId": b, "objectIdToMerge": c})
	last := got.str("id")
	if got.str("properties", "email") != "a@x.example" || got.str("properties", "hs_additional_emails") != "b@x.example;c@x.example" {
		t.Fatal(got.raw)
	}
	if got.str("properties", "hs_merged_object_ids") != strings.Join([]string{a, b, ab, c}, ";") {
		t.Fatal(got.str("properties", "hs_merged_object_ids"))
	}
	for _, id := range []string{a, b, c, ab} {
		if got := r.want(200, "GET", contacts+"/"+id, nil); got.str("id") != last {
			t.Fatalf("%s leads to %s, want %s", id, got.str("id"), last)
		}
	}
	r.want(409, "POST", contacts, props("email", "c@x.example"))
	r.want(400, "POST", contacts+"/merge", map[string]string{"primaryObjectId": a, "objectIdToMerge": c})
}

func TestMergeKeepsUniqueKeysOfThePrimary(t *testing.T) {
	r := newRig(t, Options{})
	r.uniqueKey("companies", "sf_key")
	a, b := r.create("companies", "name", "A", "sf_key", "k1"), r.create("companies", "name", "B", "sf_key", "k2")
	id := r.want(200, "POST", companies+"/merge", map[string]string{"primaryObjectId": a, "objectIdToMerge": b}).str("id")
	if got := r.want(200, "GET", companies+"/k1?idProperty=sf_key", nil); got.str("id") != id {
		t.Fatal(got.raw)
	}
	r.want(404, "GET", companies+"/k2?idProperty=sf_key", nil)
	r.create("companies", "name", "C", "sf_key", "k2")
}
