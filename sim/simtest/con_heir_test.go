package simtest

import (
	"slices"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/policy"
	"tandem/sim/salesforcesim"
)

// TestLIM7_BlanksOfASurvivorClearNobody: who is merged into a record that knows less is
// known in HubSpot as before, and Salesforce gets back what its merge left out. What the
// survivor has of its own passes, and what it replaces is not lost unseen.
func TestLIM7_BlanksOfASurvivorClearNobody(t *testing.T) {
	for _, o := range []core.Object{core.Contact, core.Lead} {
		t.Run(string(o), func(t *testing.T) {
			w := New(t, people())
			more := []string{}
			if o == core.Lead {
				more = []string{"Company", "Co"}
			}
			loser := w.made(o, append([]string{"LastName", "Gray", "FirstName", "Ann", "Email", "a@x.com", "Phone", "+4712345678", "Title", "CEO"}, more...)...)
			survivor := w.made(o, append([]string{"LastName", "Grey"}, more...)...)
			w.Sync()
			hs := w.wantMate(loser)
			w.Advance(time.Minute)
			w.must(w.Org.As(admin).Merge(string(o), survivor, loser))
			for range 3 {
				w.again()
			}
			if got := w.mate(survivor); got != hs {
				t.Fatalf("linked with %q, want %s", got, hs)
			}
			for field, property := range map[string]string{"FirstName": "firstname", "Email": "email", "Phone": "phone"} {
				if got := w.shown(core.Contacts, hs, property); got == "" || w.shown(o, survivor, field) != got {
					t.Errorf("%s is %q in HubSpot and %q in Salesforce", property, got, w.shown(o, survivor, field))
				}
			}
			w.want(core.Contacts, hs, "jobtitle", "CEO")
			w.want(core.Contacts, hs, "lastname", "Grey")
			if lost := w.conflictValues(); !slices.Equal(lost, []string{"Gray"}) {
				t.Errorf("lost %v, want the last name of before", lost)
			}
			w.change(o, survivor, "Phone", "") // a person clears it, of the survivor
			w.again()
			w.want(core.Contacts, hs, "phone", "")
			w.wantStill(t)
		})
	}
}

// TestLIM7_BlanksOfASurvivingAccountClearNoCompany as with people.
func TestLIM7_BlanksOfASurvivingAccountClearNoCompany(t *testing.T) {
	w := New(t, Settings(func(c *config.Connection) { c.Companies.Filter.FromSalesforce = `Fax != "1"` }))
	loser, company := w.linked("Full", "BillingCity", "Oslo", "Phone", "+4712345678", "Website", "full.example")
	survivor := w.account("Blank", "Fax", "1")
	w.again()
	w.Advance(time.Minute)
	w.must(w.Org.As(admin).Merge("Account", survivor, loser))
	w.again()
	if got := w.byLink(survivor); got != company {
		t.Fatalf("linked with %q, want %s", got, company)
	}
	w.must(w.Org.As(admin).Update("Account", survivor, map[string]any{"Fax": nil})) // and comes into scope
	for range 3 {
		w.again()
	}
	for property, want := range map[string]string{"city": "Oslo", "phone": "+4712345678", "domain": "full.example", "name": "Blank"} {
		if got := w.companyValue(company, property); got != want {
			t.Errorf("%s is %q, want %q", property, got, want)
		}
	}
	if got := w.accountValue(survivor, "BillingCity"); got != "Oslo" {
		t.Errorf("the account's city is %q", got)
	}
	if lost := w.conflictValues(); !slices.Equal(lost, []string{"Full"}) {
		t.Errorf("lost %v, want the name of before", lost)
	}
}

