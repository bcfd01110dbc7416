package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

func similar(how string) Option {
	return people(func(c *config.Connection) {
		c.Contacts.Similar, c.Companies.Similar, c.Companies.CreateAccount = how, how, "always"
	})
}

// alikePair are a contact and a HubSpot contact who are surely the same, though their
// addresses differ.
func (w *World) alikePair() (contact, hs string) {
	contact = w.made(core.Contact, "FirstName", "Evelyn", "LastName", "Dean", "Birthdate", "1990-03-03", "MailingPostalCode", "PO1 1AA", "Email", "evelyn.dean@old.com")
	hs = w.made(core.Contacts, "firstname", "Evelin", "lastname", "Dean", "date_of_birth", "1990-03-03", "zip", "PO1 1AA", "email", "e.dean@new.com", "company", "Co")
	w.Advance(time.Hour)
	return contact, hs
}

// TestLIM4_SimilarPeopleAreReviewed, never linked by themselves, and not looked at
// where the setting is off.
func TestLIM4_SimilarPeopleAreReviewed(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		t.Run("off", func(t *testing.T) {
			var contact, hs string
			w := New(t, profile, similar("off"), Before(func(w *World) { contact, hs = w.alikePair() }))
			w.importing(core.ContactPair, core.Sides[:]...)
			if w.wantMate(contact) == hs {
				t.Error("linked")
			}
			w.wantPersons(1, 1, 2)
		})
		for _, from := range core.Sides {
			t.Run("review from "+from.String(), func(t *testing.T) {
				var contact, hs string
				w := New(t, profile, similar("review"), Before(func(w *World) { contact, hs = w.alikePair() }))
				w.importing(core.ContactPair, core.Sides[:]...)
				id := [2]string{contact, hs}[from]
				x := w.explainPerson(id)
				if x.Verdict != engine.Blocked || len(x.Issues) != 1 || len(x.Issues[0].Candidates) != 1 || len(x.Issues[0].Evidence) != 1 || x.Issues[0].Evidence[0] == "" {
					t.Fatalf("%s: %+v", x.Verdict, x.Issues)
				}
				w.wantPersons(0, 1, 1)
				w.again()
				w.wantPersons(0, 1, 1)
				w.must(w.Engine.Link(t.Context(), w.Conn, core.ContactPair, contact, hs))
				w.again()
				w.wantNoIssues()
				w.wantPersons(0, 1, 1)
			})
		}
		t.Run("different", func(t *testing.T) {
			var contact, hs string
			w := New(t, profile, similar("review"), Before(func(w *World) { contact, hs = w.alikePair() }))
			w.importing(core.ContactPair, core.Sides[:]...)
			_, err := w.Engine.Apart(t.Context(), w.Conn, core.ContactPair, hs)
			w.must(err)
			w.again()
			w.again()
			w.wantNoIssues()
			if w.wantMate(contact) == hs {
				t.Error("linked against a person's word")
			}
			w.wantPersons(1, 1, 2)
		})
	})
}

// TestLIM4_AQuestionStandsUntilItIsAnswered, although nobody is looked for any more: neither
// an edit nor a retry makes a partner for a record that may have one.
func TestLIM4_AQuestionStandsUntilItIsAnswered(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for name, answer := range map[string]func(w *World, contact, hs string) error{
			"linked": func(w *World, contact, hs string) error {
				return w.Engine.Link(w.T.Context(), w.Conn, core.ContactPair, contact, hs)
			},
			"apart": func(w *World, _, hs string) error {
				_, err := w.Engine.Apart(w.T.Context(), w.Conn, core.ContactPair, hs)
				return err
			},
		} {
			t.Run(name, func(t *testing.T) {
				var contact, hs string
				w := New(t, profile, similar("review"), Before(func(w *World) { contact, hs = w.alikePair() }))
				w.importing(core.ContactPair, core.Sides[:]...)
				w.Restart(func(c *config.Connection) { c.Contacts.Similar = config.SimilarOff })
				w.again()
				w.must(w.Org.As(admin).Update("Contact", contact, map[string]any{"Title": "Head"}))
				w.must(w.Portal.As(admin).Update("contacts", hs, map[string]string{"jobtitle": "Head"}))
				w.again()
				_, err := w.Engine.Retry(t.Context(), w.Conn, store.IssueFilter{})
				w.must(err)
				w.again()
				w.wantPersons(0, 1, 1)
				for _, id := range []string{contact, hs} {
					if x := w.explainPerson(id); x.Verdict != engine.Blocked || len(x.Issues) != 1 || x.Issues[0].Code != engine.CodeSimilar {
						t.Errorf("%s is %s: %+v", id, x.Verdict, x.Issues)
					}
				}
				w.must(answer(w, contact, hs))
				w.again()
				w.again()
				w.wantNoIssues()
				if joined := w.wantMate(contact) == hs; joined != (name == "linked") {
					t.Errorf("linked with each other: %v", joined)
				}
			})
		}
	})
}

// TestLIM4_AQuestionEndsWithTheImportThatAnswersIt: whoever may be the same as somebody
// that an import gives to another one is brought too, and asked about no more.
func TestLIM4_AQuestionEndsWithTheImportThatAnswersIt(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var contact, alike, rightful string
		w := New(t, profile, similar("review"), Before(func(w *World) {
			contact, alike = w.alikePair()
			rightful = w.made(core.Contacts, "firstname", "Evelyn", "lastname", "Dean", "email", "evelyn.dean@old.com", "company", "Co")
			w.Advance(time.Hour)
		}))
		w.importingContacts(alike)
		if x := w.explainPerson(alike); x.Verdict != engine.Blocked || len(x.Issues) != 1 || x.Issues[0].Code != engine.CodeSimilar {
			t.Fatalf("%s: %+v", x.Verdict, x.Issues)
		}
		w.importingContacts(rightful)
		if w.wantMate(contact) != rightful {
			t.Errorf("%s is not linked with %s of the same address", contact, rightful)
		}
		w.wantNoIssues()
		w.wantMate(alike)
	})
}

