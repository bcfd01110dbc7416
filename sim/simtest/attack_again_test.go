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

// thrice lets time pass and syncs, three times.
func (w *World) thrice() {
	w.T.Helper()
	for range 3 {
		w.again()
	}
}

// TestCON5_ASweepOfConvertedLeads: an org that has leads converted long ago is swept
// before anything was synced, as a service does that starts on a fresh store.
func TestCON5_ASweepOfConvertedLeads(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var lead string
		w := New(t, profile, people(), Before(func(w *World) {
			lead = w.lead("Gray", "ada@x.com")
			_, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{})
			w.must(err)
			w.Advance(time.Hour)
		}))
		w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
		w.Sync()
		w.wantLonely(lead, "CON-5")
		w.change(core.Contact, w.shown(core.Lead, lead, "ConvertedContactId"), "Title", "CFO")
		w.again()
		w.wantPersons(1, 1, 1)
	})
}

// TestLIM16_ADeletionThatFailsIsTriedAgain until it takes effect, and is told meanwhile;
// nobody is told of a record that came back.
func TestLIM16_ADeletionThatFailsIsTriedAgain(t *testing.T) {
	const cases = `[{"success":false,"errors":[{"statusCode":"DELETE_FAILED","message":"associated with the following cases: 00001001","fields":[]}]}]`
	faults := map[string]func(w *World){
		"no answer in HubSpot": func(w *World) {
			w.must(w.Portal.Break(archiveFault("reset", 0)))
		},
		"HubSpot is down": func(w *World) {
			w.must(w.Portal.Break(archiveFault("status", 503)))
		},
		"Salesforce is down": func(w *World) {
			w.must(w.Org.AddFault(salesforcesim.Fault{Do: "status", Status: 503, Times: 400, Match: salesforcesim.Match{Method: http.MethodDelete}}))
		},
		"Salesforce refuses": func(w *World) {
			w.must(w.Org.AddFault(salesforcesim.Fault{Do: "status", Status: 200, Body: cases, Times: 400, Match: salesforcesim.Match{Method: http.MethodDelete}}))
		},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			w := New(t, people(deletes, becomesContact))
			w.crowd()
			w.optPair("kept@x.com") // the side is not emptied
			contact := w.made(core.Contact, "LastName", "Gray", "Email", "c@x.com")
			w.Sync()
			hs := w.wantMate(contact)
			w.Advance(time.Minute)
			fault(w)
			if name == "no answer in HubSpot" || name == "HubSpot is down" {
				w.must(w.Org.As(admin).Delete("Contact", contact))
			} else {
				w.must(w.Portal.As(admin).Archive("contacts", hs))
			}
			w.must(w.Engine.QueueSweeps(t.Context(), w.Conn)) // a sweep shows what is archived in HubSpot
			for range 6 {
				w.Advance(20 * time.Minute)
				_ = w.within(3 * time.Second)
			}
			for _, i := range w.openIssues() {
				if i.Code == "restored" {
					t.Errorf("told of a record that was never deleted: %+v", i)
				}
			}
			if name == "Salesforce refuses" {
				if i := w.wantIssue(core.CategoryOther, "other", ""); i.Ref.ID != contact && i.Ref.ID != hs || !strings.Contains(i.Message, "cases") {
					t.Errorf("the issue is %+v", i)
				}
			}
			w.Portal.Mend()
			w.Org.ClearFaults()
			for range 3 {
				w.Advance(time.Hour)
				w.Sync()
			}
			if w.alive(core.Contact, contact) || w.alive(core.Contacts, hs) {
				t.Errorf("one is still there: Salesforce %v, HubSpot %v; %+v", w.alive(core.Contact, contact), w.alive(core.Contacts, hs), w.openIssues())
			}
			w.wantNoIssues()
		})
	}
}

// archiveFault strikes every archive call of the portal.
func archiveFault(do string, status int) hubspotsim.Fault {
	f := hubspotsim.Fault{Do: do, Status: status, Times: 400}
	f.Match.Path = "archive"
	return f
}

// TestLIM16_ADeletedCompanyTakesNobodyAlong: Salesforce deletes the contacts of an account
// that Tandem deletes for its company. Nobody deleted these people.
func TestLIM16_ADeletedCompanyTakesNobodyAlong(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(deletes), Settings(deletesFollow))
		w.crowd()
		for _, name := range []string{"Abel", "Boon", "Cole", "Dunn", "East", "Ford"} {
			of := w.account(name)
			w.made(core.Contact, "LastName", name, "Email", strings.ToLower(name)+"@x.com", "AccountId", of) // no sweep finds an org without contacts
		}
		account := w.account("Acme")
		contact := w.made(core.Contact, "LastName", "Gray", "Email", "a@acme.example", "AccountId", account)
		w.thrice()
		company, hs := w.partner(account), w.wantMate(contact)
		w.Advance(time.Minute)
		w.must(w.Portal.As(admin).Archive("companies", company))
		w.Advance(25 * time.Hour)
		w.thrice()
		if w.alive(core.Account, account) || w.alive(core.Contact, contact) {
			t.Fatal("the account is still there")
		}
		if !w.alive(core.Contacts, hs) {
			t.Error("a person was deleted whom nobody deleted")
		}
		if x := w.explainPerson(contact); len(x.Rules) == 0 {
			t.Errorf("%+v", x)
		}
	})
}

