package simtest

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
)

// TestN4_I4_AnEditBeforeALateCreateStands: a user changes the source of a record while its
// create is on its way, whose answer is lost. The record is newer than the edit, and what it
// shows is older, whether it is found at once or by a later sync.
func TestN4_I4_AnEditBeforeALateCreateStands(t *testing.T) {
	for name, cutOff := range map[string]bool{"found at once": false, "found by a later sync": true} {
		t.Run("company "+name, func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w := newTrial(t)
				account := w.account("Edge", "BillingCity", "Bern")
				w.editAccount(account, "NumberOfEmployees", 7)
				w.lateCreate(core.HubSpot, cutOff, func() {
					w.editAccount(account, "BillingCity", "Paris")
					w.editAccount(account, "NumberOfEmployees", nil)
				})
				w.wantEdited(account, w.partner(account))
			})
		})
		t.Run("account "+name, func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w := newTrial(t)
				company := w.company("Edge", w.person("P", "p@edge.com"))
				w.editCompany(company, "city", "Bern")
				w.editCompany(company, "numberofemployees", "7")
				w.lateCreate(core.Salesforce, cutOff, func() {
					w.editCompany(company, "city", "Paris")
					w.editCompany(company, "numberofemployees", "")
				})
				w.wantEdited(w.partner(company), company)
			})
		})
	}
}

// TestN4_I4_AnEditOfAPersonBeforeALateCreateStands is the same of people, whose create may
// become a lead or a contact.
func TestN4_I4_AnEditOfAPersonBeforeALateCreateStands(t *testing.T) {
	person := map[core.Object][]string{
		core.Lead:     {"LastName", "Green", "Company", "Co", "Email", "ann@x.com", "FirstName", "Ann", "City", "Bern"},
		core.Contacts: {"lastname", "Green", "company", "Co", "email", "ann@x.com", "firstname", "Ann", "city", "Bern"},
	}
	for source, made := range map[core.Object]core.Object{core.Lead: core.Contacts, core.Contacts: core.Lead} {
		for when, cutOff := range map[string]bool{"found at once": false, "found by a later sync": true} {
			t.Run(string(made)+" "+when, func(t *testing.T) {
				bubble(t, func(t testing.TB) {
					w := newTrial(t, people())
					fields := person[source]
					first, city := fields[6], fields[8]
					id := w.made(source, fields...)
					side := core.Salesforce
					if inPortal(made) {
						side = core.HubSpot
					}
					w.lateCreate(side, cutOff, func() {
						w.change(source, id, city, "Paris")
						w.change(source, id, first, "")
					})
					w.want(source, id, city, "Paris")
					w.want(source, id, first, "")
					w.want(made, w.mate(id), person[made][8], "Paris")
					w.want(made, w.mate(id), person[made][6], "")
					w.nothingLost()
				})
			})
		}
	}
}

// lateCreate syncs while the first create on a side arrives after an edit and loses its
// answer, and heals. A side that is cut off answers nothing from then on.
func (w *trial) lateCreate(side core.Side, cutOff bool, edit func()) {
	w.T.Helper()
	sent := false
	w.Through(func(of core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		switch {
		case of != side:
		case !sent && r.Method == http.MethodPost && (strings.HasSuffix(r.URL.Path, "/batch/create") || strings.HasSuffix(r.URL.Path, "/composite/sobjects")):
			sent = true
			edit()
			time.Sleep(10 * time.Second) // more than clocks are doubted by
			if resp, err := next.RoundTrip(r); err == nil {
				_ = resp.Body.Close()
			}
			return nil, errLost
		case sent && cutOff:
			return nil, errLost
		}
		return next.RoundTrip(r)
	})
	_, _ = w.syncFor(time.Hour)
	w.heal()
	if !sent {
		w.T.Fatal("nothing was made")
	}
}

var errLost = errors.New("read tcp: connection reset by peer")

// wantEdited: what the user made of the source stands on both sides, and nothing was lost.
func (w *trial) wantEdited(account, company string) {
	w.T.Helper()
	w.wantValues(account, "BillingCity", "Paris", company, "city", "Paris")
	w.wantValues(account, "NumberOfEmployees", "", company, "numberofemployees", "")
	w.nothingLost()
}

// nothingLost: all is in step, and no value lost to another one.
func (w *trial) nothingLost() {
	w.T.Helper()
	if lost := w.lost(); len(lost) > 0 {
		w.T.Errorf("the conflict log holds %+v", lost)
	}
	w.settled()
	wantNoIssues(w.T, w)
}
