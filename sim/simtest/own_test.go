package simtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// The portal's own staff: Sam and Rita have users in Salesforce, Ada has none.
const (
	ownerAda  = "41629779"
	ownerSam  = "41629780"
	ownerRita = "41629781"
)

// staffed is a world that maps the owner, with the users of the people named.
type staffed struct {
	*World
	sam, rita, solo string // ids of the users; Solo works in Salesforce alone
}

func withOwners(t *testing.T, more ...Option) *staffed {
	t.Helper()
	s := &staffed{}
	opts := append([]Option{Mappings(config.Mapping{HubSpot: "name", Salesforce: "Name", Rule: "two_way"}, config.Mapping{HubSpot: "hubspot_owner_id", Salesforce: "OwnerId", Rule: "two_way"}),
		Before(func(w *World) {
			s.sam = w.user("Sam", "Seller", "SAM.seller@portal.example")
			s.rita = w.user("Rita", "Rep", "rita.rep@portal.example")
			s.solo = w.user("Solo", "Seller", "solo@org.example")
		})}, more...)
	s.World = New(t, opts...)
	return s
}

func (w *World) user(first, last, email string) string {
	w.T.Helper()
	return w.userNamed(first, last, email, first+"@users.example")
}

func (w *World) userNamed(first, last, email, username string) string {
	w.T.Helper()
	id, err := w.Org.AddUser(salesforcesim.UserSpec{FirstName: first, LastName: last, Email: email, Username: username})
	w.must(err)
	return id
}

func (s *staffed) wantOwners(account, company, user, owner string) {
	s.T.Helper()
	s.wantValues(account, "OwnerId", user, company, "hubspot_owner_id", owner)
}

func TestMAP8_OWN2_OwnersPassBothWays(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		s := withOwners(t, profile)
		account, company := s.linked("Edge", "OwnerId", s.sam)
		s.wantOwners(account, company, s.sam, ownerSam)
		s.editCompany(company, "hubspot_owner_id", ownerRita)
		s.Sync()
		s.wantOwners(account, company, s.rita, ownerRita)
		s.Advance(3 * time.Second)
		s.editAccount(account, "OwnerId", s.sam)
		s.Sync()
		s.wantOwners(account, company, s.sam, ownerSam)
		s.wantNoIssues()
	})
}

// TestOWN3a_ASalesforceOwnerWithoutPartnerIsANote is no issue of anybody: HubSpot's owner
// stays, and HubSpot shows who it is.
func TestOWN3a_ASalesforceOwnerWithoutPartnerIsANote(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		s := withOwners(t, profile)
		account, company := s.linked("Edge", "OwnerId", s.sam)
		s.wantNote(core.Companies, company, s.sam, "Sam Seller")
		s.editAccount(account, "OwnerId", s.solo)
		s.editAccount(account, "Name", "Edge Two")
		s.Sync()
		s.wantOwners(account, company, s.solo, ownerSam)
		s.wantNote(core.Companies, company, s.solo, "Solo Seller")
		if got := s.companyValue(company, "name"); got != "Edge Two" {
			t.Errorf("LIM-23: the name did not pass beside the owner: %q", got)
		}
		s.wantNoIssues()
		if x := s.Explain(company); x.Verdict != engine.InSync || !x.Fields[1].InSync {
			t.Errorf("verdict %s, fields %+v", x.Verdict, x.Fields)
		} else if got := x.Fields[1].Words(); got != "left apart" {
			t.Errorf("an owner whom HubSpot does not know is shown as %q", got)
		}
		s.wantStill(t)
		s.editAccount(account, "OwnerId", s.rita)
		s.Sync()
		s.wantOwners(account, company, s.rita, ownerRita)
		s.wantNote(core.Companies, company, s.rita, "Rita Rep")
		s.wantNoIssues()
	})
}

func (w *World) wantNote(object core.Object, id, owner, name string) {
	w.T.Helper()
	w.want(object, id, "salesforceownerid", owner)
	w.want(object, id, "salesforceownername", name)
}

