package simtest

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
)

func TestDEDUP7_StoredIDIsTheMatch(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var account, company string
		w := New(t, profile, Before(func(w *World) {
			w.property("salesforceaccountid", "string", "text")
			account = w.account("Edge Communications")
			company = w.company("Edge")
			w.editCompany(company, "salesforceaccountid", account[:15])
			w.Advance(time.Hour)
		}))
		w.Import()
		if got := w.partner(account); got != company || w.companyCount() != 1 {
			t.Errorf("linked with %q, want %s; %d companies", got, company, w.companyCount())
		}
	})
}

func TestDEDUP7_StoredIDIsFoundFromAnEditedAccount(t *testing.T) {
	var account, company string
	w := New(t, Before(func(w *World) {
		w.property("salesforceaccountid", "string", "text")
		account = w.account("Edge Communications")
		company = w.company("Edge")
		w.editCompany(company, "salesforceaccountid", account)
		w.Advance(time.Hour)
	}))
	w.editAccount(account, "Phone", "1")
	w.Sync()
	if got := w.partner(account); got != company || w.companyCount() != 1 {
		t.Errorf("linked with %q, want %s; %d companies: %+v", got, company, w.companyCount(), w.Explain(account).Rules)
	}
}

// TestACC13_PeopleWakeWhenTheirAccountIsFoundByItsID has people wait for an
// account that a company then names by its stored id: nobody of the company is
// known, and yet the account's people follow at once.
func TestACC13_PeopleWakeWhenTheirAccountIsFoundByItsID(t *testing.T) {
	var account, person string
	w := New(t, Before(func(w *World) {
		w.property("salesforceaccountid", "string", "text")
		account = w.account("Edge Communications")
		w.contact("Gonzalez", "rose@edge.com", account)
		w.Advance(time.Hour)
	}))
	person = w.person("Gonzalez", "rose@edge.com")
	w.Sync()
	w.wantIssue(core.CategoryAssociation, "waiting_for_account", "")
	company := w.company("Edge")
	w.editCompany(company, "salesforceaccountid", account)
	w.Sync()
	if got := w.Portal.As(admin).Associated("contacts", person, "companies"); w.partner(company) != account || len(got) != 1 || got[0] != company {
		t.Errorf("company linked with %q, person associated with %v; want %s and %s", w.partner(company), got, account, company)
	}
}

func TestDEDUP7_AccountOfACompanyThroughItsContacts(t *testing.T) {
	var account, company string
	w := New(t, Before(func(w *World) {
		account = w.account("Edge Communications")
		w.contact("Gonzalez", "rose@edge.com", account)
		company = w.company("Edge", w.person("Gonzalez", "Rose@Edge.com"))
		w.Advance(time.Hour)
	}))
	w.editCompany(company, "city", "Austin")
	w.Sync()
	if got := w.partner(company); got != account || w.accounts() != 1 {
		t.Errorf("linked with %q, want %s; %d accounts", got, account, w.accounts())
	}
}

func TestDEDUP11_SeveralCompaniesWithOneAccountID(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, how := range []string{"import", "edit of the account", "edit of a company"} {
			t.Run(how, func(t *testing.T) {
				var account string
				var twins [2]string
				w := New(t, profile, Before(func(w *World) {
					w.property("salesforceaccountid", "string", "text")
					account = w.account("Edge")
					for i := range twins {
						twins[i] = w.company("Edge", w.person("Rose", "rose"+string(rune('0'+i))+"@edge.com"))
						w.editCompany(twins[i], "salesforceaccountid", account)
					}
					w.Advance(time.Hour)
				}))
				switch how {
				case "edit of the account":
					w.editAccount(account, "Phone", "1")
				case "edit of a company":
					w.editCompany(twins[1], "city", "Austin")
				default:
					_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.CompanyPair, Sides: core.Sides[:]})
					w.must(err)
				}
				w.Sync()
				if w.partner(account) != "" || w.partner(twins[0]) != "" || w.partner(twins[1]) != "" {
					t.Errorf("a guess: account %q, companies %q %q", w.partner(account), w.partner(twins[0]), w.partner(twins[1]))
				}
				if w.accounts() != 1 || w.companyCount() != 2 {
					t.Errorf("%d accounts, %d companies: the pre-state grew", w.accounts(), w.companyCount())
				}
				if len(w.openIssues()) == 0 {
					t.Error("nobody is asked")
				}
				w.must(w.Engine.Link(t.Context(), w.Conn, core.CompanyPair, account, twins[0]))
				w.Sync()
				if w.partner(account) != twins[0] || w.partner(twins[1]) != "" {
					t.Errorf("after the choice: account with %q, the other company with %q", w.partner(account), w.partner(twins[1]))
				}
			})
		}
	})
}

