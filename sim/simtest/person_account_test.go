package simtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/policy"
	"tandem/sim/salesforcesim"
)

// withPersons gives the org person accounts.
func withPersons(o *salesforcesim.Options) { o.PersonAccounts = true }

// persons is how person accounts sync.
func persons(setting string) func(*config.Connection) {
	return func(c *config.Connection) { c.Contacts.PersonAccounts = setting }
}

// personAccount makes a person account and gives the ids of its account and contact.
func (w *World) personAccount(pairs ...string) (account, contact string) {
	w.T.Helper()
	account = w.made(core.Account, pairs...)
	return account, w.shown(core.Account, account, "PersonContactId")
}

// person is the company and the contact of HubSpot that a person account syncs with.
func (w *World) bothOf(account, contact string) (company, mate string) {
	w.T.Helper()
	if company = w.partner(account); company == "" {
		w.T.Fatalf("the person account has no company: %+v", w.Explain(account))
	}
	return company, w.wantMate(contact)
}

// wantPrimary fails unless a company is the primary one of a HubSpot contact.
func (w *World) wantPrimary(contact, company string) {
	w.T.Helper()
	w.want(core.Contacts, contact, "associatedcompanyid", company)
}

// wantRule fails where an explanation does not name a rule.
func wantRule(t *testing.T, rules []core.Decision, id string) {
	t.Helper()
	for _, d := range rules {
		if d.Rule == id {
			return
		}
	}
	t.Errorf("no rule %s in %+v", id, rules)
}

// TestCON10_APersonAccountIsACompanyAndAContact makes both of it, related with each
// other, and passes edits of either without a fight over what the two share.
func TestCON10_APersonAccountIsACompanyAndAContact(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Org(withPersons), people())
		account, behind := w.personAccount("FirstName", "Martha", "LastName", "Brown", "PersonEmail", "m@brown.example", "Phone", "1", "PersonMailingCity", "Bonn", "BillingCity", "Ulm")
		w.Sync()
		company, mate := w.bothOf(account, behind)
		for _, v := range [][2]string{{"firstname", "Martha"}, {"lastname", "Brown"}, {"email", "m@brown.example"}, {"phone", "1"}, {"city", "Bonn"}, {"salesforcecontactid", behind}} {
			w.want(core.Contacts, mate, v[0], v[1])
		}
		for _, v := range [][2]string{{"name", "Martha Brown"}, {"phone", "1"}, {"city", "Ulm"}, {"salesforceaccountid", account}} {
			w.want(core.Companies, company, v[0], v[1])
		}
		w.again()
		w.wantPrimary(mate, company)
		wantRule(t, w.Explain(account).Rules, "CON-10")
		wantRule(t, w.explainPerson(mate).Rules, "CON-10")
		w.wantStill(t)

		w.change(core.Contacts, mate, "lastname", "Green")
		w.change(core.Companies, company, "city", "Trier")
		w.change(core.Account, account, "Phone", "2")
		w.again()
		w.again()
		w.want(core.Account, account, "Name", "Martha Green")
		w.want(core.Companies, company, "name", "Martha Green")
		w.want(core.Account, account, "BillingCity", "Trier")
		w.want(core.Contacts, mate, "phone", "2")
		w.want(core.Companies, company, "phone", "2")
		w.wantStill(t)
		w.wantNoIssues()
		w.wantPersons(0, 1, 1)
	})
}

// TestCON10_TheNameOfAPersonAccountIsNotWritten undoes another name of the company, as
// of any field that can only be read, and lets the rest of the edit pass.
func TestCON10_TheNameOfAPersonAccountIsNotWritten(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Org(withPersons), people())
		account, behind := w.personAccount("FirstName", "Martha", "LastName", "Brown", "PersonEmail", "m@brown.example")
		w.Sync()
		company, _ := w.bothOf(account, behind)
		w.again()
		w.change(core.Companies, company, "name", "Brown Ltd")
		w.change(core.Companies, company, "city", "Trier")
		for _, f := range w.Explain(account).Fields {
			if f.Salesforce == "Name" && f.DecidedBy != "CON-10" {
				t.Errorf("the name is decided by %s, want CON-10", f.DecidedBy)
			}
		}
		w.again()
		w.want(core.Account, account, "Name", "Martha Brown")
		w.want(core.Account, account, "BillingCity", "Trier")
		w.want(core.Companies, company, "name", "Martha Brown")
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestCON10_AFieldOfPersonsStaysOffOtherAccounts lets a mapping of a person's field be:
// a business account refuses a value in it.
func TestCON10_AFieldOfPersonsStaysOffOtherAccounts(t *testing.T) {
	w := New(t, Org(withPersons), people(), Mappings(config.Mapping{HubSpot: "name", Salesforce: "Name", Rule: "two_way"}, config.Mapping{HubSpot: "city", Salesforce: "PersonMailingCity", Rule: "two_way"}))
	account := w.made(core.Account, "Name", "Acme")
	w.Sync()
	company := w.partner(account)
	w.change(core.Companies, company, "city", "Bonn")
	w.change(core.Companies, company, "name", "Acme Ltd")
	w.again()
	w.want(core.Account, account, "Name", "Acme Ltd")
	w.want(core.Account, account, "PersonMailingCity", "")
	w.wantNoIssues()
}

