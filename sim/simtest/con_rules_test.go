package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/salesforcesim"
)

// TestSET7_PeopleSyncWithoutCompanies: each object has its own switch, and nobody looks
// at an account then.
func TestSET7_PeopleSyncWithoutCompanies(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(func(c *config.Connection) { c.Companies.Sync = false }))
		account := w.account("Edge")
		contact := w.made(core.Contact, "LastName", "Ann", "Email", "ann@edge.com", "AccountId", account)
		hs := w.made(core.Contacts, "email", "bea@edge.com", "lastname", "Bea", "company", "Edge")
		w.company("Edge", hs)
		w.Sync()
		w.wantMate(contact)
		w.wantMate(hs)
		w.wantPersons(1, 1, 2)
		if w.companyCount() != 1 || w.accounts() != 1 {
			t.Errorf("%d companies, %d accounts", w.companyCount(), w.accounts())
		}
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestSET2_SwitchedOffPeopleAreOnlyLinked: nothing of their fields passes, and nobody is
// made; switched on later, who existed then stays away.
func TestSET2_SwitchedOffPeopleAreOnlyLinked(t *testing.T) {
	w := New(t, people(func(c *config.Connection) { c.Contacts.Sync = false }), Before(func(w *World) {
		w.settings.Contacts.Sync = true
		w.ensure()
		w.settings.Contacts.Sync = false
	}))
	contact := w.made(core.Contact, "LastName", "Ann", "Email", "ann@edge.com", "MailingCity", "Voss")
	hs := w.made(core.Contacts, "email", "ann@edge.com", "lastname", "Anna")
	alone := w.made(core.Contact, "LastName", "Alone", "Email", "alone@edge.com")
	w.Sync()
	if w.wantMate(contact) != hs {
		t.Error("the two are not linked")
	}
	w.want(core.Contacts, hs, "city", "")
	w.want(core.Contacts, hs, "lastname", "Anna")
	w.Advance(time.Hour)
	w.Restart(func(c *config.Connection) { c.Contacts.Sync = true })
	w.again()
	w.wantLonely(alone, "CON-1")
	w.change(core.Contact, contact, "FirstName", "Ann")
	w.change(core.Contact, alone, "FirstName", "Al")
	w.again()
	w.want(core.Contacts, hs, "city", "Voss")
	w.want(core.Contacts, hs, "lastname", "Ann")
	w.wantMate(alone)
}

// TestMAP6_TheLaterEditOfAPersonWins where both sides changed a field, and the other
// value stands in the conflict log.
func TestMAP6_TheLaterEditOfAPersonWins(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		lead := w.made(core.Lead, "LastName", "Brown", "Company", "Co", "Email", "bo@y.com")
		w.Sync()
		hs := w.wantMate(lead)
		for _, later := range []core.Object{core.Lead, core.Contacts} {
			w.Advance(10 * time.Second)
			sf, portal := "Lead "+string(later), "Portal "+string(later)
			edits := []func(){func() { w.change(core.Contacts, hs, "company", portal) }, func() { w.change(core.Lead, lead, "Company", sf) }}
			want, lost := sf, portal
			if later == core.Contacts {
				edits[0], edits[1] = edits[1], edits[0]
				want, lost = portal, sf
			}
			edits[0]()
			w.Advance(10 * time.Second)
			edits[1]()
			w.again()
			w.want(core.Lead, lead, "Company", want)
			w.want(core.Contacts, hs, "company", want)
			if got := w.conflictValues(); len(got) == 0 || got[len(got)-1] != lost && got[0] != lost {
				t.Errorf("conflicts %v, want %q among them", got, lost)
			}
		}
	})
}

// TestDEDUP2_DEDUP3_OfSeveralOneGetsAPartner: the contact before the lead, then the oldest, and
// for good (LIM-6, IMP-3).
func TestDEDUP2_DEDUP3_OfSeveralOneGetsAPartner(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		lead := w.made(core.Lead, "LastName", "Twin", "Company", "Co", "Email", "twin@x.com")
		contact := w.made(core.Contact, "LastName", "Twin", "Email", "twin@x.com")
		w.made(core.Contact, "LastName", "Third", "Email", "twin@x.com")
		w.Sync()
		w.again()
		w.wantPersons(1, 2, 1)
		if w.mate(contact) == "" || w.mate(lead) != "" {
			t.Errorf("contact is linked with %q, lead with %q", w.mate(contact), w.mate(lead))
		}
		w.change(core.Lead, lead, "City", "Oslo")
		w.again()
		w.wantPersons(1, 2, 1)
		if w.mate(lead) != "" {
			t.Error("the link jumped to the lead")
		}
	})
}