func TestOWN4_AnOwnerThatSalesforceDoesNotKnowIsSetBack(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for name, owner := range map[string]string{"no user": ownerAda, "OWN-8 cleared": ""} {
			t.Run(name, func(t *testing.T) {
				s := withOwners(t, profile)
				account, company := s.linked("Edge", "OwnerId", s.sam)
				s.editCompany(company, "hubspot_owner_id", owner)
				s.Sync()
				s.wantOwners(account, company, s.sam, ownerSam)
				if got := s.conflicts(); len(got) != 1 || !strings.Contains(string(got[0].Body), "OWN-") {
					t.Errorf("I4: the conflict log has %d entries", len(got))
				}
			})
		}
	})
}

func TestOWN3_AnInactiveUserOwnsNothing(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		s := withOwners(t, profile)
		account, company := s.linked("Edge", "OwnerId", s.sam)
		s.must(s.Org.As(admin).Update("User", s.rita, map[string]any{"IsActive": false}))
		s.Advance(time.Hour)
		s.editCompany(company, "hubspot_owner_id", ownerRita)
		s.Sync()
		s.wantOwners(account, company, s.sam, ownerSam)
		s.wantNoIssues()
	})
}

// TestOWN3a_AnOwnerDeactivatedInHubSpotIsANote as somebody is whom HubSpot never knew, on
// records that are there and on new ones; the fallback owner stands in for him on these.
func TestOWN3a_AnOwnerDeactivatedInHubSpotIsANote(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for name, row := range map[string]struct{ fallback, made string }{"": {}, "LIM-17 fallback": {"sam.seller@portal.example", ownerSam}} {
			t.Run(name, func(t *testing.T) {
				s := withOwners(t, profile, Settings(func(c *config.Connection) { c.Owners.Fallback = row.fallback }))
				account, company := s.linked("Edge", "OwnerId", s.sam)
				s.must(s.Portal.Configure(hubspotsim.Settings{DeactivateOwner: ownerRita}))
				s.Advance(time.Hour)
				s.editAccount(account, "OwnerId", s.rita)
				made := s.account("New", "OwnerId", s.rita)
				s.Sync()
				s.wantOwners(account, company, s.rita, ownerSam)
				s.wantNote(core.Companies, company, s.rita, "Rita Rep")
				s.want(core.Companies, s.partner(made), "hubspot_owner_id", row.made)
				s.wantNote(core.Companies, s.partner(made), s.rita, "Rita Rep")
				s.wantNoIssues()
				x := s.Explain(company)
				if got := x.Fields[1].Words(); x.Verdict != engine.InSync || got != "left apart" {
					t.Errorf("verdict %s, and the owner is %q", x.Verdict, got)
				}
				if said := fmt.Sprint(x.Rules); !strings.Contains(said, "OWN-3a") || !strings.Contains(said, "no active owner") {
					t.Errorf("explain says %s", said)
				}
				s.wantStill(t)
			})
		}
	})
}

func TestOWN7_NewAccountsGetTheMatchedOwnerOrTheIntegrationUser(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, tt := range []struct {
			name, fallback, owner string
			want                  func(*staffed) string
		}{
			{"matched", "", ownerRita, func(s *staffed) string { return s.rita }},
			{"not matched", "", ownerAda, func(s *staffed) string { return s.integrationUser() }},
			{"LIM-17 fallback", "sam.seller@portal.example", ownerAda, func(s *staffed) string { return s.sam }},
			{"none", "", "", func(s *staffed) string { return s.integrationUser() }},
		} {
			t.Run(tt.name, func(t *testing.T) {
				s := withOwners(t, profile, Settings(func(c *config.Connection) { c.Owners.Fallback, c.Companies.CreateAccount = tt.fallback, "always" }))
				company := s.company("New")
				if tt.owner != "" {
					s.editCompany(company, "hubspot_owner_id", tt.owner)
				}
				s.Sync()
				account := s.partner(company)
				if account == "" {
					t.Fatalf("no account was made: %+v", s.Explain(company))
				}
				if got := s.accountValue(account, "OwnerId"); got != tt.want(s) {
					t.Errorf("the account's owner is %s, want %s", got, tt.want(s))
				}
			})
		}
	})
}

func (w *World) integrationUser() string { return w.Conn.Accounts[core.Salesforce].UserID }

