package hubspotsim

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func filters(list ...map[string]any) map[string]any {
	return map[string]any{"filterGroups": []any{map[string]any{"filters": list}}, "limit": 200}
}

func where(property, operator string, value any) map[string]any {
	f := map[string]any{"propertyName": property, "operator": operator}
	switch v := value.(type) {
	case []string:
		f["values"] = v
	case [2]string:
		f["value"], f["highValue"] = v[0], v[1]
	case nil:
	default:
		f["value"] = v
	}
	return f
}

// found lists the names that a search answers with.
func (r *rig) found(body map[string]any) string {
	r.t.Helper()
	body["properties"] = []string{"name"}
	got := r.want(200, "POST", companies+"/search", body)
	var out []string
	for _, row := range got.at("results").([]any) {
		out = append(out, fmt.Sprint(row.(map[string]any)["properties"].(map[string]any)["name"]))
	}
	return strings.Join(out, ",")
}

func TestSearchOperators(t *testing.T) {
	r := newRig(t, Options{IndexLag: -1})
	r.create("companies", "name", "Acme Rockets", "annualrevenue", "100", "industry", "BANKING", "closedate", "2025-01-01")
	r.create("companies", "name", "Beta", "annualrevenue", "20", "industry", "RETAIL", "closedate", "2025-06-01")
	r.create("companies", "name", "gamma", "city", "Rome")
	cases := []struct {
		f    map[string]any
		want string
	}{
		{where("name", "EQ", "ACME ROCKETS"), "Acme Rockets"},
		{where("name", "NEQ", "beta"), "Acme Rockets,gamma"},
		{where("annualrevenue", "GT", "20"), "Acme Rockets"},
		{where("annualrevenue", "GTE", 20), "Acme Rockets,Beta"},
		{where("annualrevenue", "LT", "100"), "Beta"},
		{where("annualrevenue", "LTE", "100.0"), "Acme Rockets,Beta"},
		{where("annualrevenue", "BETWEEN", [2]string{"20", "99"}), "Beta"},
		{where("closedate", "GTE", "1748736000000"), "Beta"},
		{where("closedate", "LT", "2025-06-01T00:00:00Z"), "Acme Rockets"},
		{where("industry", "EQ", "banking"), ""},
		{where("industry", "IN", []string{"BANKING", "RETAIL"}), "Acme Rockets,Beta"},
		{where("industry", "NOT_IN", []string{"BANKING"}), "Beta"},
		{where("name", "IN", []string{"Beta"}), ""},
		{where("name", "IN", []string{"beta"}), "Beta"},
		{where("city", "HAS_PROPERTY", nil), "gamma"},
		{where("city", "NOT_HAS_PROPERTY", nil), "Acme Rockets,Beta"},
		{where("name", "CONTAINS_TOKEN", "rockets"), "Acme Rockets"},
		{where("name", "CONTAINS_TOKEN", "rock*"), "Acme Rockets"},
		{where("name", "CONTAINS_TOKEN", "rock"), ""},
		{where("name", "NOT_CONTAINS_TOKEN", "rock*"), "Beta,gamma"},
	}
	for _, c := range cases {
		if got := r.found(filters(c.f)); got != c.want {
			t.Errorf("%v: got %q, want %q", c.f, got, c.want)
		}
	}
	both := map[string]any{"filterGroups": []any{
		map[string]any{"filters": []any{where("name", "EQ", "beta"), where("annualrevenue", "EQ", "20")}},
		map[string]any{"filters": []any{where("city", "EQ", "rome")}}}}
	if got := r.found(both); got != "Beta,gamma" {
		t.Errorf("groups are alternatives: %q", got)
	}
	for sorts, want := range map[string]string{"-annualrevenue": "Acme Rockets,Beta,gamma", "name": "Acme Rockets,Beta,gamma", "-name": "gamma,Beta,Acme Rockets"} {
		if got := r.found(map[string]any{"sorts": []string{sorts}}); got != want {
			t.Errorf("sort %s: %q", sorts, got)
		}
	}
	if got := r.found(map[string]any{"query": "acme"}); got != "Acme Rockets" {
		t.Errorf("query: %q", got)
	}
}