// TestCON10a_ThePersonIsNoColleague keeps a company from being taken for a person
// account because its contact is that person.
func TestCON10a_ThePersonIsNoColleague(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Org(withPersons), people(), Settings(func(c *config.Connection) { c.Companies.CreateAccount = "never" }))
		hs := w.made(core.Contacts, "email", "m@brown.example", "lastname", "Brown")
		acme := w.company("Acme", hs)
		account, behind := w.personAccount("LastName", "Brown", "PersonEmail", "m@brown.example")
		w.Sync()
		w.again()
		company, mate := w.bothOf(account, behind)
		if mate != hs || company == acme {
			t.Errorf("the person account has the contact %s and the company %s, want %s and another than %s", mate, company, hs, acme)
		}
		w.want(core.Companies, acme, "name", "Acme")
		if n := w.Explain(account).Rules; len(n) == 0 {
			t.Error("no rules")
		}
		w.wantStill(t)
	})
}

// TestCON11_ALeadOfHubSpotBecomesAPersonAccount leaves a blank Company blank, makes no
// person account by itself, and follows the conversion to one.
func TestCON11_ALeadOfHubSpotBecomesAPersonAccount(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Org(withPersons), people())
		hs := w.made(core.Contacts, "email", "ann@lee.example", "lastname", "Lee", "firstname", "Ann")
		w.Sync()
		lead := w.wantMate(hs)
		w.want(core.Lead, lead, "Company", "")
		w.wantPersons(1, 0, 1)
		made, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{})
		w.must(err)
		w.again()
		w.again()
		company, mate := w.bothOf(made.AccountID, made.ContactID)
		if mate != hs {
			t.Errorf("the contact behind has %s, want %s", mate, hs)
		}
		w.want(core.Contacts, hs, "salesforceleadid", lead)
		w.want(core.Contacts, hs, "salesforcecontactid", made.ContactID)
		w.want(core.Companies, company, "name", "Ann Lee")
		w.again()
		w.wantPrimary(hs, company)
		w.change(core.Contacts, hs, "lastname", "Roe")
		w.again()
		w.want(core.Account, made.AccountID, "Name", "Ann Roe")
		w.wantStill(t)
		w.wantNoIssues()
		w.wantPersons(1, 1, 1)
	})
}

// TestLIM28_AContactAlone gives person accounts no company.
func TestLIM28_AContactAlone(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Org(withPersons), people(persons(policy.PersonContact)))
		account, behind := w.personAccount("LastName", "Brown", "PersonEmail", "m@brown.example", "Phone", "1")
		acme := w.made(core.Account, "Name", "Acme")
		w.Sync()
		mate := w.wantMate(behind)
		w.want(core.Contacts, mate, "phone", "1")
		if w.partner(account) != "" || w.partner(acme) == "" {
			t.Error("the person has a company, or the business has none")
		}
		x := w.Explain(account)
		wantRule(t, x.Rules, "LIM-28")
		if x.Verdict != "out_of_scope" {
			t.Errorf("verdict %s", x.Verdict)
		}
		w.must(w.Portal.As(admin).SetPrimary("contacts", mate, w.partner(acme))) // a job beside it is the portal's affair
		w.change(core.Contacts, mate, "lastname", "Green")
		w.again()
		w.want(core.Account, account, "Name", "Green")
		w.wantPrimary(mate, w.partner(acme))
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestLIM28_ACompanyAlone gives person accounts no contact, and makes nobody of a
// HubSpot contact who has the address of one.
func TestLIM28_ACompanyAlone(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Org(withPersons), people(persons(policy.PersonCompany)))
		account, behind := w.personAccount("LastName", "Brown", "PersonEmail", "m@brown.example")
		w.Sync()
		if w.partner(account) == "" {
			t.Errorf("no company: %+v", w.Explain(account))
		}
		w.wantLonely(behind, "LIM-28")
		hs := w.made(core.Contacts, "email", "M@brown.example", "lastname", "Brown")
		w.again()
		w.wantLonely(hs, "LIM-28")
		w.wantPersons(0, 1, 1)
		w.wantNoIssues()
		w.wantStill(t)
	})
}

