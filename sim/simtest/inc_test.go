package simtest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/policy"
)

// members is contact sync with the inclusion list Members, which only HubSpot can
// evaluate, of everybody in one of the cities.
func members(change func(*config.Connection), cities ...string) Option {
	return func(s *setup) {
		people(func(c *config.Connection) {
			c.Contacts.InclusionList = "Members"
			if change != nil {
				change(c)
			}
		})(s)
		Before(func(w *World) { w.list("Members", touchedSince(), inCities(cities...)) })(s)
	}
}

// inCities is the list filter "the city is one of these".
func inCities(cities ...string) map[string]any {
	f := propertyIs("city", "")
	f["operation"].(map[string]any)["values"] = cities
	return f
}

// refilter edits the definition of the list Members as a person does in HubSpot, and
// lets the list be evaluated, and time go by until nobody doubts it.
func (w *World) refilter(cities ...string) {
	w.T.Helper()
	w.refilterOf(core.Contacts, cities...)
}

// refilterOf is refilter of the list Members of an object.
func (w *World) refilterOf(object core.Object, cities ...string) {
	w.T.Helper()
	w.refiltered(object, touchedSince(), inCities(cities...))
}

// refiltered gives the list Members of an object other filters.
func (w *World) refiltered(object core.Object, filters ...map[string]any) {
	w.T.Helper()
	list := w.portalCall(http.MethodGet, "/crm/v3/lists/object-type-id/"+listType(object)+"/name/Members", nil)["list"].(map[string]any)
	w.portalCall(http.MethodPut, "/crm/v3/lists/"+list["listId"].(string)+"/update-list-filters", map[string]any{"filterBranch": allOf(filters)})
	w.settleLists()
}

// settleLists lets HubSpot evaluate its lists and their answers count.
func (w *World) settleLists() {
	w.T.Helper()
	w.Advance(5 * time.Second)
	w.Advance(15 * time.Minute)
}

// resident makes a HubSpot contact in a city, from before the switch where the world is
// not open yet.
func (w *World) resident(name, city string) string {
	w.T.Helper()
	return w.made(core.Contacts, "email", strings.ToLower(name)+"@x.com", "lastname", name, "company", "Co", "city", city)
}

// existed makes contacts that exist long before the switch.
func existed(before func(w *World)) Option {
	return Before(func(w *World) {
		before(w)
		w.Advance(time.Hour)
	})
}

// TestINC5_TRIG8_ChoosingMovesNobodyAndJoiningDoes: who is in the list when it is
// chosen waits for a trigger; who joins it later syncs, though nobody edited them.
func TestINC5_TRIG8_ChoosingMovesNobodyAndJoiningDoes(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var in, joins, out string
		w := New(t, profile, members(nil, "Oslo"), existed(func(w *World) {
			in, joins, out = w.resident("In", "Oslo"), w.resident("Joins", "Rome"), w.resident("Out", "Bonn")
		}))
		w.Sync()
		w.wantPersons(0, 0, 3)
		w.wantLonely(in, "CON-1")
		w.refilter("Oslo", "Rome")
		w.Sync()
		w.wantPersons(1, 0, 3)
		w.want(core.Lead, w.wantMate(joins), "LastName", "Joins")
		if rule := w.explainPerson(joins).Link.Rule; rule != "TRIG-8" {
			t.Errorf("made by %s, want TRIG-8", rule)
		}
		w.wantLonely(in, "CON-1")
		w.wantLonely(out, "INC-3")
		calls := w.Calls(core.HubSpot)
		w.wantStill(t)
		if again := w.Calls(core.HubSpot) - calls; again > 40 {
			t.Errorf("%d calls where nothing changed", again)
		}
	})
}

