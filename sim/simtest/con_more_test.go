package simtest

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
	"tandem/sim/salesforcesim"
)

// TestCON1_WhoExistedBeforeStaysAway: people from before the switch come by an import
// or an edit, on either side.
func TestCON1_WhoExistedBeforeStaysAway(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var contact, lead, hs string
		w := New(t, profile, people(), Before(func(w *World) {
			contact = w.made(core.Contact, "LastName", "Old", "Email", "old@x.com")
			lead = w.made(core.Lead, "LastName", "Older", "Company", "Co", "Email", "older@x.com")
			hs = w.made(core.Contacts, "lastname", "Oldest", "email", "oldest@x.com", "company", "Co")
			w.Advance(time.Hour)
		}))
		w.Sync()
		w.wantPersons(1, 1, 1)
		w.wantLonely(contact, "CON-1")
		w.wantLonely(hs, "CON-1")
		w.change(core.Contacts, hs, "firstname", "Otto")
		w.change(core.Contact, contact, "FirstName", "Otto")
		w.again()
		w.wantPersons(2, 1, 2)
		_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.ContactPair, Sides: core.Sides[:]})
		w.must(err)
		w.again()
		w.wantPersons(2, 1, 3)
		w.want(core.Contacts, w.wantMate(lead), "lastname", "Older")
		w.wantStill(t)
	})
}

// TestCON4_SET6_SameAddressIsLinkedNotMade: a repeated form never makes a second lead.
func TestCON4_SET6_SameAddressIsLinkedNotMade(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		t.Run("from HubSpot", func(t *testing.T) {
			var lead string
			w := New(t, profile, people(), Before(func(w *World) {
				lead = w.made(core.Lead, "LastName", "Form", "Company", "Co", "Email", "form@x.com", "Phone", "1")
				w.Advance(time.Hour)
			}))
			hs := w.made(core.Contacts, "email", "Form@x.com", "lastname", "Form", "phone", "2", "city", "Rome")
			w.Sync()
			if got := w.wantMate(hs); got != lead {
				t.Errorf("linked with %s, want %s", got, lead)
			}
			w.wantPersons(1, 0, 1)
			w.want(core.Contacts, hs, "phone", "1")
			w.want(core.Lead, lead, "City", "Rome")
			w.wantStill(t)
		})
		t.Run("both are new", func(t *testing.T) {
			w := New(t, profile, people())
			contact := w.made(core.Contact, "LastName", "Both", "Email", "both@x.com")
			hs := w.made(core.Contacts, "email", "both@x.com", "lastname", "Both", "city", "Rome")
			w.Sync()
			if got := w.wantMate(hs); got != contact {
				t.Errorf("linked with %s, want %s", got, contact)
			}
			w.wantPersons(0, 1, 1)
			w.want(core.Contact, contact, "MailingCity", "Rome")
			w.wantNoIssues()
			w.wantStill(t)
		})
		t.Run("a second address", func(t *testing.T) {
			w := New(t, profile, people(), Before(func(w *World) {
				first := w.made(core.Contacts, "email", "first@x.com", "lastname", "Two")
				second := w.made(core.Contacts, "email", "second@x.com", "lastname", "Two")
				_, err := w.Portal.As(admin).Merge("contacts", first, second)
				w.must(err)
				w.Advance(time.Hour)
			}))
			contact := w.made(core.Contact, "LastName", "Two", "Email", "second@x.com")
			w.Sync()
			w.again()
			w.wantMate(contact)
			w.wantPersons(0, 1, 1)
		})
	})
}