func becomesPerson(c *config.Connection) {
	c.Contacts.FromHubSpot = config.PersonChoice{Object: config.BecomesPerson}
}

// TestLIM28_AHubSpotContactBecomesAPersonAccount makes a person account of a HubSpot
// contact, once, with what only its contact has.
func TestLIM28_AHubSpotContactBecomesAPersonAccount(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Org(withPersons), people(becomesPerson, func(c *config.Connection) {
			c.Mappings["contact"] = append(c.Mappings["contact"], config.Mapping{HubSpot: "message", Salesforce: "Description", Rule: "two_way"})
		}))
		hs := w.made(core.Contacts, "email", "ann@lee.example", "lastname", "Lee", "firstname", "Ann", "city", "Bonn", "phone", "7", "message", "hello")
		w.Sync()
		w.again()
		behind := w.wantMate(hs)
		account := w.shown(core.Contact, behind, "AccountId")
		for _, v := range [][2]string{{"Name", "Ann Lee"}, {"PersonEmail", "ann@lee.example"}, {"PersonMailingCity", "Bonn"}, {"Phone", "7"}, {"IsPersonAccount", "true"}} {
			w.want(core.Account, account, v[0], v[1])
		}
		w.want(core.Contact, behind, "Description", "hello")
		w.want(core.Contacts, hs, "salesforcecontactid", behind)
		company, _ := w.bothOf(account, behind)
		w.want(core.Companies, company, "name", "Ann Lee")
		w.again()
		w.wantPrimary(hs, company)
		w.wantStill(t)
		w.wantNoIssues()
		w.wantPersons(0, 1, 1)
	})
}

// ofPersons is an import of HubSpot contacts who become person accounts.
var ofPersons = importing{world: personsImport, args: engine.ImportArgs{Pair: core.ContactPair, Sides: []core.Side{core.HubSpot}}, finish: (*trial).finishPersons, sparse: true}

func personsImport(t testing.TB) *trial {
	w := newTrial(t, Org(withPersons), people(becomesPerson), Before(func(w *World) {
		for i := range 3 {
			w.made(core.Contacts, "lastname", fmt.Sprintf("H%d", i), "email", fmt.Sprintf("h%d@x.com", i), "city", "Bergen")
		}
		w.Advance(time.Hour)
	}), Settings(func(c *config.Connection) {
		c.Salesforce.SettleUnknown, c.HubSpot.SettleUnknown = config.Duration(time.Second), config.Duration(time.Second)
	}))
	w.Through(new(schemas).carry)
	return w
}

// finishPersons is the end of that import: everybody is one person account, linked by
// the contact behind it.
func (w *trial) finishPersons() string {
	w.T.Helper()
	w.heal()
	w.again() // what the import made is met by the next poll
	rows, err := w.Org.As(admin).Query("SELECT Name, PersonContactId, PersonMailingCity FROM Account ORDER BY Name")
	w.must(err)
	var out []string
	for _, r := range rows {
		hs := w.wantMate(fmt.Sprint(r["PersonContactId"]))
		out = append(out, fmt.Sprint(r["Name"], " ", r["PersonMailingCity"], " ", w.shown(core.Contacts, hs, "lastname")))
	}
	if got, want := strings.Join(out, "\n"), "H0 Bergen H0\nH1 Bergen H1\nH2 Bergen H2"; got != want {
		w.T.Errorf("the person accounts are %s, want %s", got, want)
	}
	w.wantPersons(0, 3, 3)
	if n := w.companyCount(); n != 3 {
		w.T.Errorf("%d companies, want 3", n)
	}
	if open := w.openIssues(); len(open) > 0 {
		w.T.Errorf("%d open issues: %s", len(open), open[0].Message)
	}
	return strings.Join(out, "\n")
}