// TestLIM7_NobodyIsMadeForASurvivor that is about to have the loser's partner: a new record
// is looked at together with the one that was merged into it.
func TestLIM7_NobodyIsMadeForASurvivor(t *testing.T) {
	w := New(t, people())
	account, company := w.linked("Full", "Website", "full.example")
	contact := w.made(core.Contact, "LastName", "Gray", "Email", "a@x.com")
	w.again()
	hs := w.wantMate(contact)
	w.Advance(time.Minute)
	survivor := [2]string{w.account("Anew"), w.made(core.Contact, "LastName", "Anew", "Email", "b@x.com")}
	w.must(w.Org.As(admin).Merge("Account", survivor[0], account))
	w.must(w.Org.As(admin).Merge("Contact", survivor[1], contact))
	w.must(w.Engine.Resync(t.Context(), w.Conn, core.CompanyPair, []string{account, survivor[0]}))
	w.must(w.Engine.Resync(t.Context(), w.Conn, core.ContactPair, []string{contact, survivor[1]}))
	for range 3 {
		w.again()
	}
	if got := w.byLink(survivor[0]); got != company || w.companyCount() != 1 {
		t.Errorf("linked with %q of %d companies, want %s alone", got, w.companyCount(), company)
	}
	if got := w.mate(survivor[1]); got != hs || w.contactCount() != 1 {
		t.Errorf("linked with %q of %d contacts, want %s alone", got, w.contactCount(), hs)
	}
	w.want(core.Contacts, hs, "email", "b@x.com")
}

// TestLIM7_ASurvivorSeenBeforeItsLoserWaits: Salesforce names the survivor on the loser
// alone, and a batch may meet the survivor by itself.
func TestLIM7_ASurvivorSeenBeforeItsLoserWaits(t *testing.T) {
	w := New(t, people())
	account, _ := w.linked("Full", "Website", "full.example")
	contact := w.made(core.Contact, "LastName", "Gray", "Email", "a@x.com")
	w.again()
	w.Advance(time.Minute)
	survivor := [2]string{w.account("Anew"), w.made(core.Contact, "LastName", "Anew", "Email", "b@x.com")}
	w.must(w.Org.As(admin).Merge("Account", survivor[0], account))
	w.must(w.Org.As(admin).Merge("Contact", survivor[1], contact))
	for i, p := range []core.Pair{core.CompanyPair, core.ContactPair} {
		x, err := w.Engine.Explain(t.Context(), w.Conn, p, survivor[i])
		w.must(err)
		waits := func(r core.Decision) bool { return r.Rule == "LIM-7" && r.Outcome == policy.Wait }
		if x.Verdict != engine.Pending || !slices.ContainsFunc(x.Rules, waits) {
			t.Errorf("%s: %s by %+v", p, x.Verdict, x.Rules)
		}
	}
}

// TestCON5_MAP6_AnEditBeforeAConversionPasses, also of a property that leads and contacts
// have in fields of different names.
func TestCON5_MAP6_AnEditBeforeAConversionPasses(t *testing.T) {
	w := New(t, people())
	lead := w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", "l@x.com", "City", "Bergen", "FirstName", "Old")
	w.Sync()
	hs := w.wantMate(lead)
	w.Advance(time.Minute)
	w.change(core.Contacts, hs, "city", "Oslo")
	w.change(core.Contacts, hs, "firstname", "New")
	w.Advance(10 * time.Second)
	made, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true})
	w.must(err)
	w.again()
	w.again()
	w.want(core.Contacts, hs, "city", "Oslo")
	w.want(core.Contact, made.ContactID, "MailingCity", "Oslo")
	w.want(core.Contact, made.ContactID, "FirstName", "New")
	if lost := w.conflictValues(); len(lost) != 0 {
		t.Errorf("lost %v, and nobody changed anything on both sides", lost)
	}
}

// TestLIM7_AnEditBeforeAMergeInHubSpotPasses, whoever wrote the Salesforce record last.
func TestLIM7_AnEditBeforeAMergeInHubSpotPasses(t *testing.T) {
	w := New(t, people())
	contact := w.made(core.Contact, "LastName", "Gray", "Email", "a@x.com", "FirstName", "Old", "MailingCity", "Oslo")
	w.Sync()
	hs := w.wantMate(contact)
	stray := w.made(core.Contacts, "lastname", "Gray", "phone", "+4712345678")
	w.Advance(time.Minute)
	w.change(core.Contacts, hs, "firstname", "New")
	w.Advance(10 * time.Second)
	w.change(core.Contact, contact, "MailingCity", "Bergen")
	w.Advance(10 * time.Second)
	survivor, err := w.Portal.As(admin).Merge("contacts", hs, stray)
	w.must(err)
	w.again()
	w.again()
	if got := w.mate(contact); got != survivor {
		t.Fatalf("linked with %q, want %s", got, survivor)
	}
	w.want(core.Contact, contact, "FirstName", "New")
	w.want(core.Contact, contact, "Phone", "+4712345678")
	w.want(core.Contacts, survivor, "city", "Bergen")
}
