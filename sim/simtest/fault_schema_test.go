package simtest

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// TestS2_AnOptionThatIsAddedWhileServingPasses without a restart by a person.
func TestS2_AnOptionThatIsAddedWhileServingPasses(t *testing.T) {
	inBubble(t, func(t testing.TB) {
		w := newTrial(t, tiers())
		account, company := w.linked("Edge")
		w.serveUntilSchemaChanges(func() {
			time.Sleep(2 * time.Minute)
			w.must(w.Org.AddField(salesforcesim.FieldSpec{Object: "Account", Name: "Tier", Label: "Tier", Type: "Picklist", Values: []string{"Gold", "Silver", "Bronze"}, Restricted: true}))
			w.tierOptions("Gold", "Gold", "Silver", "Silver", "Bronze", "Bronze")
			w.editCompany(company, "tier", "Bronze")
		})
		w.heal()
		w.wantValues(account, "Tier__c", "Bronze", company, "tier", "Bronze")
	})
}

// tierOptions gives the property tier other options: the label and the value of each.
func (w *World) tierOptions(labelled ...string) {
	w.T.Helper()
	var options []map[string]any
	for i := 0; i+1 < len(labelled); i += 2 {
		options = append(options, map[string]any{"label": labelled[i], "value": labelled[i+1], "displayOrder": i})
	}
	w.portalCall(http.MethodPatch, "/crm/v3/properties/companies/tier", map[string]any{"options": options})
}

// TestS3_AFieldOfAnotherTypeClearsNothing: a type that cannot hold them loses the values of
// its own side, which is nobody's wish to clear them on the other. It is told.
func TestS3_AFieldOfAnotherTypeClearsNothing(t *testing.T) {
	for name, becomes := range map[string]func(w *trial){
		"in Salesforce": func(w *trial) {
			w.must(w.Org.AddField(salesforcesim.FieldSpec{Object: "Account", Name: "Motto", Label: "Motto", Type: "Number", Precision: 10}))
		},
		"in HubSpot": func(w *trial) {
			w.portalCall(http.MethodDelete, "/crm/v3/properties/companies/motto", nil)
			time.Sleep(time.Second)
			w.property("motto", "number", "number")
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t testing.TB) {
				w := newTrial(t, mottos())
				account, company := w.linked("Edge", "Motto__c", "12 or so")
				w.serveUntilSchemaChanges(func() {
					time.Sleep(2 * time.Minute)
					becomes(w)
					w.editAccount(account, "Name", "Edge 2")
				})
				_, err := w.syncFor(time.Hour)
				w.must(err)
				w.wantValues(account, "Name", "Edge 2", company, "name", "Edge 2")
				if sf, hs := w.accountValue(account, "Motto__c"), w.companyValue(company, "motto"); sf != "12 or so" && hs != "12 or so" {
					t.Errorf("the value is gone from both sides: %q and %q", sf, hs)
				}
				if len(w.Conn.Problems)+len(w.issues()) == 0 {
					t.Error("nothing tells that a field has another type")
				}
			})
		})
	}
}

// TestS9_AFieldThatBecameUniqueIsAnIssueThatNamesBothRecords: nothing is merged or taken
// from the other one, and the pair passes once its value is free.
func TestS9_AFieldThatBecameUniqueIsAnIssueThatNamesBothRecords(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, mottos())
		account, company := w.linked("Edge")
		other, mate := w.linked("Other", "Motto__c", "taken")
		unique := motto(40)
		unique.Unique = true
		w.must(w.Org.AddField(unique))
		w.editCompany(company, "motto", "taken")
		w.Sync()
		issue := w.wantIssue(core.CategoryDuplicate, "duplicate_value", "")
		if issue.Ref.ID != company || len(issue.Candidates) != 1 || issue.Candidates[0].ID != other || issue.Mend == "" {
			t.Errorf("the issue does not name both records and the mend: %+v", issue)
		}
		w.wantValues(other, "Motto__c", "taken", mate, "motto", "taken")
		w.editCompany(company, "motto", "free")
		w.Advance(31 * time.Minute)
		w.Sync()
		w.wantNoIssues()
		w.wantValues(account, "Motto__c", "free", company, "motto", "free")
	})
}

// TestS11_AVersionThatTheOrgRetiresStopsBothSides with one message.
func TestS11_AVersionThatTheOrgRetiresStopsBothSides(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w, ps := inStep(t)
		w.editAccount(ps[0].account, "Name", "Renamed")
		w.editCompany(ps[1].company, "city", "Town")
		before := len(w.writes())
		w.Through(func(s core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
			if s == core.Salesforce && strings.HasPrefix(r.URL.Path, "/services/data/v") {
				return answerWith(r, http.StatusGone, "application/json", `[{"errorCode":"UNSUPPORTED_API_VERSION","message":"This version is no longer available."}]`), nil
			}
			return next.RoundTrip(r)
		})
		_, err := w.syncFor(time.Hour)
		w.oneMessage(err, before, "version")
		w.nothingRemoved()
		w.heal()
		w.settledAfter(1)
	})
}

// TestS12_AnOptionIsKnownByItsValue: its label says nothing, not even where it is now that
// of another option.
func TestS12_AnOptionIsKnownByItsValue(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, tiers())
		account, company := w.linked("Edge", "Tier__c", "Gold")
		w.tierOptions("Silver", "Gold", "Gold", "Silver", "Lead", "Lead")
		w.Restart()
		at := w.Now()
		w.settle()
		w.wantValues(account, "Tier__c", "Gold", company, "tier", "Gold")
		if n := w.ours(at); n != [2]int{} {
			t.Errorf("%v writes for another label", n)
		}
		w.editCompany(company, "tier", "Silver")
		w.Sync()
		w.wantValues(account, "Tier__c", "Silver", company, "tier", "Silver")
	})
}

// TestD2_HalfACharacterIsReplacedAndComesToRest: JSON can name half of a pair of surrogates,
// which is no character.
func TestD2_HalfACharacterIsReplacedAndComesToRest(t *testing.T) {
	for _, side := range core.Sides {
		t.Run(side.String(), func(t *testing.T) {
			w := New(t)
			account, company := w.linked("Edge")
			w.Through(func(s core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
				resp, err := next.RoundTrip(r)
				if s != side || err != nil {
					return resp, err
				}
				body, err := io.ReadAll(resp.Body)
				resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(bytes.ReplaceAll(body, []byte("HALF"), []byte(`\ud800`)))), -1
				return resp, err
			})
			edit := map[core.Side]func(){core.Salesforce: func() { w.editAccount(account, "Name", "Edge HALF") }, core.HubSpot: func() { w.editCompany(company, "name", "Edge HALF") }}
			edit[side]()
			w.Sync()
			got := [2]string{core.Salesforce: w.companyValue(company, "name"), core.HubSpot: w.accountValue(account, "Name")}
			if got[side] != "Edge \ufffd" {
				t.Errorf("the other side shows %q", got[side])
			}
			w.wantIdle()
		})
	}
}
