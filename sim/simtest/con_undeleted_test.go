package simtest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// failArchives has HubSpot answer no deletion for a while.
func (w *World) failArchives(do string) {
	w.T.Helper()
	f := hubspotsim.Fault{Do: do, Status: 503, Times: 40}
	f.Match.Path = "archive"
	w.must(w.Portal.Break(f))
}

// TestLIM16_ADeletionOfACompanyThatFailsIsDoneLater, as one of people.
func TestLIM16_ADeletionOfACompanyThatFailsIsDoneLater(t *testing.T) {
	w := New(t, Settings(deletesFollow))
	for _, name := range strings.Fields("One Two Three Four Five Six Seven") {
		w.account(name)
	}
	account, company := w.linked("Acme")
	w.Advance(time.Minute)
	w.failArchives("status")
	w.must(w.Org.As(admin).Delete("Account", account))
	w.Advance(3 * time.Second)
	_ = w.within(2 * time.Second)
	w.Portal.Mend()
	for range 3 {
		w.Advance(20 * time.Minute)
		w.again()
	}
	if _, there := w.Portal.As(admin).Get("companies", company); there {
		t.Errorf("the deletion never passed; issues %+v", w.openIssues())
	}
}

// TestLIM16_ARefusedDeletionIsAnIssue of the partner that Salesforce keeps, in its words, and
// is tried again.
func TestLIM16_ARefusedDeletionIsAnIssue(t *testing.T) {
	w := New(t, people(deletes, becomesContact))
	w.crowd()
	w.optPair("kept@x.com")
	contact := w.made(core.Contact, "LastName", "Gray", "Email", "c@x.com")
	w.Sync()
	partner := w.wantMate(contact)
	w.Advance(time.Minute)
	const refusal = "Your attempt to delete Gray could not be completed because it is associated with the following cases.: 00001001"
	w.must(w.Org.AddFault(salesforcesim.Fault{Do: "status", Status: 200, Times: 40, Match: salesforcesim.Match{Method: http.MethodDelete},
		Body: `[{"id":"` + contact + `","success":false,"errors":[{"statusCode":"DELETE_FAILED","message":"` + refusal + `","fields":[]}]}]`}))
	w.must(w.Portal.As(admin).Archive("contacts", partner))
	w.settle() // a sweep shows what is archived in HubSpot
	w.again()
	issues := w.openIssues()
	if len(issues) != 1 || !strings.Contains(issues[0].Message, refusal) || issues[0].Code == "restored" {
		t.Errorf("issues %+v, want the refusal", issues)
	}
	w.wantAlive(core.Contact, contact)
	w.Org.ClearFaults()
	for range 3 {
		w.Advance(40 * time.Minute)
		w.again()
	}
	if w.alive(core.Contact, contact) {
		t.Error("the deletion was never tried again")
	}
	if issues := w.openIssues(); len(issues) != 0 {
		t.Errorf("open issues %+v", issues)
	}
}

// TestDEDUP9_WhoWasToldApartTakesNothingOver: a person found that the other lead with the
// address is somebody else. The deletion of the linked one passes.
func TestDEDUP9_WhoWasToldApartTakesNothingOver(t *testing.T) {
	w := New(t, people(deletes))
	w.crowd()
	one := w.made(core.Lead, "LastName", "One", "Company", "Co", "Email", "a@x.com")
	w.Sync()
	two := w.made(core.Lead, "LastName", "Two", "Company", "Co", "Email", "a@x.com")
	w.again()
	partner := w.wantMate(one)
	_, err := w.Engine.Apart(t.Context(), w.Conn, core.ContactPair, two, partner)
	w.must(err)
	w.Advance(time.Minute)
	w.must(w.Org.As(admin).Delete("Lead", one))
	for range 3 {
		w.again()
	}
	if w.alive(core.Contacts, partner) {
		t.Error("the deletion does not pass")
	}
}

