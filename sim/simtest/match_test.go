package simtest

import (
	"slices"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// companyKeys matches companies by the keys given, and lets all of them make accounts.
func companyKeys(keys ...string) Option {
	return Settings(func(c *config.Connection) {
		c.Companies.CreateAccount, c.Companies.Match = "always", keys
		if slices.Contains(keys, "external_key") {
			c.Companies.ExternalKey = config.FieldPair{Salesforce: "AccountNumber", HubSpot: "customer_number"}
		}
	})
}

// withNumbers gives the portal a property for the customer's own number.
func withNumbers(w *World) { w.property("customer_number", "string", "text") }

func (w *World) importing(p core.Pair, sides ...core.Side) {
	w.T.Helper()
	_, err := w.Engine.StartImport(w.T.Context(), w.Conn, "import", engine.ImportArgs{Pair: p, Sides: sides})
	w.must(err)
	w.Sync()
}

// importingContacts brings HubSpot contacts and no others.
func (w *World) importingContacts(ids ...string) {
	w.T.Helper()
	var refs []core.Ref
	for _, id := range ids {
		refs = append(refs, core.Ref{Side: core.HubSpot, Object: core.Contacts, ID: id})
	}
	_, err := w.Engine.StartImport(w.T.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.ContactPair, Refs: refs})
	w.must(err)
	w.Sync()
}

// TestLIM4_CompaniesMatchByTheKeysInOrder finds the partner by a key of the settings,
// whichever side is looked at first.
func TestLIM4_CompaniesMatchByTheKeysInOrder(t *testing.T) {
	keys := companyKeys("id", "external_key", "domain", "name_address")
	for name, fields := range map[string][2][]string{
		"external key": {{"AccountNumber", "C-77"}, {"customer_number", "c-77"}},
		"domain":       {{"Website", "https://www.edge.com/"}, {"domain", "edge.com"}},
		"name and address": {{"BillingStreet", "1 Main Street", "BillingPostalCode", "78701"},
			{"address", "1 main st.", "zip", "78701"}},
		"name and city": {{"BillingStreet", "1 Main Street", "BillingCity", "Köln"}, {"name", "edge ltd.", "address", "1 main st.", "city", "Koln"}},
	} {
		for _, from := range core.Sides {
			t.Run(name+" from "+from.String(), func(t *testing.T) {
				inBoth(t, func(t *testing.T, profile Option) {
					var account, company string
					w := New(t, profile, keys, Before(func(w *World) {
						withNumbers(w)
						account = w.made(core.Account, append([]string{"Name", "Edge Ltd."}, fields[0]...)...)
						w.made(core.Account, "Name", "Other")
						company = w.made(core.Companies, append([]string{"name", "EDGE"}, fields[1]...)...)
						w.made(core.Companies, "name", "Another")
						w.Advance(time.Hour)
					}))
					w.importing(core.CompanyPair, from)
					if got := w.partner(account); got != company || w.linkRule(account) != "LIM-4" {
						t.Errorf("linked with %q, want %s: %+v", got, company, w.Explain(account).Rules)
					}
				})
			})
		}
	}
}

// TestAMB3_WithoutTheKeyNoDomainLinks: the original's behaviour, and the default.
func TestAMB3_WithoutTheKeyNoDomainLinks(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var account, company string
		w := New(t, profile, Before(func(w *World) {
			account = w.account("Edge", "Website", "www.edge.com")
			company = w.made(core.Companies, "name", "Edge", "domain", "edge.com")
			w.Advance(time.Hour)
		}))
		w.Import()
		if w.companyCount() != 2 || w.partner(account) == company {
			t.Errorf("%d companies, linked with %q", w.companyCount(), w.partner(account))
		}
	})
}

// TestLIM4_ASharedDomainLinksNobody: three companies of one website are three, and so
// are strangers who share a mail provider; the other keys choose among them.
func TestLIM4_ASharedDomainLinksNobody(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		t.Run("three accounts and one company", func(t *testing.T) {
			var accounts [3]string
			var company string
			w := New(t, profile, companyKeys("id", "domain"), Before(func(w *World) {
				for i, name := range []string{"United Oil & Gas Corp.", "United Oil & Gas, UK", "United Oil & Gas, Singapore"} {
					accounts[i] = w.account(name, "Website", "http://www.uos.com")
				}
				company = w.made(core.Companies, "name", "United Oil & Gas", "domain", "uos.com")
				w.Advance(time.Hour)
			}))
			w.importing(core.CompanyPair, core.Salesforce, core.HubSpot)
			for _, id := range append(accounts[:], company) {
				w.wantRule(id, "AMB-5", engine.Blocked)
			}
			if w.accounts() != 3 || w.companyCount() != 1 {
				t.Errorf("%d accounts, %d companies", w.accounts(), w.companyCount())
			}
			w.must(w.Engine.Link(t.Context(), w.Conn, core.CompanyPair, accounts[1], company))
			w.again()
			w.wantNoIssues()
			if w.partner(company) != accounts[1] || w.companyCount() != 3 {
				t.Errorf("company is linked with %q; %d companies", w.partner(company), w.companyCount())
			}
		})
		t.Run("a name chooses", func(t *testing.T) {
			var accounts [2]string
			var company string
			w := New(t, profile, companyKeys("id", "domain", "name_address"), Before(func(w *World) {
				for i, street := range []string{"1 Rue Noire", "2 Rue Noire"} {
					accounts[i] = w.account("Edge", "Website", "edge.com", "BillingStreet", street, "BillingCity", "Paris")
				}
				company = w.made(core.Companies, "name", "Edge", "domain", "edge.com", "address", "2 rue noire", "city", "Paris")
				w.Advance(time.Hour)
			}))
			w.importing(core.CompanyPair, core.HubSpot)
			if w.partner(company) != accounts[1] {
				t.Errorf("linked with %q, want %s: %+v", w.partner(company), accounts[1], w.Explain(company).Rules)
			}
		})
		t.Run("a mail provider", func(t *testing.T) {
			var account, company string
			w := New(t, profile, companyKeys("id", "domain"), Before(func(w *World) {
				account = w.account("Baker", "Website", "gmail.com")
				company = w.made(core.Companies, "name", "Carpenter", "domain", "gmail.com")
				w.Advance(time.Hour)
			}))
			w.importing(core.CompanyPair, core.Salesforce, core.HubSpot)
			if w.partner(account) == company || w.accounts() != 2 || w.companyCount() != 2 {
				t.Errorf("linked with %q; %d accounts, %d companies", w.partner(account), w.accounts(), w.companyCount())
			}
		})
	})
}

