package simtest

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// explainPerson explains a contact or lead.
func (w *World) explainPerson(id string) *engine.Explanation {
	w.T.Helper()
	x, err := w.Engine.Explain(w.T.Context(), w.Conn, core.ContactPair, id)
	w.must(err)
	return x
}

// feeds are the ways in which a portal tells of an erasure.
var feeds = map[string]struct {
	with     Option
	announce func(w *World, person string)
}{
	"journal": {events(), func(*World, string) {}},
	"webhooks": {func(*setup) {}, func(w *World, person string) {
		ref := core.Ref{Side: core.HubSpot, Object: core.Contacts, ID: person}
		w.hook(connector.Event{Kind: connector.EventDelete, Ref: ref, At: w.Now()})
		w.Sync() // the two events of an erasure may come far apart
		w.hook(connector.Event{Kind: connector.EventPrivacy, Ref: ref, At: w.Now()})
	}},
}

// friends are two people of one account who are linked on both sides.
func (w *World) friends() (contact, person string) {
	w.T.Helper()
	account := w.account("Edge")
	contact = w.contact("Gonzalez", "rose@edge.com", account)
	w.contact("Bystander", "by@edge.com", account)
	w.person("Bystander", "by@edge.com")
	person = w.person("Gonzalez", "Rose@edge.com")
	w.Sync()
	w.Advance(3 * time.Second)
	if l := w.explainPerson(person).Link; l == nil || l.State != core.LinkActive || l.Salesforce != contact {
		w.T.Fatalf("the two are not linked: %+v", l)
	}
	return contact, person
}

func (w *World) erasePerson(person string, announce func(*World, string)) (at time.Time) {
	w.T.Helper()
	at = w.Now()
	w.must(w.Portal.As(admin).GDPRDelete(person))
	announce(w, person)
	w.Advance(3 * time.Second)
	w.Sync()
	return at
}

func TestR19_PrivacyDeletionIsForGood(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for name, feed := range feeds {
			t.Run(name, func(t *testing.T) {
				w := New(t, profile, feed.with)
				contact, person := w.friends()
				at := w.erasePerson(person, feed.announce)
				for _, id := range []string{contact, person} {
					w.wantErased(id, at)
				}
				if issue := w.wantIssue(core.CategoryOther, "partner_erased", ""); issue.Ref.ID != contact || issue.Mend == "" {
					t.Errorf("issue %+v", issue)
				}
				w.Restart()
				w.must(w.Org.As(admin).Update("Contact", contact, map[string]any{"Title": "Boss"}))
				again, lead := w.person("Gonzalez", "ROSE@edge.com"), w.lead("Gonzalez", "rose@edge.com")
				w.settle()
				w.wantErased(contact, at)
				for _, id := range []string{again, lead} {
					if x := w.explainPerson(id); x.Link != nil || x.Verdict != engine.OutOfScope || lastRule(x) != "AMB-13" {
						t.Errorf("explain %s: %s by %+v, link %+v", id, x.Verdict, x.Rules, x.Link)
					}
				}
			})
		}
	})
}

// wantErased fails unless explain and history say that a person was erased and
// when, and nothing that the store keeps of the person has a value.
func (w *World) wantErased(id string, at time.Time) {
	w.T.Helper()
	x := w.explainPerson(id)
	if x.Verdict != engine.Blocked || lastRule(x) != "AMB-13" || x.Link == nil || x.Link.State != core.LinkParked {
		w.T.Errorf("explain %s: %s by %+v, link %+v", id, x.Verdict, x.Rules, x.Link)
		return
	}
	said, err := time.Parse(time.RFC3339Nano, x.Rules[len(x.Rules)-1].Facts["erased"])
	if err != nil || said.Sub(at).Abs() > 10*time.Second {
		w.T.Errorf("explain %s: erased %v, want %s", id, x.Rules[len(x.Rules)-1].Facts, at)
	}
	h, err := w.Engine.History(w.T.Context(), w.Conn, core.ContactPair, id, 50)
	w.must(err)
	told := false
	for _, e := range h {
		told = told || strings.Contains(e.Note, "privacy") && e.At.Equal(said)
		if len(e.Writes)+len(e.Conflicts) > 0 {
			w.T.Errorf("history of %s holds %+v", id, e)
		}
	}
	if !told {
		w.T.Errorf("history of %s does not tell: %+v", id, h)
	}
	w.must(w.Store.View(w.T.Context(), func(tx *store.Tx) error {
		l, err := tx.LinksOf(w.Conn.ID, engine.RefsFor(core.StandardPairs, core.ContactPair, id))
		for _, l := range l {
			if len(l.Base) != 0 {
				w.T.Errorf("the base of %s holds %v", id, l.Base)
			}
		}
		return err
	}))
}