func TestOWN7_ExistingPairsHonourSalesforceFirst(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var account, company string
		s := withOwners(t, profile, Before(func(w *World) {
			w.property("salesforceaccountid", "string", "text")
			users, err := w.Org.As(admin).Query("SELECT Id FROM User WHERE FirstName = 'Sam'")
			w.must(err)
			account, company = w.account("Edge", "OwnerId", users[0]["Id"].(string)), w.company("Edge")
			w.editCompany(company, "salesforceaccountid", account)
			w.Advance(time.Hour)
		}))
		s.editCompany(company, "hubspot_owner_id", ownerRita)
		s.Sync()
		s.wantOwners(account, company, s.sam, ownerSam)
	})
}

func TestOWN_NewOwnersAreSeenWithoutARestart(t *testing.T) {
	s := withOwners(t)
	account, company := s.linked("Edge", "OwnerId", s.sam)
	s.Advance(2 * time.Minute)
	ada := s.user("Ada", "Admin", "ada.admin@portal.example")
	s.editAccount(account, "OwnerId", ada)
	s.Sync()
	s.wantOwners(account, company, ada, ownerAda)
}

func TestLIM17_OwnersMapPairsOwners(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		s := withOwners(t, profile, Settings(func(c *config.Connection) {
			c.Owners.Map = map[string]string{"solo@org.example": "ada.admin@portal.example"}
		}))
		account, company := s.linked("Edge", "OwnerId", s.solo)
		s.wantOwners(account, company, s.solo, ownerAda)
		s.editCompany(company, "hubspot_owner_id", ownerRita)
		s.Sync()
		s.wantOwners(account, company, s.rita, ownerRita)
	})
}

// TestLIM17_UsersWithOneAddress are one owner in HubSpot: both records show him, and stay with
// whoever has them; the way back is open to the one whom the map names. It is said where none is.
func TestLIM17_UsersWithOneAddress(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for name, mapped := range map[string]bool{"settled by id": false, "LIM-17 settled by the map": true} {
			t.Run(name, func(t *testing.T) {
				var twin string
				byID := map[string]string{}
				s := withOwners(t, profile, Settings(func(c *config.Connection) { c.Owners.Map = byID }), Before(func(w *World) {
					if twin = w.userNamed("Sam", "Seller", "sam.seller@portal.example", "twin@users.example"); mapped {
						byID[twin] = "sam.seller@portal.example"
					}
				}))
				want := min(s.sam, twin)
				if mapped {
					want = twin
				}
				if said := fmt.Sprint(s.Conn.Problems); strings.Contains(said, "2 active users") == mapped {
					t.Errorf("problems %s", said)
				}
				first, shown := s.linked("Edge", "OwnerId", s.sam)
				second, shownToo := s.linked("Other", "OwnerId", twin)
				s.wantOwners(first, shown, s.sam, ownerSam)
				s.wantOwners(second, shownToo, twin, ownerSam)
				for _, owner := range []string{ownerRita, ownerSam} {
					s.Advance(3 * time.Second)
					s.editCompany(shown, "hubspot_owner_id", owner)
					s.Sync()
				}
				s.wantOwners(first, shown, want, ownerSam)
				s.wantOwners(second, shownToo, twin, ownerSam)
				s.wantNoIssues()
				s.wantStill(t)
				pairs, err := s.Engine.Owners(t.Context(), s.Conn)
				s.must(err)
				for _, p := range pairs {
					if sf := p.Salesforce; sf != nil && (sf.ID == s.sam || sf.ID == twin) && strings.Contains(p.Note, "another user") == (sf.ID == want) {
						t.Errorf("of %s it says %q", sf.ID, p.Note)
					}
				}
			})
		}
	})
}

func TestOWN_WithoutTheRightToSeeOwnersTheRestSyncs(t *testing.T) {
	s := withOwners(t, Before(func(w *World) {
		w.must(w.Portal.Configure(hubspotsim.Settings{RemoveScopes: []string{"crm.objects.owners.read"}}))
	}))
	account, company := s.linked("Edge", "OwnerId", s.sam)
	s.wantValues(account, "Name", "Edge", company, "name", "Edge")
	if len(s.Conn.Problems) != 1 || !strings.Contains(s.Conn.Problems[0].Mend, "crm.objects.owners.read") {
		t.Errorf("problems %+v", s.Conn.Problems)
	}
	if got := s.Explain(account).Verdict; got != engine.InSync {
		t.Errorf("verdict %s", got)
	}
}
