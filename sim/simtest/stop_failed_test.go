package simtest

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// TestI2_I12_ACreateBeforeARefusalOfTheOtherSideIsKept: Salesforce refuses to be told of the
// contact that was made for a lead, for the requests of the day are used up. The contact is known
// before there is another look, and a user who deletes it in between gets no second one.
func TestI2_I12_ACreateBeforeARefusalOfTheOtherSideIsKept(t *testing.T) {
	w := New(t, Settings(func(c *config.Connection) { c.Profile = config.Classic }), people())
	lead := w.made(core.Lead, "LastName", "Green", "Company", "Co", "Email", "ann@x.com")
	w.Advance(time.Minute)
	w.must(w.Org.AddFault(salesforcesim.Fault{Do: "status", Status: http.StatusForbidden, Match: salesforcesim.Match{Method: http.MethodPatch},
		Body: `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`}))
	_, _ = w.TrySync()
	w.Org.ClearFaults()
	made := w.contactsMadeFor(lead)
	if len(made) != 1 {
		t.Fatalf("%d contacts were made: %v", len(made), made)
	}
	if told := fmt.Sprintf("%+v", w.explainPerson(lead).History); !strings.Contains(told, made[0]) {
		t.Errorf("the history does not tell of contact %s: %s", made[0], told)
	}
	w.made(core.Contacts, "lastname", "Brown", "email", "bob@x.com") // a portal without people looks emptied
	w.must(w.Portal.As(admin).Archive("contacts", made[0]))
	w.Advance(24 * time.Hour)
	w.thrice()
	if again := w.contactsMadeFor(lead); len(again) != 1 {
		t.Errorf("a second contact was made: %v", again)
	}
}

// TestI2_I12_ACreateBeforeTheEndOfASyncIsKept: a sync is ended, as by a refusal that another
// batch met or with the process, after HubSpot answered what it made for an account. The company
// is known from then on, and a user who archives it gets no second one.
func TestI2_I12_ACreateBeforeTheEndOfASyncIsKept(t *testing.T) {
	for name, when := range map[string]func(side core.Side, r *http.Request) bool{
		"as HubSpot answers": func(side core.Side, _ *http.Request) bool { return side == core.HubSpot },
		"while Salesforce is told of it": func(side core.Side, r *http.Request) bool {
			return side == core.Salesforce && r.Method == http.MethodPatch
		},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t testing.TB) {
				w := newTrial(t)
				w.company("Old")
				account := w.account("Edge")
				w.endWhere(when)
				made := w.companiesMadeFor(account)
				if len(made) != 1 {
					t.Fatalf("%d companies were made: %v", len(made), made)
				}
				if told := fmt.Sprintf("%+v", w.Explain(account).History); !strings.Contains(told, made[0]) {
					t.Errorf("the history does not tell of company %s: %s", made[0], told)
				}
				w.must(w.Portal.As(admin).Archive("companies", made[0]))
				w.Advance(24 * time.Hour)
				w.heal()
				if again := w.companiesMadeFor(account); len(again) != 1 {
					t.Errorf("a second company was made: %v", again)
				}
			})
		})
	}
}

// endWhere syncs, and ends the sync at the first answer of this kind from the moment on at
// which HubSpot made a company.
func (w *trial) endWhere(when func(core.Side, *http.Request) bool) {
	w.T.Helper()
	ctx, end := context.WithCancel(context.Background())
	defer end()
	made := false
	w.Through(func(side core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		made = made || side == core.HubSpot && strings.HasSuffix(r.URL.Path, "/companies/batch/create")
		if made && when(side, r) {
			end()
		}
		return resp, err
	})
	if _, err := w.Engine.Once(ctx, w.Conn); err == nil {
		w.T.Fatal("the sync was not ended")
	}
	w.mend()
}

// companiesMadeFor are the companies that we made for an account.
func (w *World) companiesMadeFor(account string) (made []string) {
	for _, e := range w.Portal.Ledger() {
		if e.Op == "create" && e.Source == "INTEGRATION" && e.Object == "companies" && strings.Contains(e.Property, "_key_") && e.After == account {
			made = append(made, e.ID)
		}
	}
	return made
}

// contactsMadeFor are the contacts that we made for a record of Salesforce.
func (w *World) contactsMadeFor(id string) (made []string) {
	for _, e := range w.Portal.Ledger() {
		if e.Op == "create" && e.Source == "INTEGRATION" && e.Object == "contacts" && strings.Contains(e.Property, "_key_") && e.After == id {
			made = append(made, e.ID)
		}
	}
	return made
}