// TestDEDUP9_ALinkMadeMeanwhileIsNoRival links two people while one of them is being
// read: nobody else has the address, and nobody is made.
func TestDEDUP9_ALinkMadeMeanwhileIsNoRival(t *testing.T) {
	var hs string
	w := New(t, people(), Before(func(w *World) {
		hs = w.made(core.Contacts, "email", "both@x.com", "lastname", "Both", "city", "Rome")
		w.Advance(time.Hour)
	}))
	contact := w.made(core.Contact, "LastName", "Both", "Email", "both@x.com")
	var seen atomic.Bool
	w.Through(func(_ core.Side, r *http.Request, next http.RoundTripper) (*http.Response, error) {
		if strings.HasSuffix(r.URL.Path, "/contacts/batch/read") && !seen.Swap(true) {
			l := &core.Link{Pair: core.ContactPair, State: core.LinkActive, How: "DEDUP-1", Created: w.Now()}
			l.Refs[core.Salesforce] = core.Ref{Side: core.Salesforce, Object: core.Contact, ID: contact}
			l.Refs[core.HubSpot] = core.Ref{Side: core.HubSpot, Object: core.Contacts, ID: hs}
			w.must(w.Store.Update(t.Context(), func(tx *store.Tx) error { return tx.LinkInsert(w.Conn.ID, l) }))
		}
		return next.RoundTrip(r)
	})
	if n := w.Sync().Objects["contacts"].Issues; n != 0 {
		t.Errorf("%d issues were raised", n)
	}
	w.again()
	w.want(core.Contact, contact, "MailingCity", "Rome")
	w.wantPersons(0, 1, 1)
	w.wantNoIssues()
}

// TestCON5_AConvertedLeadGoesOnAsItsContact: the link moves, the lead's id stays, and
// nothing is ever written to the lead again.
func TestCON5_AConvertedLeadGoesOnAsItsContact(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		convert := func(w *World, lead string) string {
			made, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true})
			w.must(err)
			return made.ContactID
		}
		t.Run("with a partner", func(t *testing.T) {
			w := New(t, profile, people())
			lead := w.made(core.Lead, "LastName", "Brown", "Company", "Acme", "Email", "bo@y.com", "City", "Oslo")
			w.Sync()
			hs := w.wantMate(lead)
			w.Advance(3 * time.Second)
			contact := convert(w, lead)
			at := w.Now()
			w.change(core.Contacts, hs, "firstname", "Bo")
			w.Sync()
			w.again()
			if got := w.wantMate(hs); got != contact {
				t.Fatalf("linked with %s, want %s", got, contact)
			}
			w.want(core.Contacts, hs, "salesforcecontactid", contact)
			w.want(core.Contacts, hs, "salesforceleadid", lead)
			w.want(core.Contact, contact, "FirstName", "Bo")
			for _, e := range w.Org.Ledger() {
				if e.Client == w.client() && e.ID == lead && !e.Time.Before(at) {
					t.Errorf("a write to the converted lead: %+v", e)
				}
			}
			w.wantPersons(1, 1, 1)
			w.wantNoIssues()
			w.wantStill(t)
			if got := w.Portal.As(admin).Associated("contacts", hs, "companies"); len(got) != 1 {
				t.Errorf("associated with %v, want the account's company", got)
			}
		})
		t.Run("without a partner", func(t *testing.T) {
			w := New(t, profile, people())
			lead := w.made(core.Lead, "LastName", "Brown", "Company", "Acme", "Email", "bo@y.com")
			contact := convert(w, lead)
			w.Sync()
			w.again()
			hs := w.wantMate(contact)
			w.want(core.Contacts, hs, "salesforceleadid", "")
			w.wantPersons(1, 1, 1)
			w.wantStill(t)
		})
		t.Run("with another address", func(t *testing.T) {
			w := New(t, profile, people())
			lead := w.made(core.Lead, "LastName", "Brown", "Company", "Acme", "Email", "bo@y.com")
			w.Sync()
			hs := w.wantMate(lead)
			w.Advance(3 * time.Second)
			contact := convert(w, lead)
			w.change(core.Contact, contact, "Email", "new@y.com")
			w.Sync()
			w.again()
			if got := w.wantMate(hs); got != contact {
				t.Fatalf("linked with %s, want %s", got, contact)
			}
			w.want(core.Contacts, hs, "email", "new@y.com")
			w.wantPersons(1, 1, 1)
		})
	})
}

// TestCON6_IMP3_WithoutAnAddressNobodySyncs on either side (IMP-3).
func TestCON6_IMP3_WithoutAnAddressNobodySyncs(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		contact := w.made(core.Contact, "LastName", "Mute")
		hs := w.made(core.Contacts, "lastname", "Mute", "company", "Co")
		w.Sync()
		w.wantPersons(0, 1, 1)
		w.wantLonely(contact, "IMP-3")
		w.wantLonely(hs, "CON-6")
		w.change(core.Contact, contact, "Email", "loud@x.com")
		w.again()
		w.wantMate(contact)
	})
}

