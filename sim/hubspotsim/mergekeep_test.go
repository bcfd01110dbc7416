package hubspotsim

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// joined merges b into a and gives the id of the result.
func (r *rig) joined(object, a, b string) string {
	r.t.Helper()
	return r.want(200, "POST", "/crm/v3/objects/"+object+"/merge", map[string]string{"primaryObjectId": a, "objectIdToMerge": b}).str("id")
}

// versions gives the history of a property, newest first.
func (r *rig) versions(object, id, property string) string {
	r.t.Helper()
	got := r.want(200, "GET", "/crm/v3/objects/"+object+"/"+id+"?propertiesWithHistory="+property, nil)
	var out []string
	for _, row := range got.at("propertiesWithHistory", property).([]any) {
		out = append(out, fmt.Sprint(row.(map[string]any)["value"]))
	}
	return strings.Join(out, " ")
}

func TestMergeKeepsThePrimaryCompanyOfThePrimary(t *testing.T) {
	for _, one := range []struct {
		object         string
		keys           [2][]string
		plain, primary int
	}{
		{"contacts", [2][]string{{"email", "a@x.example"}, {"email", "b@x.example"}}, 279, 1},
		{"deals", [2][]string{{"dealname", "A", "dealstage", "appointmentscheduled"}, {"dealname", "B", "dealstage", "appointmentscheduled"}}, 341, 5},
	} {
		for _, mode := range []string{"new_id", "keep_primary"} {
			for _, swapped := range []bool{false, true} {
				t.Run(fmt.Sprint(one.object, " ", mode, " swapped ", swapped), func(t *testing.T) {
					r := newRig(t, Options{MergeMode: mode})
					first, second := r.create("companies", "name", "A"), r.create("companies", "name", "B")
					a, b := r.create(one.object, one.keys[0]...), r.create(one.object, one.keys[1]...)
					for id, company := range map[string]string{a: first, b: second} {
						r.want(200, "PUT", "/crm/v4/objects/"+one.object+"/"+id+"/associations/default/companies/"+company, nil)
					}
					want := fmt.Sprintf("%s:%d+%d %s:%d", first, one.plain, one.primary, second, one.plain)
					if swapped {
						a, b = b, a
						want = fmt.Sprintf("%s:%d %s:%d+%d", first, one.plain, second, one.plain, one.primary)
					}
					if got := r.links(one.object, r.joined(one.object, a, b), "companies"); got != want {
						t.Fatalf("the associations are %s, want %s", got, want)
					}
				})
			}
		}
	}
}

func TestMergeTakesAPrimaryCompanyThatOnlyTheOtherHas(t *testing.T) {
	r := newRig(t, Options{})
	company := r.create("companies", "name", "A")
	a, b := r.create("contacts", "email", "a@x.example"), r.create("contacts", "email", "b@x.example")
	r.tie(b, company)
	if got := r.links("contacts", r.joined("contacts", a, b), "companies"); got != company+":279+1" {
		t.Fatal(got)
	}
}

func TestMergeKeepsTheHistoryOfBoth(t *testing.T) {
	for _, mode := range []string{"new_id", "keep_primary"} {
		t.Run(mode, func(t *testing.T) {
			r := newRig(t, Options{MergeMode: mode})
			a, b := r.create("companies", "name", "A1", "phone", "1"), r.create("companies", "name", "B1", "city", "Rome", "zip", "9")
			for _, w := range [][]string{{a, "name", "A2"}, {b, "name", "B2"}, {b, "city", "Oslo"}, {a, "name", "A3"}, {b, "phone", "2"}, {a, "zip", "1"}, {a, "zip", ""}} {
				r.pass(time.Minute)
				r.want(200, "PATCH", companies+"/"+w[0], props(w[1], w[2]))
			}
			stamp := r.want(200, "GET", companies+"/"+b+"?propertiesWithHistory=city", nil).str("propertiesWithHistory", "city", "0", "timestamp")
			r.pass(time.Minute)
			id := r.joined("companies", a, b)
			for property, want := range map[string]string{
				"name":  "A3 B2 A2 B1 A1",
				"city":  "Oslo Rome",
				"phone": "1 2 1", // the younger value loses: the merge sets the primary's again
				"zip":   "9  1 9",
			} {
				if got := r.versions("companies", id, property); got != want {
					t.Errorf("the versions of %s are %q, want %q", property, got, want)
				}
			}
			if got := r.want(200, "GET", companies+"/"+id+"?propertiesWithHistory=city", nil); got.str("propertiesWithHistory", "city", "0", "timestamp") != stamp {
				t.Errorf("a value taken from the other record keeps its time %s: %s", stamp, got.raw)
			}
		})
	}
}

