package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// personKeys matches people by the keys given beside their address.
func personKeys(keys ...string) Option {
	return people(func(c *config.Connection) {
		c.Contacts.Match = keys
		c.Contacts.ExternalKey = config.FieldPair{Salesforce: "Department", HubSpot: "person_number"}
	})
}

// withPersonNumbers gives the portal a property for the customer's own number of people.
func withPersonNumbers(w *World) {
	w.T.Helper()
	w.portalCall("POST", "/crm/v3/properties/contacts", map[string]any{"name": "person_number", "label": "Person number", "type": "string", "fieldType": "text", "groupName": "contactinformation"})
}

func (w *World) wantPersonRule(id, rule string, verdict engine.Verdict) {
	w.T.Helper()
	x := w.explainPerson(id)
	if x.Verdict != verdict || len(x.Rules) == 0 || x.Rules[len(x.Rules)-1].Rule != rule {
		w.T.Errorf("%s is %s by %+v, want %s by %s", id, x.Verdict, x.Rules, verdict, rule)
	}
}

// TestLIM4_PeopleMatchByTheKeysInOrder finds a person whose address differs, or who has
// none, by a key of the settings.
func TestLIM4_PeopleMatchByTheKeysInOrder(t *testing.T) {
	for name, fields := range map[string][2][]string{
		"external key":     {{"Department", "P-7", "Email", "old@edge.com"}, {"person_number", "p-7", "email", "new@edge.com"}},
		"name and address": {{"MailingStreet", "1 Main Street", "MailingPostalCode", "787 01"}, {"address", "1 main st.", "zip", "787 01", "email", "ada@edge.com"}},
	} {
		for _, from := range core.Sides {
			t.Run(name+" from "+from.String(), func(t *testing.T) {
				inBoth(t, func(t *testing.T, profile Option) {
					var contact, hs string
					w := New(t, profile, personKeys("id", "external_key", "email", "name_address"), Before(func(w *World) {
						withPersonNumbers(w)
						account := w.account("Edge")
						contact = w.made(core.Contact, append([]string{"FirstName", "Ada", "LastName", "O'Gray", "AccountId", account}, fields[0]...)...)
						hs = w.made(core.Contacts, append([]string{"firstname", "ADA", "lastname", "OGray"}, fields[1]...)...)
						w.Advance(time.Hour)
					}))
					w.importing(core.ContactPair, from)
					if got := w.mate(contact); got != hs {
						t.Errorf("linked with %q, want %s: %+v", got, hs, w.explainPerson(contact).Rules)
					}
					w.wantPersons(0, 1, 1)
					w.again()
					w.wantStill(t)
				})
			})
		}
	}
}

// TestDEDUP1_EqualNamesProveNothing: without another key people are the same by their
// address alone, and people without one are nobody's.
func TestDEDUP1_EqualNamesProveNothing(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		one := w.made(core.Contact, "FirstName", "Siddartha", "LastName", "Nedaerk", "Phone", "555-0100")
		two := w.made(core.Contacts, "firstname", "Siddartha", "lastname", "Nedaerk", "phone", "555-0100", "company", "Co")
		w.Sync()
		w.wantLonely(one, "IMP-3")
		w.wantLonely(two, "CON-6")
		w.wantPersons(0, 1, 1)
	})
}

// TestLIM4_BlankKeysOfPeopleAreNeverEqual: two people without number, address and
// postal code are two.
func TestLIM4_BlankKeysOfPeopleAreNeverEqual(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Before(withPersonNumbers), personKeys("id", "external_key", "email", "name_address"))
		one := w.made(core.Contact, "FirstName", "Ada", "LastName", "Gray", "Email", "a@x.com")
		two := w.made(core.Contacts, "firstname", "Ada", "lastname", "Gray", "email", "b@x.com", "company", "Co")
		w.Sync()
		if w.wantMate(one) == two {
			t.Error("linked for what both lack")
		}
		w.wantPersons(1, 1, 2)
	})
}

// TestLIM4_APersonWithSeveralCandidatesIsReviewed: nobody is made until a person decides.
func TestLIM4_APersonWithSeveralCandidatesIsReviewed(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, Before(withPersonNumbers), personKeys("id", "external_key", "email"))
		lead := w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", "lead@x.com")
		contact := w.made(core.Contact, "LastName", "Gray", "Email", "c@x.com", "Department", "7")
		other := w.made(core.Contact, "LastName", "Gray", "Email", "d@x.com", "Department", "7")
		hs := w.made(core.Contacts, "lastname", "Gray", "email", "e@x.com", "company", "Co", "person_number", "7")
		w.Sync()
		w.wantMate(lead)
		for _, id := range []string{contact, other, hs} {
			w.wantPersonRule(id, "AMB-5", engine.Blocked)
		}
		w.wantPersons(1, 2, 2)
		w.must(w.Engine.Link(t.Context(), w.Conn, core.ContactPair, other, hs))
		w.again()
		w.wantPersonRule(contact, "DEDUP-11", engine.Blocked)
		_, err := w.Engine.Apart(t.Context(), w.Conn, core.ContactPair, contact)
		w.must(err)
		w.again()
		if w.wantMate(contact) == hs || w.mate(other) != hs {
			t.Errorf("contact with %q, other with %q", w.mate(contact), w.mate(other))
		}
		w.wantNoIssues()
	})
}

