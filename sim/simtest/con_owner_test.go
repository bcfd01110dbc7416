package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/salesforcesim"
)

// ownedPeople is a world that maps the owner of people too.
func ownedPeople(t *testing.T, profile Option, change ...func(*config.Connection)) *staffed {
	t.Helper()
	owner := func(c *config.Connection) {
		c.Mappings["contact"] = append(c.Mappings["contact"], config.Mapping{HubSpot: "hubspot_owner_id", Salesforce: "OwnerId", Rule: "two_way"})
	}
	return withOwners(t, profile, people(append(change, owner)...))
}

// TestOWN2_OwnersOfPeoplePassBothWays maps OwnerId of leads and contacts to the owner of
// the HubSpot contact; the latest change wins (OWN-6).
func TestOWN2_OwnersOfPeoplePassBothWays(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := ownedPeople(t, profile)
		contact := w.made(core.Contact, "LastName", "Gray", "Email", "ada@x.com", "OwnerId", w.sam)
		lead := w.made(core.Lead, "LastName", "Brown", "Company", "Co", "Email", "bo@x.com", "OwnerId", w.rita)
		w.Sync()
		w.want(core.Contacts, w.wantMate(contact), "hubspot_owner_id", ownerSam)
		w.want(core.Contacts, w.wantMate(lead), "hubspot_owner_id", ownerRita)
		w.Advance(3 * time.Second)
		w.change(core.Contacts, w.wantMate(contact), "hubspot_owner_id", ownerRita)
		w.change(core.Contacts, w.wantMate(lead), "hubspot_owner_id", ownerSam)
		w.Sync()
		w.want(core.Contact, contact, "OwnerId", w.rita)
		w.want(core.Lead, lead, "OwnerId", w.sam)
		w.Advance(3 * time.Second)
		w.change(core.Contact, contact, "OwnerId", w.sam)
		w.Sync()
		w.want(core.Contacts, w.wantMate(contact), "hubspot_owner_id", ownerSam)
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestOWN1_OWN10_AQueueIsShownAndNeverSet names the queue that owns a lead in HubSpot; the
// way back is open to users alone.
func TestOWN1_OWN10_AQueueIsShownAndNeverSet(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := ownedPeople(t, profile)
		queue, err := w.Org.AddQueue(salesforcesim.Queue{Name: "Inbound North", Objects: []string{"Lead"}})
		w.must(err)
		w.Advance(time.Hour)
		lead := w.made(core.Lead, "LastName", "Brown", "Company", "Co", "Email", "bo@x.com", "OwnerId", queue)
		w.Sync()
		bo := w.wantMate(lead)
		w.want(core.Contacts, bo, "hubspot_owner_id", "")
		w.wantNote(core.Contacts, bo, queue, "Inbound North")
		w.wantNoIssues()
		w.change(core.Contacts, bo, "hubspot_owner_id", ownerAda) // OWN-4: nobody in Salesforce
		w.again()
		w.want(core.Lead, lead, "OwnerId", queue)
		w.Advance(3 * time.Second)
		w.change(core.Contacts, bo, "hubspot_owner_id", ownerSam)
		w.Sync()
		w.want(core.Lead, lead, "OwnerId", w.sam)
		w.wantNote(core.Contacts, bo, w.sam, "Sam Seller")
		w.wantStill(t)
	})
}

// TestOWN4_AnUnknownOwnerOfAPersonIsSetBack to the last one from Salesforce.
func TestOWN4_AnUnknownOwnerOfAPersonIsSetBack(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := ownedPeople(t, profile)
		contact := w.made(core.Contact, "LastName", "Gray", "Email", "ada@x.com", "OwnerId", w.sam)
		w.Sync()
		ada := w.wantMate(contact)
		for _, owner := range []string{ownerAda, ""} {
			w.Advance(3 * time.Second)
			w.change(core.Contacts, ada, "hubspot_owner_id", owner)
			w.Sync()
			w.want(core.Contacts, ada, "hubspot_owner_id", ownerSam)
			w.want(core.Contact, contact, "OwnerId", w.sam)
		}
		w.wantStill(t)
	})
}

// TestOWN6_OfAnExistingLeadSalesforcesOwnerCounts at the first meeting, and no
// assignment rule runs.
func TestOWN6_OfAnExistingLeadSalesforcesOwnerCounts(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := ownedPeople(t, profile)
		w.must(w.Org.SetAssignmentRule(salesforcesim.AssignmentRule{Object: "Lead", Owner: w.solo}))
		lead := w.made(core.Lead, "LastName", "Brown", "Company", "Co", "Email", "bo@x.com", "OwnerId", w.sam)
		w.Advance(time.Minute)
		bo := w.made(core.Contacts, "email", "bo@x.com", "lastname", "Brown", "hubspot_owner_id", ownerRita)
		w.Sync()
		if w.wantMate(lead) != bo {
			t.Fatal("the two are not linked")
		}
		w.want(core.Lead, lead, "OwnerId", w.sam)
		w.want(core.Contacts, bo, "hubspot_owner_id", ownerSam)
		w.Advance(3 * time.Second)
		w.change(core.Contacts, bo, "hubspot_owner_id", ownerRita)
		w.Sync()
		w.want(core.Lead, lead, "OwnerId", w.rita)
		w.wantStill(t)
	})
}