func TestR19_ErasedOnBothSidesIsClosed(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, events())
		contact, person := w.friends()
		w.erasePerson(person, feeds["journal"].announce)
		w.must(w.Org.As(admin).Delete("Contact", contact))
		w.Advance(3 * time.Second)
		w.Sync() // polls find it as well as a sweep does
		w.wantNoIssues()
		if x := w.explainPerson(contact); x.Link == nil || x.Link.State != core.LinkClosed {
			t.Errorf("link %+v", x.Link)
		}
	})
}

func TestR19_ErasureWithoutAPartnerIsTold(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, events())
		person := w.person("Gonzalez", "rose@edge.com")
		w.Sync()
		w.erasePerson(person, feeds["journal"].announce)
		if x := w.explainPerson(person); x.Verdict != engine.OutOfScope || lastRule(x) != "AMB-13" || len(x.History) == 0 {
			t.Errorf("%s by %+v, history %+v", x.Verdict, x.Rules, x.History)
		}
		w.wantNoIssues()
	})
}

// Whatever object is announced as erased: a company here.
func TestR19_ErasedCompanyIsNotMadeAgain(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, whenDeleted(core.HubSpot, "delete"))
		account, company := w.linked("Edge", "Phone", "0123456789")
		w.remove(core.HubSpot, account, company)
		w.hook(connector.Event{Kind: connector.EventPrivacy, Ref: core.Ref{Side: core.HubSpot, Object: core.Companies, ID: company}, At: w.Now()})
		w.settle()
		w.editAccount(account, "Phone", "555")
		w.settle()
		if w.accounts() != 1 || w.companyCount() != 0 {
			t.Errorf("%d accounts, %d companies", w.accounts(), w.companyCount())
		}
		x := w.Explain(account)
		if raw, err := json.Marshal(x.History); err != nil || strings.Contains(string(raw), "0123456789") || lastRule(x) != "AMB-13" {
			t.Errorf("rule %s, history %s %v", lastRule(x), raw, err)
		}
	})
}

// hook delivers an event as a verified webhook.
func (w *World) hook(ev connector.Event) {
	w.T.Helper()
	w.must(w.Engine.CaptureWebhooks(w.T.Context(), w.Conn, []connector.Event{ev}))
}

// TestR19_AnErasureOfASurvivorIsOneOfAllWhoWereMerged, also where nobody has looked at the
// merge yet, and of the one whose link waits since.
func TestR19_AnErasureOfASurvivorIsOneOfAllWhoWereMerged(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, seen := range []string{"unseen", "seen"} {
			t.Run(seen, func(t *testing.T) {
				w := New(t, profile, people(), events())
				a, ha := w.optPair("a@x.com")
				b, hb := w.optPair("b@x.com")
				w.Advance(time.Minute)
				survivor, err := w.Portal.As(admin).Merge("contacts", ha, hb)
				w.must(err)
				if seen == "seen" {
					w.again()
					w.again()
				}
				at := w.Now()
				w.must(w.Portal.As(admin).GDPRDelete(survivor))
				for range 3 {
					w.again()
				}
				w.wantErased(a, at)
				w.wantErased(b, at)
				lead := w.made(core.Lead, "LastName", "New", "Company", "Co", "Email", "b@x.com")
				w.again()
				w.wantLonely(lead, "AMB-13")
				if n := w.contactCount(); n != 0 {
					t.Errorf("%d HubSpot contacts, want none", n)
				}
			})
		}
	})
}

// TestAMB13_AnErasureLeavesWhoFoundAnotherPartner: a contact was linked with a person once,
// and is with another one by now. What is wrong with that pair is told while the erasure of
// the former is looked at again, and its history goes on.
func TestAMB13_AnErasureLeavesWhoFoundAnotherPartner(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, events(), people())
		contact, person := w.friends()
		w.optPair("taken@x.com")
		w.must(w.Engine.Unlink(t.Context(), w.Conn, core.ContactPair, person))
		w.must(w.Engine.Link(t.Context(), w.Conn, core.ContactPair, w.contact("Heir", "heir@edge.com", w.account("Elsewhere")), person))
		w.must(w.Engine.Link(t.Context(), w.Conn, core.ContactPair, contact, w.person("Gonzalez", "own@edge.com")))
		w.change(core.Contact, contact, "Email", "taken@x.com")
		w.thrice()
		w.must(w.Portal.As(admin).GDPRDelete(person))
		for round := range 4 {
			w.Advance(40 * time.Minute) // what is open is tried again
			w.again()
			if at := w.issueOn("email"); at != contact {
				t.Fatalf("round %d: the address in use is told of %q, want the contact %s", round, at, contact)
			}
		}
		w.change(core.Contact, contact, "LastName", "Gonzales")
		w.thrice()
		w.Advance(40 * time.Minute)
		w.thrice()
		h, err := w.Engine.History(t.Context(), w.Conn, core.ContactPair, contact, 50)
		w.must(err)
		if !slices.ContainsFunc(h, func(e engine.HistoryView) bool {
			return len(e.Writes) > 0 && e.Writes[0].After["lastname"] == "Gonzales"
		}) {
			t.Errorf("the history does not tell of the new name: %+v", h)
		}
	})
}