// TestDEDUP9_TheOtherOfTwoNamesakesTakesOver where the linked one is deleted as the duplicate.
func TestDEDUP9_TheOtherOfTwoNamesakesTakesOver(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(deletes))
		w.crowd()
		one := w.made(core.Lead, "LastName", "One", "Company", "Co", "Email", "a@x.com")
		w.Sync()
		two := w.made(core.Lead, "LastName", "Two", "Company", "Co", "Email", "a@x.com")
		w.thrice()
		hs := w.wantMate(one)
		w.Advance(time.Minute)
		w.must(w.Org.As(admin).Delete("Lead", one))
		w.thrice()
		if !w.alive(core.Contacts, hs) {
			t.Fatal("the contact of a person who is still in Salesforce was deleted")
		}
		if w.wantMate(two) != hs {
			t.Errorf("the other lead goes with %q, want %s", w.mate(two), hs)
		}
		w.Advance(time.Minute)
		w.must(w.Org.As(admin).Delete("Lead", two))
		w.thrice()
		if w.alive(core.Contacts, hs) {
			t.Error("the last one's deletion did not pass")
		}
	})
}

// TestLIM7_AMergeThatIsTakenBack lets the two go on as before: what was changed since passes.
func TestLIM7_AMergeThatIsTakenBack(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		a, ha := w.optPair("a@x.com")
		b, _ := w.optPair("b@x.com")
		w.must(w.Org.As(admin).Merge("Contact", b, a))
		w.thrice()
		if w.linkState(ha) != core.LinkParked {
			t.Fatalf("the link is %s", w.linkState(ha))
		}
		w.Advance(time.Minute)
		w.must(w.Org.As(admin).Undelete("Contact", a))
		w.again()
		w.change(core.Contact, a, "FirstName", "Anna")
		w.change(core.Contacts, ha, "city", "Oslo")
		w.thrice()
		if w.wantMate(a) != ha {
			t.Errorf("the restored contact goes with %q, want %s", w.mate(a), ha)
		}
		w.want(core.Contacts, ha, "firstname", "Anna")
		w.want(core.Contact, a, "MailingCity", "Oslo")
		w.wantNoIssues()
	})
}

// TestAMB13_NobodyIsMadeWithoutTheAddress: HubSpot refuses that of somebody who was erased
// there before Tandem came, and the rest of the person is not made either.
func TestAMB13_NobodyIsMadeWithoutTheAddress(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(), Before(func(w *World) {
			w.must(w.Portal.As(admin).GDPRDelete(w.made(core.Contacts, "lastname", "Brown", "email", "a@x.com")))
		}))
		lead := w.made(core.Lead, "LastName", "Brown", "Phone", "+4712345678", "Company", "Acme", "Email", "a@x.com")
		w.thrice()
		if w.mate(lead) != "" {
			t.Errorf("%s was made without an address", w.mate(lead))
		}
		w.wantPersons(1, 0, 0)
		if i := w.wantIssue(core.CategoryValue, "wrong_format", "email"); i.Ref.ID != lead {
			t.Errorf("%+v", i)
		}
		w.change(core.Lead, lead, "Email", "fresh@x.com")
		w.thrice()
		w.want(core.Contacts, w.wantMate(lead), "phone", "+4712345678")
		w.wantNoIssues()
	})
}

// TestACC14_AWrongMatchIsCorrected: what a person unlinked can be linked with another record,
// with a sync in between and without.
func TestACC14_AWrongMatchIsCorrected(t *testing.T) {
	t.Run("with a sync in between", func(t *testing.T) { correctMatch(t, true) })
	t.Run("at once", func(t *testing.T) { correctMatch(t, false) })
}