// TestOWN9_ANewContactGetsTheMatchedOwnerOrTheIntegrationUser or the fallback (LIM-17),
// which existing people never get.
func TestOWN9_ANewContactGetsTheMatchedOwnerOrTheIntegrationUser(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for name, row := range map[string]struct {
			owner, fallback string
			want            func(*staffed) string
		}{
			"matched":  {ownerRita, "", func(s *staffed) string { return s.rita }},
			"none":     {"", "", func(s *staffed) string { return s.integrationUser() }},
			"unknown":  {ownerAda, "", func(s *staffed) string { return s.integrationUser() }},
			"fallback": {ownerAda, "sam.seller@portal.example", func(s *staffed) string { return s.sam }},
		} {
			t.Run(name, func(t *testing.T) {
				w := ownedPeople(t, profile, becomesContact, func(c *config.Connection) { c.Owners.Fallback = row.fallback })
				existing := w.made(core.Contact, "LastName", "Gray", "Email", "ada@x.com", "OwnerId", w.solo)
				hs := w.made(core.Contacts, "email", "bo@x.com", "lastname", "Brown", "hubspot_owner_id", row.owner)
				w.Sync()
				w.want(core.Contact, w.wantMate(hs), "OwnerId", row.want(w))
				w.want(core.Contact, existing, "OwnerId", w.solo)
				w.wantStill(t)
			})
		}
	})
}

// TestPROP6_PROP7_PROP9_PROP12_NotesOfAPerson stand in HubSpot, and writing them is no change
// that anybody follows (PROP-12).
func TestPROP6_PROP7_PROP9_PROP12_NotesOfAPerson(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := ownedPeople(t, profile)
		account := w.account("Edge")
		contact := w.made(core.Contact, "LastName", "Gray", "Email", "ada@x.com", "AccountId", account, "OwnerId", w.solo)
		w.Sync()
		w.again()
		ada := w.wantMate(contact)
		w.wantNote(core.Contacts, ada, w.solo, "Solo Seller")
		w.want(core.Contacts, ada, "salesforceaccountid", account)
		if at := w.shown(core.Contacts, ada, "salesforcelastsynctime"); at == "" {
			t.Error("nothing says when the contact was written")
		}
		w.wantStill(t)
		bo := w.made(core.Contact, "LastName", "Blue", "Email", "bo@x.com")
		w.again()
		company := w.company("Later", w.wantMate(bo))
		w.again()
		w.again()
		if account := w.partner(company); account == "" || w.shown(core.Contacts, w.wantMate(bo), "salesforceaccountid") != account {
			t.Errorf("the account is %q, and HubSpot notes %q", account, w.shown(core.Contacts, w.wantMate(bo), "salesforceaccountid"))
		}
		w.change(core.Contact, contact, "AccountId", "")
		w.again()
		w.want(core.Contacts, ada, "salesforceaccountid", "")
		w.wantStill(t)
	})
}

// TestOWN3a_PROP9_TheOwnerOfWhatWeMadeIsNoted: whoever Salesforce gives a new lead is seen
// after it was made only, and nobody edits the lead for it.
func TestOWN3a_PROP9_TheOwnerOfWhatWeMadeIsNoted(t *testing.T) {
	for name, feed := range map[string]Option{"polled": func(*setup) {}, "events": events()} {
		t.Run(name, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := ownedPeople(t, func(s *setup) { profile(s); feed(s) })
				w.Sync()
				w.Advance(time.Minute)
				hs := w.made(core.Contacts, "email", "a@x.com", "lastname", "Gray", "company", "Co")
				w.again()
				lead := w.wantMate(hs)
				w.want(core.Contacts, hs, "salesforceownerid", w.shown(core.Lead, lead, "OwnerId"))
				if x := w.explainPerson(hs); x.Verdict != engine.InSync {
					t.Errorf("at rest explain says %s, would %v, pending %v", x.Verdict, x.Would, x.Pending)
				}
				w.wantStill(t)
			})
		})
	}
}

// TestOWN5_OWN10_TheQueueThatGotANewLeadIsNoted where an assignment rule gave it one.
func TestOWN5_OWN10_TheQueueThatGotANewLeadIsNoted(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := ownedPeople(t, profile)
		queue, err := w.Org.AddQueue(salesforcesim.Queue{Name: "Inbound", Objects: []string{"Lead"}})
		w.must(err)
		w.must(w.Org.SetAssignmentRule(salesforcesim.AssignmentRule{Object: "Lead", Owner: queue}))
		w.Advance(time.Hour)
		w.Sync()
		hs := w.made(core.Contacts, "email", "a@x.com", "lastname", "Gray", "company", "Co")
		w.again()
		w.want(core.Lead, w.wantMate(hs), "OwnerId", queue)
		w.want(core.Contacts, hs, "salesforceownername", "Inbound")
	})
}
