package simtest

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestINC1_LIM16_AListInPlaceOfEverybodyHalts where it drops most of the people who
// sync, as a filter change does, until a person agrees.
func TestINC1_LIM16_AListInPlaceOfEverybodyHalts(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(), Before(func(w *World) { w.list("Members", touchedSince(), inCities("Oslo")) }))
		for i := range 11 {
			w.resident(fmt.Sprintf("P%d", i), "Rome")
		}
		stays := w.resident("Stays", "Oslo")
		w.Sync()
		lead := w.wantMate(stays)
		w.settleLists()
		w.Restart(func(c *config.Connection) { c.Contacts.InclusionList = "Members" })
		_, err := w.TrySync()
		wantCode(t, err, engine.CodeBrake)
		if !strings.Contains(err.Error(), "11 of 12") {
			t.Errorf("the brake says %v", err)
		}
		w.must(w.Engine.Resume(t.Context(), w.Conn, string(core.BrakeScope)))
		w.Sync()
		w.change(core.Lead, lead, "FirstName", "Stayed")
		w.again()
		w.want(core.Contacts, stays, "firstname", "Stayed")
		w.wantPersons(12, 0, 12)
	})
}

// TestACC18_TRIG8_JoiningAListThatHubSpotEvaluatesMakesTheAccount: the company of who
// joins is decided again, though contact sync is off and nobody edited either.
func TestACC18_TRIG8_JoiningAListThatHubSpotEvaluatesMakesTheAccount(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Settings(func(c *config.Connection) { c.Contacts.InclusionList = "Members" }),
			Before(func(w *World) { w.list("Members", touchedSince(), inCities("Oslo")) }))
		person := w.resident("Gonzalez", "Rome")
		company := w.company("Edge", person)
		w.settleLists()
		w.Sync()
		w.wantRule(company, "ACC-8c", engine.OutOfScope)
		w.refilter("Oslo", "Rome")
		w.Sync()
		if w.partner(company) == "" || w.linkRule(company) != "ACC-7c" {
			t.Errorf("account %q by %s: %+v", w.partner(company), w.linkRule(company), w.Explain(company).Rules)
		}
	})
}

// TestTRIG8_ADaemonFindsWhoJoins by itself, within contacts.list_every.
func TestTRIG8_ADaemonFindsWhoJoins(t *testing.T) {
	var joins string
	w := New(t, members(func(c *config.Connection) { c.Contacts.ListEvery = config.Duration(20 * time.Millisecond) }, "Oslo"),
		existed(func(w *World) { joins = w.resident("Joins", "Rome") }))
	w.Sync()
	w.wantLonely(joins, "INC-3")
	var looks atomic.Int32
	w.On(func(_ core.Side, r *http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/memberships/join-order") {
			looks.Add(1)
		}
		return nil
	})
	edited := false
	w.serveUntil(func() bool {
		if looks.Load() > 1 && !edited { // it has looked, and found nobody
			w.refilter("Oslo", "Rome")
			edited = true
		}
		return w.mate(joins) != ""
	})
	if !edited {
		t.Error("who was not in the list was made")
	}
	w.wantPersons(1, 0, 1)
}

// TestINC4_AListMadeStaticIsNotFollowed while the connection works: who is in it is frozen,
// so the connection stands still until an active list is there again.
func TestINC4_AListMadeStaticIsNotFollowed(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, members(nil, "Oslo"))
		in := w.resident("In", "Oslo")
		w.settleLists()
		w.Sync()
		lead := w.wantMate(in)
		id := w.listNamed("Members")
		w.portalCall(http.MethodDelete, "/crm/v3/lists/"+id, nil)
		static := w.portalCall(http.MethodPost, "/crm/v3/lists", map[string]any{"name": "Members", "objectTypeId": "0-1", "processingType": "MANUAL"})
		w.settleLists()
		_, err := w.TrySync()
		wantCode(t, err, engine.CodeSuspended)
		if !strings.Contains(err.Error(), `list "Members" is not an active list (INC-4)`) {
			t.Errorf("it does not say why: %v", err)
		}
		w.change(core.Lead, lead, "FirstName", "Meanwhile")
		_, err = w.TrySync()
		wantCode(t, err, engine.CodeSuspended)
		w.want(core.Contacts, in, "firstname", "")
		w.wantMate(in)
		w.portalCall(http.MethodDelete, "/crm/v3/lists/"+static["list"].(map[string]any)["listId"].(string), nil)
		w.portalCall(http.MethodPut, "/crm/v3/lists/"+id+"/restore", nil)
		w.settleLists()
		w.must(w.Engine.Resume(t.Context(), w.Conn))
		w.Sync()
		w.want(core.Contacts, in, "firstname", "Meanwhile")
		w.wantPersons(1, 0, 1)
	})
}

// listNamed is the id of a list of contacts.
func (w *World) listNamed(name string) string {
	w.T.Helper()
	return w.portalCall(http.MethodGet, "/crm/v3/lists/object-type-id/0-1/name/"+name, nil)["list"].(map[string]any)["listId"].(string)
}