// TestERR9_CON8_AMB4_ALeadNeedsNameAndCompany: what Salesforce demands is asked for, never
// invented (CON-8, AMB-4).
func TestERR9_CON8_AMB4_ALeadNeedsNameAndCompany(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		hs := w.made(core.Contacts, "email", "cy@z.com", "lastname", "Cyan")
		w.Sync()
		w.wantIssue(core.CategoryValue, "required_missing", "Company")
		w.wantPersons(0, 0, 1)
		w.change(core.Contacts, hs, "company", "Zeta")
		w.again()
		w.want(core.Lead, w.wantMate(hs), "Company", "Zeta")
		w.wantNoIssues()
	})
}

// TestSET2_WhatSalesforceDoesInHubSpot: create_or_update, update_only, nothing.
func TestSET2_WhatSalesforceDoesInHubSpot(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, set := range []string{"update_only", "nothing"} {
			t.Run(set, func(t *testing.T) {
				w := New(t, profile, people(func(c *config.Connection) { c.Contacts.FromSalesforce = set }))
				alone := w.made(core.Contact, "LastName", "Alone", "Email", "alone@x.com")
				contact := w.made(core.Contact, "LastName", "Pair", "Email", "pair@x.com")
				hs := w.made(core.Contacts, "email", "pair@x.com", "lastname", "Pair")
				w.Sync()
				w.wantLonely(alone, "SET-2")
				w.wantMate(contact)
				w.Advance(3 * time.Second)
				w.change(core.Contact, contact, "MailingCity", "Voss")
				w.change(core.Contacts, hs, "firstname", "Pia")
				w.Sync()
				w.want(core.Contact, contact, "FirstName", "Pia")
				w.want(core.Contacts, hs, "city", map[string]string{"update_only": "Voss", "nothing": ""}[set])
				w.wantPersons(0, 2, 1)
			})
		}
	})
}

// TestLIM5_RulesDecideLeadOrContact by the contact's own values.
func TestLIM5_RulesDecideLeadOrContact(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(func(c *config.Connection) {
			c.Contacts.FromHubSpot = config.PersonChoice{Rules: []config.PersonRule{
				{When: `jobtitle == "CEO"`, Create: config.BecomesContact}, {When: `company != ""`, Create: config.BecomesLead}}}
		}))
		ceo := w.made(core.Contacts, "email", "ceo@z.com", "lastname", "Chief", "jobtitle", "CEO", "company", "Zeta")
		clerk := w.made(core.Contacts, "email", "clerk@z.com", "lastname", "Clerk", "company", "Zeta")
		nobody := w.made(core.Contacts, "email", "no@z.com", "lastname", "None")
		w.Sync()
		w.want(core.Contact, w.wantMate(ceo), "LastName", "Chief")
		w.want(core.Lead, w.wantMate(clerk), "LastName", "Clerk")
		w.wantLonely(nobody, "LIM-5")
		w.wantPersons(1, 1, 3)
	})
}

// TestACC13_NewPeopleComeWithTheirAccount: who is made is associated with the company
// of the account, and the other way round.
func TestACC13_NewPeopleComeWithTheirAccount(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(becomesContact))
		account, company := w.linked("Edge")
		contact := w.made(core.Contact, "LastName", "Ann", "Email", "ann@edge.com", "AccountId", account)
		hs := w.made(core.Contacts, "email", "bea@edge.com", "lastname", "Bea")
		w.must(w.Portal.As(admin).Associate("contacts", hs, "companies", company))
		w.Sync()
		ann, bea := w.wantMate(contact), w.wantMate(hs)
		if got := w.Portal.As(admin).Associated("contacts", ann, "companies"); len(got) != 1 || got[0] != company {
			t.Errorf("associated with %v, want %s", got, company)
		}
		w.want(core.Contact, bea, "AccountId", account)
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestERR3_APersonWaitsForTheAccount that is about to be made, and no longer.
func TestERR3_APersonWaitsForTheAccount(t *testing.T) {
	w := New(t, people(becomesContact))
	hs := w.made(core.Contacts, "email", "bea@new.com", "lastname", "Bea")
	company := w.company("Newly", hs)
	w.Sync()
	w.again()
	account := w.partner(company)
	if account == "" {
		t.Fatalf("no account: %+v", w.Explain(company))
	}
	w.want(core.Contact, w.wantMate(hs), "AccountId", account)
	w.wantPersons(0, 1, 1)
	w.wantNoIssues()
}