func TestMergedHistoryIsCapped(t *testing.T) {
	r := newRig(t, Options{})
	a, b := r.create("companies", "name", "A"), r.create("companies", "name", "B")
	for i := range historyKept {
		for _, id := range []string{b, a} {
			r.pass(time.Second)
			r.want(200, "PATCH", companies+"/"+id, props("name", fmt.Sprint(id, " ", i)))
		}
	}
	id := r.joined("companies", a, b)
	got := r.want(200, "GET", companies+"/"+id+"?propertiesWithHistory=name", nil)
	list := got.at("propertiesWithHistory", "name").([]any)
	if len(list) != historyKept || list[0].(map[string]any)["value"] != fmt.Sprint(a, " ", historyKept-1) || list[1].(map[string]any)["value"] != fmt.Sprint(b, " ", historyKept-1) {
		t.Fatalf("%d versions: %s", len(list), got.raw)
	}
}

func TestMergedCompanyKeepsAllDomains(t *testing.T) {
	for _, one := range []struct{ a, b, domain, additional string }{
		{"a.example", "b.example", "a.example", "b.example"},
		{"a.example", "a.example", "a.example", ""},
		{"", "b.example", "b.example", ""},
		{"a.example", "", "a.example", ""},
	} {
		r := newRig(t, Options{AutoCompanies: true})
		a, b := r.create("companies", "name", "A", "domain", one.a), r.create("companies", "name", "B", "domain", one.b)
		id := r.joined("companies", a, b)
		got := r.want(200, "GET", companies+"/"+id+"?properties=domain,hs_additional_domains", nil)
		if got.str("properties", "domain") != one.domain || strings.Trim(got.str("properties", "hs_additional_domains"), "<nil>") != one.additional {
			t.Errorf("%q and %q: %s", one.a, one.b, got.raw)
		}
	}
	r := newRig(t, Options{AutoCompanies: true})
	a, b, c := r.create("companies", "domain", "a.example"), r.create("companies", "domain", "b.example"), r.create("companies", "domain", "c.example")
	id := r.joined("companies", c, r.joined("companies", a, b))
	if got := r.want(200, "GET", companies+"/"+id+"?properties=hs_additional_domains", nil); got.str("properties", "hs_additional_domains") != "b.example;a.example" {
		t.Fatal(got.raw)
	}
	contact := r.create("contacts", "email", "someone@b.example")
	r.pass(time.Minute)
	if got := r.links("contacts", contact, "companies"); got != id+":279+1" {
		t.Fatalf("a contact of an absorbed domain belongs to %s, want %s", got, id)
	}
}

func TestMergeMovesOrDropsAKeyOfTheOther(t *testing.T) {
	for _, mode := range []string{"new_id", "keep_primary"} {
		for _, keys := range []string{"move", "drop"} {
			t.Run(mode+" "+keys, func(t *testing.T) {
				r := newRig(t, Options{MergeMode: mode})
				r.uniqueKey("companies", "sf_key")
				r.configure(Settings{MergeKeys: &keys})
				a, b := r.create("companies", "name", "A"), r.create("companies", "name", "B", "sf_key", "k2")
				r.pass(time.Minute)
				id := r.joined("companies", a, b)
				if keys == "move" {
					if got := r.want(200, "GET", companies+"/k2?idProperty=sf_key", nil); got.str("id") != id {
						t.Fatal(got.raw)
					}
					r.want(409, "POST", companies, props("name", "C", "sf_key", "k2"))
					return
				}
				r.want(404, "GET", companies+"/k2?idProperty=sf_key", nil)
				if got := r.versions("companies", id, "sf_key"); got != " k2" {
					t.Fatalf("the history tells of a dropped key: %q", got)
				}
				r.create("companies", "name", "C", "sf_key", "k2")
			})
		}
	}
}