// TestDEDUP8_ADuplicateRuleBlocksThePerson: an issue, and nobody is made.
func TestDEDUP8_ADuplicateRuleBlocksThePerson(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		w.must(w.Org.AddDuplicateRule(salesforcesim.DuplicateRule{Object: "Lead", Fields: []string{"LastName"}, Action: "block"}))
		w.made(core.Lead, "LastName", "Same", "Company", "Co", "Email", "one@x.com")
		hs := w.made(core.Contacts, "email", "two@x.com", "lastname", "Same", "company", "Co")
		w.Sync()
		if w.mate(hs) != "" {
			t.Error("made against the rule")
		}
		found := false
		for _, i := range w.openIssues() {
			found = found || i.Category == core.CategoryDuplicate && i.Ref.ID == hs
		}
		if !found {
			t.Errorf("issues %+v, want a duplicate rule", w.openIssues())
		}
	})
}

// TestOWN5_AssignmentRulesGiveANewLeadItsOwner where the contact's owner has no
// partner; a matched one is honoured (OWN-9: a contact gets the integration user).
func TestOWN5_AssignmentRulesGiveANewLeadItsOwner(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := withOwners(t, profile, people(func(c *config.Connection) {
			c.Mappings["contact"] = append(c.Mappings["contact"], config.Mapping{HubSpot: "hubspot_owner_id", Salesforce: "OwnerId", Rule: "two_way"})
		}))
		w.must(w.Org.SetAssignmentRule(salesforcesim.AssignmentRule{Object: "Lead", Owner: w.rita}))
		alone := w.made(core.Contacts, "email", "alone@x.com", "lastname", "Alone", "company", "Co", "hubspot_owner_id", ownerAda)
		none := w.made(core.Contacts, "email", "none@x.com", "lastname", "None", "company", "Co")
		matched := w.made(core.Contacts, "email", "own@x.com", "lastname", "Own", "company", "Co", "hubspot_owner_id", ownerSam)
		w.Sync()
		w.want(core.Lead, w.wantMate(alone), "OwnerId", w.rita)
		w.want(core.Lead, w.wantMate(none), "OwnerId", w.rita)
		w.want(core.Lead, w.wantMate(matched), "OwnerId", w.sam)
		w.again()
		w.want(core.Contacts, none, "hubspot_owner_id", ownerRita) // OWN-8
		w.Advance(3 * time.Second)
		w.change(core.Contacts, matched, "hubspot_owner_id", ownerRita)
		w.Sync()
		w.want(core.Lead, w.wantMate(matched), "OwnerId", w.rita)
		w.wantStill(t)
	})
}

// TestTRIG9_IMP5_AResyncOfAPerson creates or links at once, by the id of either side.
func TestTRIG9_IMP5_AResyncOfAPerson(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var lead, hs string
		w := New(t, profile, people(), Before(func(w *World) {
			lead = w.made(core.Lead, "LastName", "Old", "Company", "Co", "Email", "old@x.com")
			hs = w.made(core.Contacts, "email", "other@x.com", "lastname", "Other", "company", "Co")
			w.Advance(time.Hour)
		}))
		w.must(w.Engine.Resync(t.Context(), w.Conn, core.ContactPair, []string{lead, hs}))
		w.Sync()
		w.wantMate(lead)
		w.wantMate(hs)
		w.wantPersons(2, 0, 2)
	})
}

// TestI13_APlanOfPeopleIsAppliedAsShown and nothing else is written.
func TestI13_APlanOfPeopleIsAppliedAsShown(t *testing.T) {
	w := New(t, people(), Before(func(w *World) {
		w.made(core.Lead, "LastName", "Old", "Company", "Co", "Email", "old@x.com")
		w.made(core.Contact, "LastName", "Older", "Email", "older@x.com")
		w.made(core.Contacts, "email", "other@x.com", "lastname", "Other", "company", "Co")
		w.Advance(time.Hour)
	}))
	id, counts, err := w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Connection: "acme", Pair: core.ContactPair}, nil)
	w.must(err)
	if counts.Ops["create contacts"] != 2 || counts.Ops["create Lead"] != 1 {
		t.Errorf("planned %v", counts.Ops)
	}
	w.wantPersons(1, 1, 1)
	done, err := w.Engine.Apply(t.Context(), w.Conn, id)
	w.must(err)
	if done.Applied != 3 || done.Refused+done.Failed != 0 {
		t.Errorf("applied %+v", done)
	}
	w.wantPersons(2, 1, 3)
	w.wantStill(t)
}

// TestTRIG4_FeedsOfPeople: changes pass as they are announced, our own and those of
// fields that are not mapped ask for nothing.
func TestTRIG4_FeedsOfPeople(t *testing.T) {
	bubble(t, func(t testing.TB) {
		w := New(t, people(), events())
		w.byFeeds()
		contact := w.made(core.Contact, "LastName", "Feed", "Email", "feed@x.com")
		var hs string
		w.eventually(func() bool { hs = w.mate(contact); return hs != "" })
		w.change(core.Contacts, hs, "firstname", "Fay")
		w.eventually(func() bool { return w.shown(core.Contact, contact, "FirstName") == "Fay" })
		w.change(core.Contact, contact, "MailingCity", "Voss")
		w.eventually(func() bool { return w.shown(core.Contacts, hs, "city") == "Voss" })
	})
}