// TestINC3_INC6_INC9_CON2_OutsideTheListNothingPasses in either direction, and what was made stays
// (INC-9, INC-10, CON-2). Who leaves by an edit is outside at once, though HubSpot has not evaluated
// the list yet (INC-6).
func TestINC3_INC6_INC9_CON2_OutsideTheListNothingPasses(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(func(c *config.Connection) { c.Contacts.InclusionList = "Members" }),
			Before(func(w *World) { w.list("Members", propertyIs("lastname", "In")) }))
		out := w.made(core.Contacts, "email", "out@x.com", "lastname", "Out", "company", "Co")
		in := w.made(core.Contacts, "email", "in@x.com", "lastname", "In", "company", "Co")
		contact := w.made(core.Contact, "LastName", "Out", "Email", "sf@x.com")
		w.Sync()
		w.wantLonely(out, "INC-3")
		lead := w.wantMate(in)
		hs := w.wantMate(contact) // CON-2: made although it is outside
		w.Advance(3 * time.Second)
		w.change(core.Contact, contact, "MailingCity", "Voss")
		w.change(core.Contacts, in, "lastname", "Left")
		w.change(core.Lead, lead, "City", "Moss")
		w.Sync()
		w.want(core.Contacts, hs, "city", "")
		w.want(core.Contacts, in, "city", "")
		w.want(core.Lead, lead, "LastName", "In")
		w.change(core.Contacts, in, "lastname", "In")
		w.again()
		w.want(core.Contacts, in, "city", "Moss")
		w.wantPersons(1, 1, 3)
	})
}

// TestPROP1_PROP2_StoredIDsComeBeforeAddresses: a team that moves over is not matched
// anew.
func TestPROP1_PROP2_StoredIDsComeBeforeAddresses(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var contact, lead, byContact, byLead string
		w := New(t, profile, people(), Before(func(w *World) {
			w.ensure()
			contact = w.made(core.Contact, "LastName", "Stored", "Email", "a@x.com")
			lead = w.made(core.Lead, "LastName", "Stored", "Company", "Co", "Email", "c@x.com")
			byContact = w.made(core.Contacts, "email", "b@x.com", "lastname", "Stored", "salesforcecontactid", contact[:15])
			byLead = w.made(core.Contacts, "email", "d@x.com", "lastname", "Stored", "salesforceleadid", lead)
			w.Advance(time.Hour)
		}))
		_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.ContactPair, Sides: core.Sides[:]})
		w.must(err)
		w.Sync()
		if w.mate(byContact) != contact || w.mate(byLead) != lead {
			t.Errorf("linked with %q and %q, want %s and %s", w.mate(byContact), w.mate(byLead), contact, lead)
		}
	})
}

// TestAMB12_DEL1_DEL2_SET4_WhatADeletionDoes: each direction by its own setting (DEL-1, DEL-2, SET-4).
func TestAMB12_DEL1_DEL2_SET4_WhatADeletionDoes(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(func(c *config.Connection) {
			c.Contacts.WhenSalesforceContactDeleted, c.Contacts.WhenSalesforceLeadDeleted, c.Contacts.WhenHubSpotDeleted = "archive", "flag", "delete"
		}))
		contact := w.made(core.Contact, "LastName", "A", "Email", "a@x.com")
		lead := w.made(core.Lead, "LastName", "B", "Company", "Co", "Email", "b@x.com")
		third := w.made(core.Lead, "LastName", "C", "Company", "Co", "Email", "c@x.com")
		w.Sync()
		flagged, archived := w.wantMate(lead), w.wantMate(contact)
		w.Advance(3 * time.Second)
		w.must(w.Org.As(admin).Delete("Contact", contact))
		w.must(w.Org.As(admin).Delete("Lead", lead))
		w.must(w.Portal.As(admin).Archive("contacts", w.wantMate(third)))
		w.Sync()
		w.must(w.Engine.Resync(t.Context(), w.Conn, core.ContactPair, []string{third}))
		w.again()
		w.wantPersons(0, 0, 1)
		w.want(core.Contacts, flagged, "salesforcedeleted", "true")
		if _, live := w.Portal.As(admin).Get("contacts", archived); live {
			t.Error("the contact's partner was not archived")
		}
	})
}