// TestLIM4_PostalCodesOfDigitsAreText, though every one that is asked looks like a number, and a day
// of birth that is none is not asked for.
func TestLIM4_PostalCodesOfDigitsAreText(t *testing.T) {
	w := New(t, similar("review"))
	contact := w.made(core.Contact, "FirstName", "Evelyn", "LastName", "Dean", "MailingPostalCode", "10117", "Phone", "0301234567", "Email", "evelyn.dean@old.com")
	hs := w.made(core.Contacts, "firstname", "Evelin", "lastname", "Dean", "zip", "10117", "date_of_birth", "1990", "phone", "0301234567", "email", "e.dean@new.com", "company", "Co")
	w.Sync()
	for _, i := range w.openIssues() {
		if i.Code != "similar_record" {
			t.Errorf("%s: %s", i.Code, i.Message)
		}
	}
	if x := w.explainPerson(contact); len(x.Issues) != 1 || len(x.Issues[0].Candidates) != 1 || x.Issues[0].Candidates[0].ID != hs {
		t.Errorf("explain says %+v", x.Issues)
	}
}

// TestLIM4_WhoIsCertainlyTheSameIsLinkedWhereSet: and with a rival of much the same name
// at the same address nobody is.
func TestLIM4_WhoIsCertainlyTheSameIsLinkedWhereSet(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		t.Run("alone", func(t *testing.T) {
			var contact, hs string
			w := New(t, profile, similar("link"), Before(func(w *World) { contact, hs = w.alikePair() }))
			w.importing(core.ContactPair, core.Salesforce)
			if w.wantMate(contact) != hs {
				t.Errorf("linked with %q", w.mate(contact))
			}
			w.wantPersons(0, 1, 1)
			w.again()
			w.wantStill(t)
		})
		t.Run("father and son", func(t *testing.T) {
			var contact, hs string
			w := New(t, profile, similar("link"), Before(func(w *World) {
				at := []string{"FirstName", "John", "LastName", "Dean", "MailingPostalCode", "PO1 1AA", "MailingStreet", "1 High Street"}
				contact = w.made(core.Contact, append(at, "Birthdate", "1990-03-03", "Email", "son@old.com")...)
				w.made(core.Contact, append(at, "Birthdate", "1960-12-24", "Email", "father@old.com")...)
				hs = w.made(core.Contacts, "firstname", "John", "lastname", "Dean", "zip", "PO1 1AA", "address", "1 High St", "email", "dean@new.com", "company", "Co")
				w.Advance(time.Hour)
			}))
			w.importing(core.ContactPair, core.Sides[:]...)
			w.wantPersonRule(hs, "LIM-4", engine.Blocked)
			if w.mate(contact) != "" {
				t.Error("a guess between father and son")
			}
		})
	})
}

// TestLIM4_ASwitchboardIsNobodysOwn: colleagues share a number and a city, and are not
// even proposed.
func TestLIM4_ASwitchboardIsNobodysOwn(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var contact, hs string
		w := New(t, profile, similar("link"), Before(func(w *World) {
			contact = w.made(core.Contact, "FirstName", "Tim", "LastName", "Barr", "Phone", "(212) 842-5500", "MailingCity", "New York", "Email", "barr_tim@grand.com")
			hs = w.made(core.Contacts, "firstname", "John", "lastname", "Bond", "phone", "(212) 842-5500", "city", "New York", "email", "bond_john@grand.com", "company", "Grand")
			w.Advance(time.Hour)
		}))
		w.importing(core.ContactPair, core.Sides[:]...)
		if w.wantMate(contact) == hs {
			t.Error("linked by a telephone number")
		}
		w.wantNoIssues()
		w.wantPersons(1, 1, 2)
	})
}

// TestLIM4_SimilarCompanies are reviewed, and linked where set and certain.
func TestLIM4_SimilarCompanies(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for how, linked := range map[string]bool{"review": false, "link": true} {
			t.Run(how, func(t *testing.T) {
				var account, company string
				w := New(t, profile, similar(how), Before(func(w *World) {
					account = w.account("Edge Communications, Inc.", "BillingStreet", "312 Constitution Place", "BillingPostalCode", "78767-1234", "Phone", "(512) 757-6000", "BillingCity", "Austin")
					w.account("Edge Lit", "BillingStreet", "9 Other Road", "BillingPostalCode", "10001", "BillingCity", "New York")
					company = w.made(core.Companies, "name", "EDGE Communications", "address", "312 Constitution Pl", "zip", "78767", "phone", "(512) 757-6000", "city", "Austin")
					w.Advance(time.Hour)
				}))
				w.importing(core.CompanyPair, core.Salesforce)
				if got := w.partner(account) == company; got != linked {
					t.Errorf("linked: %v; %+v", got, w.Explain(account).Rules)
				}
				if !linked {
					w.wantRule(account, "LIM-4", engine.Blocked)
				}
				if w.companyCount() != 2 {
					t.Errorf("%d companies", w.companyCount())
				}
			})
		}
	})
}