// TestAMB13_TheAddressAgreedOnIsBuried: the address was changed in Salesforce just before the
// HubSpot contact was erased. Nobody is made by either address.
func TestAMB13_TheAddressAgreedOnIsBuried(t *testing.T) {
	w := New(t, people(), events())
	lead := w.made(core.Lead, "LastName", "Brown", "Company", "Acme", "Email", "a@x.com")
	w.Sync()
	partner := w.wantMate(lead)
	w.Advance(time.Minute)
	w.change(core.Lead, lead, "Email", "b@x.com")
	w.must(w.Portal.As(admin).GDPRDelete(partner))
	for range 3 {
		w.again()
	}
	for _, address := range []string{"A@x.com", "b@x.com"} {
		again := w.made(core.Lead, "LastName", "Brown", "Company", "Acme", "Email", address)
		w.again()
		w.again()
		w.wantLonely(again, "AMB-13")
	}
	w.wantPersons(3, 0, 0)
}

// TestLIM6_AFilteredElderKeepsNobodyBack: of two leads with one address the filter leaves out
// the elder. The younger syncs.
func TestLIM6_AFilteredElderKeepsNobodyBack(t *testing.T) {
	w := New(t, people(func(c *config.Connection) { c.Contacts.Filter.FromSalesforce = `Title == "Take"` }))
	w.made(core.Lead, "LastName", "Old", "Company", "Co", "Email", "a@x.com", "Title", "Leave")
	w.again()
	younger := w.made(core.Lead, "LastName", "New", "Company", "Co", "Email", "a@x.com", "Title", "Take")
	w.again()
	w.wantMate(younger)
	w.wantPersons(2, 0, 1)
}

// TestOWN4_AnOwnerWhoLeftMeanwhile since the users were read is refused by Salesforce: the
// other fields pass all the same, HubSpot gets the owner back, and who is new has none.
func TestOWN4_AnOwnerWhoLeftMeanwhile(t *testing.T) {
	s := &staffed{}
	s.World = New(t, people(becomesContact, func(c *config.Connection) {
		c.Mappings["contact"] = append(c.Mappings["contact"], config.Mapping{HubSpot: "hubspot_owner_id", Salesforce: "OwnerId", Rule: "two_way"})
	}), Before(func(w *World) {
		s.sam = w.user("Sam", "Seller", "SAM.seller@portal.example")
		s.rita = w.user("Rita", "Rep", "rita.rep@portal.example")
	}))
	w := s.World
	contact := w.made(core.Contact, "LastName", "Gray", "Email", "a@x.com", "OwnerId", s.sam)
	w.Sync()
	partner := w.wantMate(contact)
	w.again()
	w.Advance(time.Minute)
	w.must(w.Org.As(admin).Update("User", s.rita, map[string]any{"IsActive": false}))
	w.change(core.Contacts, partner, "hubspot_owner_id", ownerRita)
	w.change(core.Contacts, partner, "firstname", "Zed")
	fresh := w.made(core.Contacts, "lastname", "New", "email", "n@x.com", "hubspot_owner_id", ownerRita)
	for range 3 {
		w.again()
	}
	w.want(core.Contact, contact, "FirstName", "Zed")
	w.want(core.Contacts, partner, "hubspot_owner_id", ownerSam)
	w.wantMate(fresh)
	w.wantStill(t)
}

// TestSET2_WhatChangedWhileNothingPassed to HubSpot passes once it may again.
func TestSET2_WhatChangedWhileNothingPassed(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		contact := w.made(core.Contact, "LastName", "Gray", "Email", "a@x.com")
		w.Sync()
		partner := w.wantMate(contact)
		w.Restart(func(c *config.Connection) { c.Contacts.FromSalesforce = "nothing" })
		w.again()
		w.change(core.Contact, contact, "MailingCity", "Oslo")
		w.again()
		w.again()
		w.want(core.Contacts, partner, "city", "")
		w.Restart(func(c *config.Connection) { c.Contacts.FromSalesforce = "create_or_update" })
		w.again()
		w.want(core.Contacts, partner, "city", "Oslo")
		w.wantStill(t)
	})
}