func correctMatch(t *testing.T, between bool) {
	w := newTrial(t, people())
	w.must(w.Org.GrantField("Contact", w.orgKey()))
	ctx := t.Context()
	first, hs := w.optPair("a@x.com")
	other := w.made(core.Contact, "LastName", "Dan")
	account, company := w.linked("Acme")
	second := w.account("Beta", "Website", "beta.example")
	w.again()
	w.must(w.Engine.Unlink(ctx, w.Conn, core.CompanyPair, w.partner(second)))
	w.must(w.Engine.Unlink(ctx, w.Conn, core.ContactPair, hs))
	w.must(w.Engine.Unlink(ctx, w.Conn, core.CompanyPair, company))
	if between {
		w.again()
		w.want(core.Contact, first, w.orgKey(), "")
		w.want(core.Contacts, hs, strings.Replace(w.portalKey(), "tandem_key_", "tandem_contact_key_", 1), "")
		w.want(core.Companies, company, w.portalKey(), "")
		w.wantStill(t)
	}
	w.must(w.Engine.Link(ctx, w.Conn, core.ContactPair, other, hs))
	w.must(w.Engine.Link(ctx, w.Conn, core.CompanyPair, second, company))
	w.thrice()
	if issues := w.openIssues(); len(issues) != 1 || issues[0].Ref.ID != first || issues[0].Code != "email_already_in_use" {
		t.Errorf("the issues are %+v, want that of who has the address still", issues)
	}
	if w.wantMate(other) != hs || w.partner(second) != company || w.mate(first) != "" || w.partner(account) != "" {
		t.Errorf("%s goes with %q, %s with %q, %s with %q, %s with %q", other, w.mate(other), second, w.partner(second), first, w.mate(first), account, w.partner(account))
	}
	w.want(core.Contact, other, w.orgKey(), hs)
	w.want(core.Account, second, w.orgKey(), company)
}

// TestLIM6_AnElderOutsideTheFilterKeepsNobodyAway: of two people with one address the elder
// never gets a partner, so that the younger has to.
func TestLIM6_AnElderOutsideTheFilterKeepsNobodyAway(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(func(c *config.Connection) { c.Contacts.Filter.FromSalesforce = `Title == "Take"` }))
		elder := w.made(core.Lead, "LastName", "Old", "Company", "Co", "Email", "a@x.com", "Title", "Leave")
		w.again()
		younger := w.made(core.Lead, "LastName", "New", "Company", "Co", "Email", "a@x.com", "Title", "Take")
		w.thrice()
		w.wantMate(younger)
		w.wantLonely(elder, "LIM-11")
		w.wantPersons(2, 0, 1)
	})
}

// TestLIM19_WhoCouldNotBeLookedAtIsCounted: a side does not answer the reading of a batch, and
// no sync says that all was done.
func TestLIM19_WhoCouldNotBeLookedAtIsCounted(t *testing.T) {
	w := New(t, people(func(c *config.Connection) { c.Profile = config.Classic })) // which plans no first import
	lead := w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", "a@x.com")
	busy := hubspotsim.Fault{Do: "status", Status: http.StatusServiceUnavailable, Times: 400}
	busy.Match.Path = "contacts/batch/read"
	w.must(w.Portal.Break(busy))
	res, err := w.TrySync()
	w.must(err)
	if res.PutOff != 1 || w.mate(lead) != "" {
		t.Fatalf("%d records are put off, and the lead goes with %q", res.PutOff, w.mate(lead))
	}
	w.Portal.Mend()
	w.Advance(time.Minute)
	if res := w.Sync(); res.PutOff != 0 {
		t.Errorf("%d records are put off once the side answers", res.PutOff)
	}
	w.wantMate(lead)
}

// TestLIM19_WhoWasPutOffIsCountedByTheNextProcess: a record cannot be read or written because
// a side is busy, and the process ends. Neither it nor the next one, which begins before the
// record is due again, says that all is in step.
func TestLIM19_WhoWasPutOffIsCountedByTheNextProcess(t *testing.T) {
	busy := func(path string) func(*World) {
		return func(w *World) {
			f := hubspotsim.Fault{Do: "status", Status: http.StatusTooManyRequests, Times: 400}
			f.Match.Path = path
			w.must(w.Portal.Break(f))
		}
	}
	for name, breaks := range map[string]func(*World){
		"the reading is refused": busy("contacts/batch/read"),
		"the writing is refused": busy("contacts/batch/update"),
		"the row is locked": func(w *World) {
			w.must(w.Org.AddFault(salesforcesim.Fault{Do: "row_error", Times: 400}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, people())
				lead := w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", "a@x.com")
				w.again()
				mate := w.mate(lead)
				w.change(core.Lead, lead, "LastName", "White")
				w.change(core.Contacts, mate, "firstname", "Ada")
				breaks(w)
				w.wantLate("as it happens")
				w.Restart()
				w.wantLate("after a restart")
				w.Portal.Mend()
				w.Org.ClearFaults()
				w.Advance(time.Minute)
				if res := w.Sync(); res.PutOff != 0 {
					t.Errorf("%d records are put off once the side answers", res.PutOff)
				}
				w.want(core.Contacts, mate, "lastname", "White")
				w.want(core.Lead, lead, "FirstName", "Ada")
			})
		})
	}
}

// wantLate fails where a sync says that nobody was put off.
func (w *World) wantLate(when string) {
	w.T.Helper()
	res, err := w.TrySync()
	w.must(err)
	if res.PutOff == 0 {
		w.T.Errorf("%s nobody is put off", when)
	}
}