// TestINC10_INC7_LeavingDeletesNothingAndComingBackResumes: who left is out of scope
// in both directions (INC-3, AMB-16) and keeps the partner, whom coming back resumes.
func TestINC10_INC7_LeavingDeletesNothingAndComingBackResumes(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, members(nil, "Oslo", "Rome"))
		leaves, stays := w.resident("Leaves", "Rome"), w.resident("Stays", "Oslo")
		w.settleLists()
		w.Sync()
		lead, other := w.wantMate(leaves), w.wantMate(stays)
		w.refilter("Oslo")
		w.Sync()
		w.wantPersons(2, 0, 2)
		if x := w.explainPerson(leaves); x.Verdict != engine.OutOfScope || x.Rules[len(x.Rules)-1].Rule != "INC-3" {
			t.Errorf("who left: %s by %+v", x.Verdict, x.Rules)
		}
		w.change(core.Lead, lead, "FirstName", "From Salesforce")
		w.change(core.Lead, other, "FirstName", "From Salesforce")
		w.Sync()
		w.want(core.Contacts, leaves, "firstname", "")
		w.want(core.Contacts, stays, "firstname", "From Salesforce")
		w.wantMate(leaves)
		w.refilter("Oslo", "Rome")
		w.Sync()
		w.want(core.Contacts, leaves, "firstname", "From Salesforce")
		if w.wantMate(leaves) != lead {
			t.Error("coming back made another link")
		}
		w.wantPersons(2, 0, 2)
	})
}

// TestINC1_INC5_AnotherListIsABaselineToo: with no list everybody syncs; a list chosen
// later moves nobody, and who was in the former one only is out.
func TestINC1_INC5_AnotherListIsABaselineToo(t *testing.T) {
	var oslo, rome string
	w := New(t, people(), existed(func(w *World) {
		w.list("Members", touchedSince(), inCities("Oslo"))
		w.list("Others", touchedSince(), inCities("Rome"))
		oslo, rome = w.resident("Olaf", "Oslo"), w.resident("Rita", "Rome")
	}))
	everybody := w.made(core.Contacts, "email", "new@x.com", "lastname", "New", "company", "Co")
	w.Sync()
	w.wantMate(everybody)
	for _, list := range []string{"Members", "Others", "", "Members"} {
		w.settleLists()
		w.Restart(func(c *config.Connection) { c.Contacts.InclusionList = list })
		w.Sync()
	}
	w.wantPersons(1, 0, 3)
	w.wantLonely(oslo, "CON-1")
	w.wantLonely(rome, "INC-3")
}

// TestINC4_AListThatIsGoneIsNotEverybodyLeaving: the connection stands still until the
// list is back, and nobody was dropped meanwhile.
func TestINC4_AListThatIsGoneIsNotEverybodyLeaving(t *testing.T) {
	w := New(t, members(nil, "Oslo"))
	in := w.resident("In", "Oslo")
	w.settleLists()
	w.Sync()
	lead := w.wantMate(in)
	id := w.portalCall(http.MethodGet, "/crm/v3/lists/object-type-id/0-1/name/Members", nil)["list"].(map[string]any)["listId"].(string)
	w.portalCall(http.MethodDelete, "/crm/v3/lists/"+id, nil)
	_, err := w.TrySync()
	wantCode(t, err, engine.CodeSuspended)
	if !strings.Contains(err.Error(), `no list "Members"`) {
		t.Errorf("it does not say why: %v", err)
	}
	w.change(core.Lead, lead, "FirstName", "Meanwhile")
	_, err = w.TrySync()
	wantCode(t, err, engine.CodeSuspended)
	w.want(core.Contacts, in, "firstname", "")
	w.portalCall(http.MethodPut, "/crm/v3/lists/"+id+"/restore", nil)
	w.settleLists()
	w.must(w.Engine.Resume(t.Context(), w.Conn))
	w.Sync()
	w.want(core.Contacts, in, "firstname", "Meanwhile")
	w.wantPersons(1, 0, 1)
}

