package simtest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/salesforcesim"
)

// oldCouple are a contact and a HubSpot contact with one address and different names, of
// an account and a company, who all existed before the switch.
func (w *World) oldCouple() (account, company, contact, hs string) {
	w.T.Helper()
	account = w.account("Edge")
	company = w.made(core.Companies, "name", "Edge Ltd")
	contact = w.made(core.Contact, "FirstName", "Ann", "LastName", "Gray", "Email", "ann@x.com", "AccountId", account)
	hs = w.made(core.Contacts, "firstname", "Lea", "lastname", "Nolist", "email", "ann@x.com")
	w.must(w.Portal.As(admin).Associate("contacts", hs, "companies", company))
	return account, company, contact, hs
}

// TestCON1_ACompanyImportWritesNobody: people are read because companies are matched by
// them, and nobody is linked or written who was neither imported nor edited.
func TestCON1_ACompanyImportWritesNobody(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var account, company, contact, hs string
		w := New(t, profile, people(), Before(func(w *World) {
			account, company, contact, hs = w.oldCouple()
			w.Advance(time.Hour)
		}))
		w.importing(core.CompanyPair, core.Sides[:]...)
		w.again()
		if w.partner(account) != company {
			t.Errorf("the account is linked with %q, want %s by their people", w.partner(account), company)
		}
		w.want(core.Contacts, hs, "firstname", "Lea")
		w.wantLonely(contact, "CON-1")
		w.wantLonely(hs, "CON-1")

		w.importing(core.ContactPair, core.Salesforce)
		if w.wantMate(contact) != hs {
			t.Errorf("linked with %q, want %s", w.mate(contact), hs)
		}
		w.want(core.Contacts, hs, "firstname", "Ann")
		w.wantNoIssues()
	})
}

// TestIMP1_AnImportOfNamedPeopleWritesNobodyElse: their colleagues stay as they are.
func TestIMP1_AnImportOfNamedPeopleWritesNobodyElse(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var contact, hs, named, mate string
		w := New(t, profile, people(), Before(func(w *World) {
			var account string
			account, _, contact, hs = w.oldCouple()
			named = w.made(core.Contact, "FirstName", "Ben", "LastName", "Gray", "Email", "ben@x.com", "AccountId", account)
			mate = w.made(core.Contacts, "firstname", "Benny", "lastname", "Gray", "email", "ben@x.com")
			w.Advance(time.Hour)
		}))
		_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.ContactPair, Refs: []core.Ref{{Side: core.Salesforce, Object: core.Contact, ID: named}}})
		w.must(err)
		w.Sync()
		w.again()
		if w.wantMate(named) != mate {
			t.Errorf("linked with %q, want %s", w.mate(named), mate)
		}
		w.want(core.Contacts, mate, "firstname", "Ben")
		w.want(core.Contacts, hs, "firstname", "Lea")
		w.wantLonely(contact, "CON-1")
	})
}

// TestIMP1_ACC4_AnImportOfNamedPeopleBringsTheirAccounts though these are older than the switch,
// and neither their colleagues nor other accounts.
func TestIMP1_ACC4_AnImportOfNamedPeopleBringsTheirAccounts(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var account, other, named, colleague string
		w := New(t, profile, people(becomesContact), Before(func(w *World) {
			account, other = w.account("Edge"), w.account("Ledge")
			named = w.made(core.Contact, "LastName", "Gray", "Email", "ben@x.com", "AccountId", account)
			colleague = w.made(core.Contact, "LastName", "Brown", "Email", "bo@x.com", "AccountId", account)
			w.Advance(time.Hour)
		}))
		w.Sync()
		_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.ContactPair, Refs: []core.Ref{{Side: core.Salesforce, Object: core.Contact, ID: named}}})
		w.must(err)
		w.Sync()
		w.again()
		mate := w.wantMate(named)
		if company := w.partner(account); company == "" || !slices.Equal(w.Portal.As(admin).Associated("contacts", mate, "companies"), []string{company}) {
			t.Errorf("the account is linked with %q, the person is of %v", company, w.Portal.As(admin).Associated("contacts", mate, "companies"))
		}
		if w.partner(other) != "" {
			t.Error("another account was made as well")
		}
		w.wantLonely(colleague, "CON-1")
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestIMP1_AConditionHoldsForNobodyElse: an elder record with the same address, for which
// the condition does not hold, is neither linked nor written; the younger one says why it
// waits.
func TestIMP1_AConditionHoldsForNobodyElse(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var elder, named, hs string
		w := New(t, profile, people(func(c *config.Connection) { c.Contacts.Match = []string{"id", "email"} }), Before(func(w *World) {
			elder = w.made(core.Lead, "FirstName", "Gus", "LastName", "Lead", "Company", "Co", "Email", "gus@x.com", "City", "Lund")
			w.Advance(time.Minute)
			named = w.made(core.Lead, "FirstName", "Gustav", "LastName", "Lead", "Company", "Co", "Email", "gus@x.com", "City", "Oslo")
			hs = w.made(core.Contacts, "firstname", "Kit", "lastname", "Nolist", "email", "gus@x.com", "company", "Co")
			w.Advance(time.Hour)
		}))
		_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.ContactPair, Sides: []core.Side{core.Salesforce},
			Pick: engine.Pick{Objects: []core.Object{core.Lead}, When: `City == "Oslo"`}})
		w.must(err)
		w.Sync()
		w.again()
		w.want(core.Contacts, hs, "firstname", "Kit")
		w.wantLonely(elder, "CON-1")
		w.wantPersonRule(named, "DEDUP-9", engine.Blocked)
		w.wantPersons(2, 0, 1)

		w.importing(core.ContactPair, core.Salesforce)
		if w.wantMate(elder) != hs {
			t.Errorf("the elder is linked with %q, want %s", w.mate(elder), hs)
		}
	})
}