// TestLIM4_BlankKeysAreNeverEqual: nobody is linked for what both lack.
func TestLIM4_BlankKeysAreNeverEqual(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var account, company string
		w := New(t, profile, companyKeys("id", "external_key", "domain", "name_address"), Before(func(w *World) {
			withNumbers(w)
			account = w.account("Edge", "Phone", "555-0100")
			company = w.made(core.Companies, "name", "Edge", "phone", "555-0100")
			w.Advance(time.Hour)
		}))
		w.importing(core.CompanyPair, core.Salesforce, core.HubSpot)
		if w.partner(account) == company || w.partner(account) == "" || w.companyCount() != 2 {
			t.Errorf("linked with %q; %d companies", w.partner(account), w.companyCount())
		}
	})
}

// TestLIM4_AKeyThatSeveralHaveIsReviewed, and what a person decides is remembered.
func TestLIM4_AKeyThatSeveralHaveIsReviewed(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var account string
		var twins [2]string
		w := New(t, profile, companyKeys("id", "external_key"), Before(func(w *World) {
			withNumbers(w)
			account = w.account("Edge", "AccountNumber", "7")
			for i := range twins {
				twins[i] = w.made(core.Companies, "name", "Edge", "customer_number", "7")
			}
			w.Advance(time.Hour)
		}))
		w.importing(core.CompanyPair, core.Salesforce, core.HubSpot)
		x := w.Explain(account)
		if w.companyCount() != 2 || w.accounts() != 1 || x.Verdict != engine.Blocked || len(x.Issues) != 1 || len(x.Issues[0].Candidates) != 2 {
			t.Fatalf("%d companies, %d accounts: %+v", w.companyCount(), w.accounts(), x.Issues)
		}
		_, err := w.Engine.Apart(t.Context(), w.Conn, core.CompanyPair, account, twins[0])
		w.must(err)
		w.again()
		if w.partner(account) != twins[1] || w.partner(twins[0]) == account {
			t.Errorf("linked with %q, want the one that is left, %s", w.partner(account), twins[1])
		}
		w.again()
		w.wantNoIssues()
	})
}

// TestLIM4_NoneOfTheCandidates: the record gets a partner of its own, and nothing is
// asked again.
func TestLIM4_NoneOfTheCandidates(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var account string
		w := New(t, profile, companyKeys("id", "external_key"), Before(func(w *World) {
			withNumbers(w)
			account = w.account("Edge", "AccountNumber", "7")
			w.made(core.Companies, "name", "One", "customer_number", "7")
			w.made(core.Companies, "name", "Two", "customer_number", "7")
			w.Advance(time.Hour)
		}))
		w.importing(core.CompanyPair, core.Salesforce)
		couples, err := w.Engine.Apart(t.Context(), w.Conn, core.CompanyPair, account)
		w.must(err)
		if len(couples) != 2 {
			t.Errorf("apart %v", couples)
		}
		w.again()
		w.wantNoIssues()
		if w.partner(account) == "" || w.companyCount() != 3 {
			t.Errorf("linked with %q; %d companies", w.partner(account), w.companyCount())
		}
		_, err = w.Engine.Apart(t.Context(), w.Conn, core.CompanyPair, account)
		wantCode(t, err, engine.CodeNotFound)
		_, err = w.Engine.Apart(t.Context(), w.Conn, core.CompanyPair, account, w.partner(account))
		wantCode(t, err, engine.CodeUsage)
	})
}

// TestDEDUP11_AKeyOfALinkedRecordIsReviewed: a second company with the number of one that
// is linked waits for a person.
func TestDEDUP11_AKeyOfALinkedRecordIsReviewed(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, companyKeys("id", "external_key"), Before(withNumbers))
		first := w.made(core.Companies, "name", "One", "customer_number", "7")
		w.Sync()
		w.must(w.Org.As(admin).Update("Account", w.partner(first), map[string]any{"AccountNumber": "7"}))
		second := w.made(core.Companies, "name", "Two", "customer_number", "7")
		w.again()
		w.wantRule(second, "DEDUP-11", engine.Blocked)
		if w.accounts() != 1 {
			t.Errorf("%d accounts", w.accounts())
		}
	})
}