// TestINC10_LIM16_AListEditedToNearlyNobodyHalts until a person agrees, as a filter
// change does; nobody is told to have left before.
func TestINC10_LIM16_AListEditedToNearlyNobodyHalts(t *testing.T) {
	w := New(t, members(nil, "Oslo", "Rome"))
	var all []string
	for i := range 12 {
		all = append(all, w.resident(fmt.Sprintf("P%d", i), "Rome"))
	}
	stays := w.resident("Stays", "Oslo")
	w.settleLists()
	w.Sync()
	lead := w.wantMate(all[0])
	w.refilter("Oslo")
	_, err := w.TrySync()
	wantCode(t, err, engine.CodeBrake)
	if !strings.Contains(err.Error(), "12 of 13") {
		t.Errorf("the brake says %v", err)
	}
	w.must(w.Engine.Resume(t.Context(), w.Conn, string(core.BrakeScope)))
	w.Sync()
	w.change(core.Lead, lead, "FirstName", "Left")
	w.change(core.Lead, w.wantMate(stays), "FirstName", "Stayed")
	w.Sync()
	w.want(core.Contacts, all[0], "firstname", "")
	w.want(core.Contacts, stays, "firstname", "Stayed")
	w.wantPersons(13, 0, 13)
}

// TestTRIG8_ACrashBetweenTwoPagesLosesNobody who joined, and calls nobody twice.
func TestTRIG8_ACrashBetweenTwoPagesLosesNobody(t *testing.T) {
	const crowd = 600
	var joins []string
	w := New(t, members(nil, "Oslo"), existed(func(w *World) {
		w.resident("First", "Oslo")
		for i := range crowd {
			joins = append(joins, w.resident(fmt.Sprintf("P%d", i), "Rome"))
		}
	}))
	w.Sync()
	w.refilter("Oslo", "Rome")
	var pages atomic.Int32
	w.On(func(side core.Side, r *http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/memberships/join-order") {
			if pages.Add(1) >= 3 {
				return errors.New("the line is cut")
			}
		}
		return nil
	})
	_, err := w.TrySync()
	if err == nil {
		t.Fatal("the cut was not felt")
	}
	w.On(nil)
	w.Restart()
	w.settleLists() // what was read while the line was cut is put off
	w.Sync()
	w.wantPersons(crowd, 0, crowd+1)
	for _, id := range joins {
		w.wantMate(id)
	}
}

// TestLIM11_AMB16_FiltersOfBothDirections: each direction has its own filter, judged on
// the new values, and who drops out keeps the partner as it is.
func TestLIM11_AMB16_FiltersOfBothDirections(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(func(c *config.Connection) {
			c.Contacts.Filter = config.Filter{FromSalesforce: `Phone != "no"`, FromHubSpot: `city == "Oslo"`}
		}))
		out := w.resident("Out", "Rome")
		in := w.resident("In", "Oslo")
		hidden := w.made(core.Lead, "LastName", "Hidden", "Company", "Co", "Email", "hidden@x.com", "Phone", "no")
		w.Sync()
		lead := w.wantMate(in)
		w.wantLonely(out, "LIM-11")
		w.wantLonely(hidden, "LIM-11")
		w.wantPersons(2, 0, 2)
		w.Advance(3 * time.Second)
		w.change(core.Contacts, in, "city", "Rome")
		w.change(core.Lead, lead, "FirstName", "Stale")
		w.change(core.Contacts, out, "city", "Oslo")
		w.change(core.Lead, hidden, "Phone", "yes")
		w.again()
		w.want(core.Contacts, in, "firstname", "")
		w.want(core.Lead, lead, "City", "Oslo")
		w.wantMate(out)
		w.wantMate(hidden)
		w.wantMate(in)
		if x := w.explainPerson(in); x.Verdict != engine.OutOfScope || x.Rules[len(x.Rules)-1].Outcome != policy.OutOfScope {
			t.Errorf("who dropped out: %s by %+v", x.Verdict, x.Rules)
		}
	})
}
