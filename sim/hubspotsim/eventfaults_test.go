package hubspotsim

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// journalOf starts a portal whose journal app subscribed to companies' names.
func journalOf(t *testing.T) (r *rig, app string) {
	r = newRig(t, Options{})
	integration := r.token
	r.journalSubscribe("0-2", "name")
	app, r.token = r.token, integration
	return r, app
}

// names lists the names that the journal tells, in its order.
func (r *rig) names(app string) string {
	r.t.Helper()
	var out []string
	for _, e := range r.journalEvents(app) {
		if changes, ok := e["propertyChanges"].(map[string]any); ok && changes["name"] != nil {
			out = append(out, changes["name"].(string))
		}
	}
	return strings.Join(out, "")
}

// tell renames a company letter by letter, half a second apart.
func (r *rig) tell(id, letters string) {
	for _, letter := range letters {
		r.want(200, "PATCH", companies+"/"+id, props("name", string(letter)))
		r.pass(500 * time.Millisecond)
	}
}

func TestEventFaultsReachTheJournal(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault map[string]any
		want  string // at once, then ten minutes later
	}{
		{"none", nil, "0abcd abcd"},
		{"dropped", map[string]any{"do": "drop_event", "times": 2}, "0cd cd"},
		{"twice", map[string]any{"do": "dup_event"}, "0aabcd aabcd"},
		{"held back", map[string]any{"do": "hold_event", "times": 2, "delay": "10m"}, "0cd cdab"},
	} {
		r, app := journalOf(t)
		id := r.create("companies", "name", "0")
		r.pass(500 * time.Millisecond)
		if c.fault != nil {
			if got := r.post("faults", c.fault); got.status != 200 {
				t.Fatal(got.raw)
			}
		}
		r.tell(id, "abcd")
		now := r.names(app)
		r.pass(10 * time.Minute)
		r.names(app) // what was held comes with the next window
		r.pass(time.Second)
		if got := now + " " + strings.TrimPrefix(r.names(app), "0"); got != c.want {
			t.Errorf("%s: told %q, want %q", c.name, got, c.want)
		}
	}
}

func TestHeldEventsComeWhenTheFaultEnds(t *testing.T) {
	r, app := journalOf(t)
	id := r.create("companies", "name", "0")
	r.pass(500 * time.Millisecond)
	r.post("faults", map[string]any{"do": "hold_event", "times": 10})
	r.tell(id, "ab")
	r.pass(10 * time.Minute)
	if got := r.names(app); got != "0" {
		t.Fatalf("told %q while held", got)
	}
	r.post("faults", map[string]any{"clear": true})
	r.names(app)
	r.pass(time.Second)
	if got := r.names(app); got != "0ab" {
		t.Fatalf("told %q after the end", got)
	}
}

func TestShuffledEventsOfOneMoment(t *testing.T) {
	r, app := journalOf(t)
	r.post("faults", map[string]any{"do": "shuffle_events"})
	const all = "abcdefghijklmnop"
	for _, letter := range all {
		r.create("companies", "name", string(letter))
	}
	r.pass(time.Second)
	got := []byte(r.names(app))
	if string(got) == all {
		t.Error("the order is kept")
	}
	if slices.Sort(got); string(got) != all {
		t.Errorf("told %q", got)
	}
}

// A reader whose place is forgotten is told so, and has to compare everything.
func TestGapInTheJournal(t *testing.T) {
	r, app := journalOf(t)
	id := r.create("companies", "name", "0")
	r.pass(time.Second)
	integration := r.token
	r.token = app
	offset := r.want(200, "GET", "/webhooks-journal/journal/2026-03/earliest", nil).str("currentOffset")
	r.token = integration
	r.tell(id, "a")
	r.post("faults", map[string]any{"do": "gap_event"})
	r.tell(id, "b")
	if got := r.names(app); got != "b" {
		t.Errorf("the journal tells %q after the gap", got)
	}
	r.token = app
	r.want(404, "GET", "/webhooks-journal/journal/2026-03/offset/"+offset+"/next", nil)
}
