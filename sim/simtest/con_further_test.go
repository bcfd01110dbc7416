package simtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// firstAddressOnly has HubSpot find contacts by their first addresses alone.
func firstAddressOnly(_ core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/objects/contacts/batch/read") {
		return next.RoundTrip(r)
	}
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	r.Body = io.NopCloser(bytes.NewReader(sent))
	resp, err := next.RoundTrip(r)
	if err != nil || !strings.Contains(string(sent), `"idProperty":"email"`) {
		return resp, err
	}
	var told map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&told); err != nil {
		return nil, err
	}
	results, _ := told["results"].([]any)
	told["results"] = slices.DeleteFunc(results, func(one any) bool {
		email, _ := one.(map[string]any)["properties"].(map[string]any)["email"].(string)
		return !strings.Contains(string(sent), `"`+email+`"`)
	})
	text, err := json.Marshal(told)
	return answerWith(r, resp.StatusCode, "application/json", string(text)), err
}

// TestDEDUP9_AFurtherAddressOfSomebodyElse keeps a partner from being made, and what keeps it
// is told before anything is sent, afterwards, and where HubSpot does not find contacts by
// their further addresses; once the address is free the person is made.
func TestDEDUP9_AFurtherAddressOfSomebodyElse(t *testing.T) {
	for name, finds := range map[string]bool{"found by it": true, "not found by it": false} {
		t.Run(name, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, people())
				if !finds {
					w.Through(firstAddressOnly)
				}
				hs := merged(w, false)
				w.Sync()
				lead := w.wantMate(hs)
				w.Advance(time.Minute)
				contact := w.made(core.Contact, "LastName", "Second", "Email", "s@x.com")
				if finds {
					w.wantInUse(contact, hs)
				}
				w.again()
				w.again()
				w.wantInUse(contact, hs)
				i := w.wantIssue(core.CategoryDuplicate, "email_already_in_use", "")
				if i.Ref.ID != contact || !strings.Contains(i.Message, hs) || i.Mend == "" {
					t.Errorf("the issue is %+v", i)
				}
				w.wantPersons(1, 1, 1)
				w.wantStill(t)
				w.must(w.Portal.As(admin).Update("contacts", hs, map[string]string{"hs_additional_emails": ""}))
				w.Advance(31 * time.Minute)
				w.again()
				w.want(core.Contacts, w.wantMate(contact), "email", "s@x.com")
				if w.wantMate(hs) != lead {
					t.Error("the link of the other person moved")
				}
				w.wantNoIssues()
			})
		})
	}
}

// wantInUse wants explain to say of a person that the address is somebody's further one, and
// to foretell nothing.
func (w *World) wantInUse(id, holder string) {
	w.T.Helper()
	x := w.explainPerson(id)
	if lastRule(x) != "DEDUP-9" || x.Verdict != engine.Blocked || len(x.Would) != 0 || x.Mend == "" || !strings.Contains(x.Rules[len(x.Rules)-1].Facts["holder"], holder) {
		w.T.Errorf("explain %s: verdict %s, would %v, mend %q, rules %+v", id, x.Verdict, x.Would, x.Mend, x.Rules)
	}
}

