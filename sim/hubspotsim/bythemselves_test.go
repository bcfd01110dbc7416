package hubspotsim

import (
	"slices"
	"testing"
	"time"
)

// Values that the portal sets or changes by itself.

const deals = "/crm/v3/objects/deals"

var yes = ptrTo(true)

func ptrTo[T any](v T) *T { return &v }

// value is a property of a record as it is read.
func (r *rig) value(object, id, name string) string {
	r.t.Helper()
	return r.want(200, "GET", "/crm/v3/objects/"+object+"/"+id+"?properties="+name, nil).str("properties", name)
}

func TestTasksTellWhenTheyWereCompleted(t *testing.T) {
	r := newRig(t, Options{})
	id := r.create("tasks", "hs_task_subject", "x", "hs_timestamp", "2026-10-02T00:00:00Z")
	for name, want := range map[string]string{"hs_task_status": "NOT_STARTED", "hs_task_type": "TO" + "DO", "hs_task_priority": "NONE", "hs_task_completion_date": ""} {
		if got := r.value("tasks", id, name); got != want {
			t.Errorf("%s of a new task is %q, want %q", name, got, want)
		}
	}
	r.pass(time.Hour)
	r.want(200, "PATCH", "/crm/v3/objects/tasks/"+id, props("hs_task_status", "COMPLETED"))
	if got := r.value("tasks", id, "hs_task_completion_date"); got != "2026-10-01T13:00:00.123Z" {
		t.Errorf("completed at %q", got)
	}
	r.pass(time.Hour)
	r.want(200, "PATCH", "/crm/v3/objects/tasks/"+id, props("hs_task_subject", "y"))
	if got := r.value("tasks", id, "hs_task_completion_date"); got != "2026-10-01T13:00:00.123Z" {
		t.Errorf("another write made it %q", got)
	}
	r.want(200, "PATCH", "/crm/v3/objects/tasks/"+id, props("hs_task_status", "IN_PROGRESS"))
	if got := r.value("tasks", id, "hs_task_completion_date"); got != "" {
		t.Errorf("open again, completed at %q", got)
	}
	done := r.create("tasks", "hs_task_subject", "x", "hs_timestamp", "2026-10-02T00:00:00Z", "hs_task_status", "COMPLETED", "hs_task_priority", "HIGH")
	if got := r.value("tasks", done, "hs_task_completion_date"); got != "2026-10-01T14:00:00.123Z" || r.value("tasks", done, "hs_task_priority") != "HIGH" {
		t.Errorf("made as completed: %q", got)
	}
}

func TestClosingADealMovesItsDate(t *testing.T) {
	const planned, now = "2026-12-01T00:00:00Z", "2026-10-01T12:00:00.123Z"
	for _, c := range []struct {
		name   string
		person bool
		on     bool
		from   string
		write  []string
		want   string
	}{
		{"by the API", false, false, "contractsent", []string{"dealstage", "closedwon"}, planned},
		{"by the API, where it does", false, true, "contractsent", []string{"dealstage", "closedwon"}, now},
		{"by a person", true, false, "contractsent", []string{"dealstage", "closedlost"}, now},
		{"with a date of its own", true, false, "contractsent", []string{"dealstage", "closedwon", "closedate", "2026-11-11T00:00:00Z"}, "2026-11-11T00:00:00Z"},
		{"from won to lost", true, false, "closedwon", []string{"dealstage", "closedlost"}, now},
		{"still won", true, false, "closedwon", []string{"dealstage", "closedwon", "amount", "3"}, planned},
		{"to an open stage", true, false, "contractsent", []string{"dealstage", "qualifiedtobuy"}, planned},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, Options{})
			id := r.create("deals", "dealname", "D", "dealstage", c.from, "closedate", planned)
			if c.on {
				r.configure(Settings{ClosingMovesDate: yes})
			}
			if c.person {
				r.token = r.p.Info().AdminToken
			}
			r.want(200, "PATCH", deals+"/"+id, props(c.write...))
			if got := r.value("deals", id, "closedate"); got != c.want {
				t.Errorf("closes %s, want %s", got, c.want)
			}
		})
	}
}

func TestAmountsOfADeal(t *testing.T) {
	r := newRig(t, Options{})
	id := r.create("deals", "dealname", "D", "dealstage", "contractsent", "amount", "200", "closedate", "2026-10-11T12:00:00Z")
	check := func(want map[string]string) {
		t.Helper()
		for name, w := range want {
			if got := r.value("deals", id, name); got != w {
				t.Errorf("%s is %q, want %q", name, got, w)
			}
		}
	}
	check(map[string]string{"hs_closed_amount": "0", "hs_projected_amount": "180", "hs_forecast_amount": "200", "days_to_close": "9", "hs_deal_stage_probability_shadow": "0.9"})
	r.want(200, "PATCH", deals+"/"+id, props("dealstage", "closedwon", "hs_forecast_probability", "0.5"))
	check(map[string]string{"hs_closed_amount": "200", "hs_projected_amount": "200", "hs_forecast_amount": "100"})
	r.want(400, "PATCH", deals+"/"+id, props("hs_closed_amount", "1"))
}

func TestWebsitesThatThePortalSets(t *testing.T) {
	r := newRig(t, Options{})
	plain := r.create("companies", "name", "A", "domain", "a.example")
	if got := r.value("companies", plain, "website"); got != "" {
		t.Errorf("the website is %q", got)
	}
	r.configure(Settings{WebsitesSet: yes})
	for _, c := range []struct {
		object string
		given  []string
		want   string
	}{
		{"companies", []string{"name", "B", "domain", "b.example"}, "b.example"},
		{"companies", []string{"name", "B", "domain", "b.example", "website", "https://www.b.example"}, "https://www.b.example"},
		{"contacts", []string{"lastname", "x", "website", "b.example"}, "http://b.example"},
		{"contacts", []string{"lastname", "x", "website", "https://b.example"}, "https://b.example"},
	} {
		if got := r.value(c.object, r.create(c.object, c.given...), "website"); got != c.want {
			t.Errorf("%v: the website is %q, want %q", c.given, got, c.want)
		}
	}
	r.want(200, "PATCH", "/crm/v3/objects/companies/"+plain, props("domain", "c.example"))
	if got := r.value("companies", plain, "website"); got != "" {
		t.Errorf("an update set the website %q", got)
	}
}

// No order of the results of a batch is promised.
func TestResultsInAnyOrder(t *testing.T) {
	order := func(shuffled bool) (out []string) {
		r := newRig(t, Options{})
		var ids []map[string]any
		for range 8 {
			ids = append(ids, map[string]any{"id": r.create("contacts", "lastname", "x")})
		}
		if shuffled {
			r.configure(Settings{ShuffleResults: yes})
		}
		for _, row := range r.want(200, "POST", contacts+"/batch/read", inputs(ids...)).at("results").([]any) {
			out = append(out, row.(map[string]any)["id"].(string))
		}
		return out
	}
	given, mixed := order(false), order(true)
	if !slices.IsSorted(given) || slices.IsSorted(mixed) || !slices.Equal(mixed, order(true)) {
		t.Errorf("%v\n%v", given, mixed)
	}
	if slices.Sort(mixed); !slices.Equal(given, mixed) {
		t.Errorf("%v\n%v", given, mixed)
	}
}