// TestLIM28_CrashesMakeNoSecondPersonAccount lets the process die around each commit and
// each call: nobody is made twice (I2).
func TestLIM28_CrashesMakeNoSecondPersonAccount(t *testing.T) {
	t.Run("commits", func(t *testing.T) { ofPersons.crash(t, 3) })
	t.Run("calls", ofPersons.kill)
	t.Run("classic", func(t *testing.T) {
		few := ofPersons
		few.every = 7
		few.crash(t, 3)
	})
}

// TestLIM28_RulesChooseThePersonAccount decides contact by contact.
func TestLIM28_RulesChooseThePersonAccount(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Org(withPersons), people(func(c *config.Connection) {
			c.Contacts.FromHubSpot = config.PersonChoice{Rules: []config.PersonRule{{When: `company == ""`, Create: config.BecomesPerson}, {When: "true", Create: config.BecomesLead}}}
		}))
		ann := w.made(core.Contacts, "email", "ann@lee.example", "lastname", "Lee")
		bo := w.made(core.Contacts, "email", "bo@acme.example", "lastname", "Bo", "company", "Acme")
		w.Sync()
		w.want(core.Contact, w.wantMate(ann), "IsPersonAccount", "true")
		w.want(core.Lead, w.wantMate(bo), "Company", "Acme")
		wantRule(t, w.explainPerson(ann).Rules, "CON-10")
		w.wantPersons(1, 1, 2)
	})
}

// TestLIM28_WithoutPersonAccountsTheSettingIsRefused says what to do, and where several
// record types are there asks for one.
func TestLIM28_WithoutPersonAccountsTheSettingIsRefused(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		_ = w.Store.Close()
		becomesPerson(&w.settings)
		wantCode(t, w.TryOpen(), "schema")
		w.Org.EnablePersonAccounts()
		w.Advance(time.Minute)
		w.must(w.TryOpen())
	})
}

// TestCON10_APersonAccountIsDeletedAsOne passes a deletion of the two rows once each, in both
// directions.
func TestCON10_APersonAccountIsDeletedAsOne(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		deletes := func(c *config.Connection) {
			c.Contacts.WhenSalesforceContactDeleted, c.Contacts.WhenHubSpotDeleted = policy.Archive, policy.Delete
			c.Companies.WhenSalesforceDeleted, c.Companies.WhenHubSpotDeleted = policy.Archive, policy.Delete
		}
		w := New(t, profile, Org(withPersons), people(deletes))
		var accounts, companies, mates []string
		for i := range 5 {
			account, behind := w.personAccount("LastName", fmt.Sprintf("P%d", i), "PersonEmail", fmt.Sprintf("p%d@x.com", i))
			w.again()
			company, mate := w.bothOf(account, behind)
			accounts, companies, mates = append(accounts, account), append(companies, company), append(mates, mate)
		}
		w.must(w.Org.As(admin).Delete("Account", accounts[1]))
		w.must(w.Portal.As(admin).Archive("contacts", mates[2]))
		w.must(w.Portal.As(admin).Archive("companies", companies[3]))
		w.must(w.Portal.As(admin).Archive("contacts", mates[4]))
		w.must(w.Portal.As(admin).Archive("companies", companies[4]))
		w.settle()
		w.settle()
		w.wantPersons(0, 1, 1)
		if n := w.companyCount(); n != 1 || w.accounts() != 1 {
			t.Errorf("%d companies and %d accounts are left, want one of each", n, w.accounts())
		}
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestCON10_PersonAccountsMergeAsOne follows a merge of two person accounts with both
// their links.
func TestCON10_PersonAccountsMergeAsOne(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Org(withPersons), people())
		first, firstBehind := w.personAccount("LastName", "Brown", "PersonEmail", "m@brown.example")
		second, secondBehind := w.personAccount("LastName", "Green", "PersonEmail", "g@green.example")
		w.Sync()
		w.again()
		winnerCompany, winner := w.bothOf(first, firstBehind)
		loserCompany, loser := w.bothOf(second, secondBehind)
		w.must(w.Org.As(admin).Merge("Account", first, second))
		w.again()
		w.wantPersons(0, 1, 2)
		for _, pair := range [][3]string{{"contacts", winner, loser}, {"companies", winnerCompany, loserCompany}} {
			_, err := w.Portal.As(admin).Merge(pair[0], pair[1], pair[2])
			w.must(err)
		}
		w.settle()
		w.settle()
		w.wantMate(firstBehind)
		if w.partner(first) == "" {
			t.Errorf("the survivor has no company: %+v", w.Explain(first))
		}
		w.wantPersons(0, 1, 1)
		w.wantNoIssues()
		w.wantStill(t)
	})
}