func TestSearchLagsAndNeverShowsArchived(t *testing.T) {
	r := newRig(t, Options{})
	all := map[string]any{}
	id := r.create("companies", "name", "A")
	if got := r.found(all); got != "" {
		t.Fatalf("found before the index caught up: %q", got)
	}
	r.pass(3 * time.Second)
	if got := r.found(all); got != "A" {
		t.Fatalf("got %q", got)
	}
	r.want(200, "PATCH", companies+"/"+id, props("name", "B"))
	if got := r.found(filters(where("name", "EQ", "A"))); got != "B" {
		t.Fatalf("a record matches by its old value and shows the new one, got %q", got)
	}
	r.want(204, "DELETE", companies+"/"+id, nil)
	if got := r.found(all); got != "B" {
		t.Fatalf("the index has not heard of the deletion yet, got %q", got)
	}
	r.pass(3 * time.Second)
	if got := r.found(all); got != "" {
		t.Fatalf("archived records are never found, got %q", got)
	}
}

func TestSearchByModifiedWindowSeesEveryRecordOnce(t *testing.T) {
	r := newRig(t, Options{IndexLag: -1})
	var ids []string
	for i := range 5 {
		ids = append(ids, r.create("companies", "name", fmt.Sprint(i)))
		r.clock.add(time.Second)
	}
	from := r.clock.now()
	for _, i := range []int{3, 1, 3} {
		r.want(200, "PATCH", companies+"/"+ids[i], props("phone", r.clock.now().String()))
		r.clock.add(time.Second)
	}
	since := fmt.Sprint(from.UnixMilli())
	if got := r.found(filters(where("hs_lastmodifieddate", "GTE", since))); got != "1,3" {
		t.Fatalf("got %q", got)
	}
	if got := r.found(filters(where("hs_lastmodifieddate", "GTE", since), where("hs_object_id", "GT", ids[1]))); got != "3" {
		t.Fatalf("got %q", got)
	}
	if got := r.found(filters(where("hs_object_id", "GTE", ids[3]))); got != "3,4" {
		t.Fatalf("got %q", got)
	}
}

func TestSearchCaps(t *testing.T) {
	r := newRig(t, Options{IndexLag: -1})
	one := where("name", "EQ", "A")
	group := func(n int) map[string]any {
		list := []any{}
		for range n {
			list = append(list, one)
		}
		return map[string]any{"filters": list}
	}
	groups := func(sizes ...int) map[string]any {
		list := []any{}
		for _, n := range sizes {
			list = append(list, group(n))
		}
		return map[string]any{"filterGroups": list}
	}
	cases := map[string]struct {
		body   map[string]any
		status int
	}{
		"five groups":             {groups(1, 1, 1, 1, 1), 200},
		"six groups":              {groups(1, 1, 1, 1, 1, 1), 400},
		"six filters":             {groups(6), 200},
		"seven filters":           {groups(7), 400},
		"eighteen filters":        {groups(6, 6, 6), 200},
		"nineteen filters":        {groups(6, 6, 6, 1), 400},
		"two sorts":               {map[string]any{"sorts": []string{"name", "city"}}, 400},
		"limit 201":               {map[string]any{"limit": 201}, 400},
		"past the window":         {map[string]any{"limit": 100, "after": "9901"}, 400},
		"end of the window":       {map[string]any{"limit": 100, "after": "9900"}, 200},
		"long body":               {filters(where("name", "EQ", strings.Repeat("x", 3000))), 400},
		"unknown property":        {filters(where("nonsense", "EQ", "1")), 400},
		"between without high":    {filters(where("name", "BETWEEN", "1")), 400},
		"in without values":       {filters(where("name", "IN", nil)), 400},
		"unknown operator":        {filters(where("name", "LIKE", "1")), 400},
		"without operator":        {filters(map[string]any{"propertyName": "name"}), 400},
		"date that is none":       {filters(where("closedate", "GT", "soon")), 400},
		"top-level filters alone": {map[string]any{"filters": []any{one}}, 200},
	}
	for name, c := range cases {
		if got := r.call("POST", companies+"/search", c.body); got.status != c.status {
			t.Errorf("%s: %d, want %d: %s", name, got.status, c.status, got.raw)
		}
	}
	got := r.call("POST", companies+"/search", filters(where("name", "BETWEEN", "1")))
	if !strings.Contains(got.str("message"), "operator BETWEEN requires a highValue") || got.str("category") != "" {
		t.Error(got.raw)
	}
}

func TestSearchPages(t *testing.T) {
	r := newRig(t, Options{IndexLag: -1})
	for i := range 5 {
		r.create("companies", "name", fmt.Sprint(i))
	}
	got := r.want(200, "POST", companies+"/search", map[string]any{"limit": 2, "after": "2"})
	if got.at("total") != 5.0 || got.str("paging", "next", "after") != "4" {
		t.Fatal(got.raw)
	}
	got = r.want(200, "POST", companies+"/search", map[string]any{"limit": 2, "after": "4"})
	if got.at("paging") != nil || len(got.at("results").([]any)) != 1 {
		t.Fatal(got.raw)
	}
}