// TestCON4_MAP6_TheFirstAddressStaysWhereAFurtherOneMatched, by every rule, since both are
// the person's own; what is edited on either side from then on passes by the rule.
func TestCON4_MAP6_TheFirstAddressStaysWhereAFurtherOneMatched(t *testing.T) {
	for _, rule := range []string{"two_way", "prefer_salesforce", "always_salesforce"} {
		t.Run(rule, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				var hs string
				w := New(t, profile, people(func(c *config.Connection) { c.Mappings["contact"][0].Rule = rule }), Before(func(w *World) {
					hs = merged(w, false)
					w.Advance(time.Hour)
				}))
				contact := w.made(core.Contact, "LastName", "Second", "Email", "S@x.com")
				if x := w.explainPerson(contact); x.Verdict != engine.Pending || x.Would["hubspot"] != "update lastname" {
					t.Errorf("foretold: %s %v %+v", x.Verdict, x.Would, x.Rules)
				}
				w.again()
				w.again()
				if w.wantMate(contact) != hs {
					t.Fatalf("linked with %s, want %s", w.mate(contact), hs)
				}
				w.want(core.Contacts, hs, "email", "p@x.com")
				w.want(core.Contacts, hs, "hs_additional_emails", "s@x.com")
				w.want(core.Contact, contact, "Email", "S@x.com")
				w.want(core.Contacts, hs, "lastname", "Second")
				w.wantStill(t)
				w.sweepAll()
				w.want(core.Contacts, hs, "email", "p@x.com")
				x := w.explainPerson(contact)
				for _, f := range x.Fields {
					if f.HubSpot == "email" && (!f.InSync || f.Salesforce != "Email") {
						t.Errorf("explained as %+v", f)
					}
				}
				w.change(core.Contact, contact, "Title", "Boss")
				w.again()
				w.want(core.Contacts, hs, "email", "p@x.com")
				w.change(core.Contact, contact, "Email", "n@x.com")
				w.again()
				w.want(core.Contacts, hs, "email", "n@x.com")
				w.want(core.Contacts, hs, "hs_additional_emails", "s@x.com")
				w.wantNoIssues()
			})
		})
	}
}

// TestCON4_MAP6_ANewFirstAddressPasses to Salesforce, as where the two were alike.
func TestCON4_MAP6_ANewFirstAddressPasses(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var hs string
		w := New(t, profile, people(), Before(func(w *World) {
			hs = merged(w, false)
			w.Advance(time.Hour)
		}))
		contact := w.made(core.Contact, "LastName", "Second", "Email", "s@x.com")
		w.again()
		w.again()
		w.wantMate(contact)
		w.change(core.Contacts, hs, "email", "q@x.com")
		w.again()
		w.want(core.Contact, contact, "Email", "q@x.com")
		w.want(core.Contacts, hs, "email", "q@x.com")
		w.wantStill(t)
	})
}

// TestCON4_AFurtherAddressFindsThePersonBeforeALeadIsMade: somebody of Salesforce who has a
// further address of a HubSpot contact is its partner, whichever of the two is looked at
// first, by an import or by an edit; a lead beside them would be a duplicate.
func TestCON4_AFurtherAddressFindsThePersonBeforeALeadIsMade(t *testing.T) {
	for name, sides := range map[string][]core.Side{"imported from both": core.Sides[:], "imported from HubSpot": {core.HubSpot}, "imported from Salesforce": {core.Salesforce}, "edited in HubSpot": nil} {
		t.Run(name, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				var hs, contact string
				w := New(t, profile, people(), Before(func(w *World) {
					hs, contact = merged(w, false), w.made(core.Contact, "LastName", "Second", "Email", "s@x.com")
					w.Advance(time.Hour)
				}))
				w.Sync()
				if sides == nil {
					w.change(core.Contacts, hs, "jobtitle", "Boss")
				} else {
					w.importPeople(engine.ImportArgs{Sides: sides})
				}
				w.again()
				w.wantPersons(0, 1, 1)
				if w.wantMate(contact) != hs {
					t.Errorf("the contact is linked with %s, want %s", w.mate(contact), hs)
				}
				w.want(core.Contacts, hs, "email", "p@x.com")
				w.want(core.Contact, contact, "Email", "s@x.com")
				w.wantNoIssues()
				w.wantStill(t)
			})
		})
	}
}

// TestCON4_TheFirstAddressGoesBeforeAFurtherOne where both have somebody in Salesforce.
func TestCON4_TheFirstAddressGoesBeforeAFurtherOne(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var hs, first string
		w := New(t, profile, people(), Before(func(w *World) {
			hs = merged(w, false)
			w.made(core.Contact, "LastName", "Second", "Email", "s@x.com")
			w.Advance(time.Hour)
			first = w.made(core.Lead, "LastName", "First", "Company", "Co", "Email", "p@x.com")
			w.Advance(time.Hour)
		}))
		w.Sync()
		w.importPeople(engine.ImportArgs{Sides: core.Sides[:]})
		w.again()
		w.wantPersons(1, 1, 1)
		if w.wantMate(first) != hs {
			t.Errorf("the lead is linked with %s, want %s", w.mate(first), hs)
		}
	})
}