// TestCON8_ExplainPromisesNobodyWhoCannotBeMade: what the other side demands is missing,
// and neither explain nor a plan speaks of a partner that would be made.
func TestCON8_ExplainPromisesNobodyWhoCannotBeMade(t *testing.T) {
	var hs string
	w := New(t, people(), Before(func(w *World) {
		hs = w.made(core.Contacts, "email", "nameless@x.com", "company", "Co")
		w.Advance(time.Hour)
	}))
	w.Sync()
	x := w.explainPerson(hs)
	if len(x.Otherwise) != 2 {
		t.Fatalf("%s: %+v", x.Verdict, x.Otherwise)
	}
	for _, o := range x.Otherwise {
		if o.Outcome != "none" || !strings.Contains(o.Facts["because"], "LastName") {
			t.Errorf("%s: %+v", o.By, o.Decision)
		}
	}
	if strings.Contains(x.Mend, "tandem import") {
		t.Errorf("an import, which makes nobody, is advised: %s", x.Mend)
	}
	_, counts, err := w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Pair: core.ContactPair}, nil)
	w.must(err)
	if len(counts.Ops) > 0 || counts.Rules["IMP-1 create"] != 0 || counts.Rules["IMP-1 none"] == 0 {
		t.Errorf("the plan says %v and writes %v", counts.Rules, counts.Ops)
	}
}

// TestAMB13_WhoComesBackAfterAnErasureIsAnIssue: nobody is made by the address, nobody is
// left in silence, and explain names the one way back.
func TestAMB13_WhoComesBackAfterAnErasureIsAnIssue(t *testing.T) {
	feed := feeds["webhooks"]
	w := New(t, feed.with, people())
	_, person := w.friends()
	w.erasePerson(person, feed.announce)
	w.Advance(time.Hour)
	back := w.lead("Gonzalez", "rose@edge.com")
	w.again()
	open := slices.DeleteFunc(w.openIssues(), func(i core.Issue) bool { return i.Code != "address_erased" })
	if len(open) != 1 || open[0].Ref.ID != back || strings.Contains(open[0].Message, "rose@") {
		t.Errorf("the issues are %+v", w.openIssues())
	}
	if x := w.explainPerson(back); !strings.Contains(x.Mend, "links link") || strings.Contains(x.Mend, "resync") {
		t.Errorf("%s: %s", x.Verdict, x.Mend)
	}
}

// TestDEL2_ARestoredRecordIsAnIssue: a deletion that was passed on is taken back on one
// side; nothing is made of the record unasked, and it is not left in silence.
func TestDEL2_ARestoredRecordIsAnIssue(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(func(c *config.Connection) { c.Contacts.WhenSalesforceContactDeleted = "archive" }))
		contact := w.made(core.Contact, "LastName", "Gray", "Email", "ada@x.com")
		w.Sync()
		hs := w.wantMate(contact)
		w.Advance(3 * time.Second)
		w.must(w.Org.As(admin).Delete("Contact", contact))
		w.again()
		if _, live := w.Portal.As(admin).Get("contacts", hs); live {
			t.Fatal("the partner was not archived")
		}
		w.wantNoIssues()
		w.Advance(3 * time.Second)
		w.must(w.Org.As(admin).Undelete("Contact", contact))
		w.change(core.Contact, contact, "Title", "CFO")
		w.again()
		if issue := w.wantIssue(core.CategoryOther, "restored", ""); issue.Ref.ID != contact || issue.Candidates[0].ID != hs {
			t.Errorf("%+v", issue)
		}
		w.wantPersons(0, 1, 0)
		w.must(w.Portal.As(admin).Restore("contacts", hs))
		w.must(w.Engine.Link(t.Context(), w.Conn, core.ContactPair, contact, hs))
		w.again()
		w.again()
		w.wantNoIssues()
		w.want(core.Contacts, hs, "jobtitle", "CFO")
	})
}

// TestCON5_AConvertedLeadIsNotLinked on a person's word either: it can never be written.
func TestCON5_AConvertedLeadIsNotLinked(t *testing.T) {
	w := New(t, people())
	lead := w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", "ada@x.com")
	hs := w.made(core.Contacts, "email", "other@x.com", "lastname", "Other", "company", "Co")
	_, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{})
	w.must(err)
	err = w.Engine.Link(t.Context(), w.Conn, core.ContactPair, lead, hs)
	wantCode(t, err, engine.CodeUsage)
}
