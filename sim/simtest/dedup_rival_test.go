package simtest

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestDEDUP9_RivalsOfANewLinkAreToldAtOnce: of several people with one address, from before
// people synced, the one who comes first gets a partner by a person's word, an import of all or an edit. What
// explain says of the others from then on stands in their issues as soon as that sync ends,
// and no sweep has to find them first.
func TestDEDUP9_RivalsOfANewLinkAreToldAtOnce(t *testing.T) {
	asks := map[string]func(w *World, id string){
		"resync": func(w *World, id string) {
			w.must(w.Engine.Resync(w.T.Context(), w.Conn, core.ContactPair, []string{id}))
		},
		"import": func(w *World, _ string) { w.importing(core.ContactPair, core.Salesforce) }, // of all of them
		"edit": func(w *World, id string) {
			object := core.Contact
			if strings.HasPrefix(id, "00Q") {
				object = core.Lead
			}
			w.change(object, id, "FirstName", "Eve")
		},
	}
	inBoth(t, func(t *testing.T, profile Option) {
		for name, world := range namesakes {
			for how, ask := range asks {
				t.Run(name+" by "+how, func(t *testing.T) {
					var first string
					var others []string
					w := New(t, profile, people(), Before(func(w *World) {
						first, others = world(w)
						w.Advance(time.Hour)
					}))
					w.Sync()
					w.wantNoIssues()
					w.Advance(time.Minute)
					ask(w, first)
					w.Sync()
					w.wantOneOf(first, others)
				})
			}
		}
	})
}

// TestDEDUP9_RivalsOfACompanysPeopleAreToldAtOnce: where people do not sync, they are linked
// because companies match by them, and their rivals are told by the same sync.
func TestDEDUP9_RivalsOfACompanysPeopleAreToldAtOnce(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		contact, rival, w := companysRival(t, profile, false)
		w.wantOneOf(contact, []string{rival})
	})
}

// TestCON1_DEDUP9_NobodyIsTheRivalOfThoseWhoStayAway: two who are the same and were neither
// imported nor edited are not linked, and a third one with the address stays away like them
// until somebody asks for it.
func TestCON1_DEDUP9_NobodyIsTheRivalOfThoseWhoStayAway(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		_, rival, w := companysRival(t, profile, true)
		for range 2 {
			w.wantPersonRule(rival, "CON-1", engine.OutOfScope)
			w.wantNoIssues()
			w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
			w.again()
		}
		w.change(core.Lead, rival, "FirstName", "Eve")
		w.again()
		w.wantPersonRule(rival, "DEDUP-9", engine.Blocked)
		w.wantIssue(core.CategoryDuplicate, "email_already_in_use", "")
	})
}

// companysRival is a world in which the account of a contact was edited, who is the same as
// a contact of HubSpot and as a lead.
func companysRival(t *testing.T, profile Option, synced bool) (contact, rival string, w *World) {
	w = New(t, profile, people(func(c *config.Connection) { c.Contacts.Sync = synced }), Before(func(w *World) {
		contact = w.contact("Gonzalez", "rose@edge.com", w.account("Edge"))
		rival = w.leadOf("rose@edge.com", "Rose")
		w.person("Gonzalez", "rose@edge.com")
		w.Advance(time.Hour)
	}))
	w.Sync()
	w.wantNoIssues()
	w.Advance(time.Minute)
	w.change(core.Account, w.shown(core.Contact, contact, "AccountId"), "BillingCity", "Oslo")
	w.Sync()
	return contact, rival, w
}

// TestDEDUP9_RivalsOfAPersonsLinkAreToldAtOnce: the same for two records that a person links.
func TestDEDUP9_RivalsOfAPersonsLinkAreToldAtOnce(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var first, rival, hs string
		w := New(t, profile, people(), Before(func(w *World) {
			first, rival = w.leadOf("a@x.com", "A"), w.leadOf("A@x.com", "B")
			hs = w.made(core.Contacts, "lastname", "A", "email", "a@x.com", "company", "Co")
			w.Advance(time.Hour)
		}))
		w.Sync()
		w.must(w.Engine.Link(t.Context(), w.Conn, core.ContactPair, rival, hs))
		w.Sync()
		w.wantOneOf(rival, []string{first})
	})
}