// TestDEDUP11_ALinkMadeMeanwhileIsNoRival links the two records while one of them
// is being read: the partner it finds is taken by nobody else.
func TestDEDUP11_ALinkMadeMeanwhileIsNoRival(t *testing.T) {
	var account, company string
	w := New(t, Before(func(w *World) {
		w.property("salesforceaccountid", "string", "text")
		account = w.account("Edge")
		company = w.company("Edge")
		w.editCompany(company, "salesforceaccountid", account)
		w.Advance(time.Hour)
	}))
	w.editCompany(company, "city", "Austin")
	var seen atomic.Bool
	w.Through(func(s core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/companies/batch/read") && !seen.Swap(true) {
			w.must(w.Engine.Link(t.Context(), w.Conn, core.CompanyPair, account, company))
		}
		return next.RoundTrip(r)
	})
	w.Sync()
	for _, h := range w.Explain(company).History {
		if h.Verdict == engine.Blocked {
			t.Errorf("a rival was seen: %+v", h)
		}
	}
	if w.partner(account) != company {
		t.Errorf("the account is linked with %q", w.partner(account))
	}
}

func TestACC14_LinkIsUnique(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge")
	other := w.company("Other")
	err := w.Engine.Link(t.Context(), w.Conn, core.CompanyPair, account, other)
	wantCode(t, err, engine.CodeUsage)
	if w.partner(account) != company {
		t.Error("the link moved")
	}
}

func TestACC14_UnlinkedByAPersonStaysApart(t *testing.T) {
	w := New(t)
	account, company := w.linked("Edge")
	w.must(w.Engine.Unlink(t.Context(), w.Conn, core.CompanyPair, account))
	w.editAccount(account, "Phone", "7")
	w.editCompany(company, "city", "Bern")
	w.settle()
	if w.partner(account) != "" || w.accounts() != 1 || w.companyCount() != 1 {
		t.Errorf("account with %q, %d accounts, %d companies", w.partner(account), w.accounts(), w.companyCount())
	}
	if got := w.companyValue(company, "phone"); got == "7" {
		t.Error("values still pass")
	}
	w.Resync(account)
	if got := w.partner(account); got != company || w.companyCount() != 1 {
		t.Errorf("after a person's resync: linked with %q, want %s", got, company)
	}
}

// TestDEDUP11_AWrongKeyOnALinkedRecordIsPutRight: where a company's key stands on an
// account that is another one's partner, nothing could ever be made for the company.
func TestDEDUP11_AWrongKeyOnALinkedRecordIsPutRight(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile)
		account, company := w.linked("Edge")
		key := "Tandem_Key_" + w.Portal.Info().PortalID + "__c"
		w.must(w.Org.GrantField("Account", key))
		other := w.company("Other", w.person("Gonzalez", "rose@other.com"))
		w.must(w.Org.As(admin).Update("Account", account, map[string]any{key: other}))
		w.Sync()
		w.Advance(time.Hour)
		w.Sync()
		if made := w.partner(other); made == "" || made == account {
			t.Errorf("the other company is linked with %q: %+v", made, w.Explain(other).Rules)
		}
		if got := w.partner(account); got != company {
			t.Errorf("the account is linked with %q, want %s", got, company)
		}
		if got := w.accountValue(account, key); got != company {
			t.Errorf("the account's key is %q, want %s", got, company)
		}
		if looks := len(w.Explain(other).History); looks > 6 {
			t.Errorf("it was looked at %d times", looks)
		}
		w.wantNoIssues()
	})
}

// TestDEDUP9_LIM23_ATakenAddressHoldsItselfAlone: an address that another HubSpot contact
// has is left out, with an issue that says so, and every other field of the pair passes.
func TestDEDUP9_LIM23_ATakenAddressHoldsItselfAlone(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		lead := w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", "ada@x.com", "Phone", "1")
		other := w.made(core.Contacts, "email", "taken@x.com", "lastname", "Other", "company", "Co")
		w.Sync()
		hs := w.wantMate(lead)
		w.Advance(3 * time.Second)
		w.change(core.Lead, lead, "Email", "taken@x.com")
		w.again()
		w.Advance(3 * time.Second)
		w.change(core.Lead, lead, "Phone", "2")
		w.again()
		w.want(core.Contacts, hs, "phone", "2")
		w.want(core.Contacts, hs, "email", "ada@x.com")
		issue := w.wantIssue(core.CategoryDuplicate, "email_already_in_use", "email")
		if !strings.Contains(issue.Message, other) || !strings.Contains(issue.Message, "left out") || len(issue.Candidates) != 1 {
			t.Errorf("the issue says %q of %v", issue.Message, issue.Candidates)
		}
		w.must(w.Portal.As(admin).Update("contacts", other, map[string]string{"email": "free@x.com"}))
		w.Advance(time.Hour)
		w.again()
		w.again()
		w.want(core.Contacts, hs, "email", "taken@x.com")
		w.wantNoIssues()
	})
}