// TestLIM6_ADecisionOutlivesTheAddress: two who are apart are not linked by an address
// they get in common, until a person links them.
func TestLIM6_ADecisionOutlivesTheAddress(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var contact, hs string
		w := New(t, profile, people(), Before(func(w *World) {
			contact = w.made(core.Contact, "LastName", "Gray", "Email", "office@x.com")
			hs = w.made(core.Contacts, "lastname", "Brown", "email", "office@x.com", "company", "Co")
			w.Advance(time.Hour)
		}))
		_, err := w.Engine.Apart(t.Context(), w.Conn, core.ContactPair, contact, hs)
		w.must(err)
		w.again()
		w.importing(core.ContactPair, core.Salesforce)
		if w.mate(contact) == hs {
			t.Error("linked against a person's word")
		}
		w.must(w.Engine.Unlink(t.Context(), w.Conn, core.ContactPair, w.wantMate(hs)))
		w.must(w.Engine.Link(t.Context(), w.Conn, core.ContactPair, contact, hs))
		w.again()
		if w.mate(contact) != hs {
			t.Error("not linked on a person's word")
		}
	})
}

// TestPROP1_DEDUP1_AStoredIDAgainstAnAddressIsReviewed: the id that the original
// integration left on a HubSpot contact names one person and the address is another's.
// Nobody is linked, written or made until a person chooses.
func TestPROP1_DEDUP1_AStoredIDAgainstAnAddressIsReviewed(t *testing.T) {
	type who struct{ gus, cat, hs string }
	meet := func(t *testing.T, profile Option) (*World, who) {
		var p who
		w := New(t, profile, people(), Before(func(w *World) {
			w.ensure()
			p.gus = w.made(core.Lead, "FirstName", "Gus", "LastName", "Lead", "Company", "Co", "Email", "gus@x.com")
			p.cat = w.made(core.Contact, "FirstName", "Cat", "LastName", "Both", "Email", "cat@x.com")
			p.hs = w.made(core.Contacts, "firstname", "Cat", "lastname", "Both", "email", "cat@x.com", "salesforceleadid", p.gus)
			w.Advance(time.Hour)
		}))
		w.importing(core.ContactPair, core.Sides[:]...)
		return w, p
	}
	inBoth(t, func(t *testing.T, profile Option) {
		w, p := meet(t, profile)
		for _, id := range []string{p.gus, p.cat, p.hs} {
			w.wantPersonRule(id, "PROP-1", engine.Blocked)
		}
		w.want(core.Contacts, p.hs, "firstname", "Cat")
		w.want(core.Contacts, p.hs, "email", "cat@x.com")
		w.wantPersons(1, 1, 1)
		w.must(w.Engine.Resync(t.Context(), w.Conn, core.ContactPair, []string{p.hs}))
		w.again()
		w.wantPersons(1, 1, 1)

		w.must(w.Engine.Link(t.Context(), w.Conn, core.ContactPair, p.cat, p.hs))
		w.again()
		w.want(core.Contacts, p.hs, "email", "cat@x.com")
		if w.mate(p.cat) != p.hs || w.wantMate(p.gus) == p.hs {
			t.Errorf("cat with %q, gus with %q", w.mate(p.cat), w.mate(p.gus))
		}
		w.wantPersons(1, 1, 2)
		w.wantNoIssues()
	})
	t.Run("the id is found to be wrong", func(t *testing.T) {
		w, p := meet(t, people())
		_, err := w.Engine.Apart(t.Context(), w.Conn, core.ContactPair, p.gus, p.hs)
		w.must(err)
		w.again()
		if w.mate(p.cat) != p.hs || w.wantMate(p.gus) == p.hs {
			t.Errorf("cat with %q, gus with %q", w.mate(p.cat), w.mate(p.gus))
		}
		w.wantNoIssues()
	})
}

// TestPROP1_AStoredIDAgainstAnAddressOfAnotherHubSpotContact: who has the address of the
// person whose id a contact carries may be that person as well.
func TestPROP1_AStoredIDAgainstAnAddressOfAnotherHubSpotContact(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var lead, stale, gus string
		w := New(t, profile, people(), Before(func(w *World) {
			w.ensure()
			lead = w.made(core.Lead, "LastName", "Lead", "Company", "Co", "Email", "gus@x.com")
			stale = w.made(core.Contacts, "lastname", "Other", "email", "other@x.com", "salesforceleadid", lead)
			gus = w.made(core.Contacts, "lastname", "Lead", "email", "gus@x.com", "company", "Co")
			w.Advance(time.Hour)
		}))
		w.importing(core.ContactPair, core.HubSpot)
		for _, id := range []string{lead, stale, gus} {
			w.wantPersonRule(id, "PROP-1", engine.Blocked)
		}
		w.want(core.Contacts, stale, "lastname", "Other")
		w.wantPersons(1, 0, 2)
	})
}
