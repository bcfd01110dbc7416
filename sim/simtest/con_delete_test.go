package simtest

import (
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/store"
)

// deletes sets every deletion of people to the sharpest word.
func deletes(c *config.Connection) {
	c.Contacts.WhenSalesforceContactDeleted, c.Contacts.WhenSalesforceLeadDeleted, c.Contacts.WhenHubSpotDeleted = "delete", "delete", "delete"
}

// merging is a merge of two people of an object, who both have partners.
type merging struct {
	object core.Object
	merge  func(w *World, master, loser string) error
	// leads, contacts, hubspot are how many people there are afterwards.
	leads, contacts, hubspot int
}

var mergings = map[string]merging{
	"contacts": {core.Contact, func(w *World, master, loser string) error { return w.Org.As(admin).Merge("Contact", master, loser) }, 0, 1, 2},
	"leads":    {core.Lead, func(w *World, master, loser string) error { return w.Org.As(admin).Merge("Lead", master, loser) }, 1, 0, 2},
	"HubSpot contacts": {core.Contacts, func(w *World, master, loser string) error {
		_, err := w.Portal.As(admin).Merge("contacts", master, loser)
		return err
	}, 0, 2, 1},
}

// TestDEL6_DEDUP5_AMergeOfPeopleIsNeverADeletion although deletions pass: Salesforce announces
// the loser of a merge as deleted, HubSpot gives both a third id. Where both had partners
// the loser's waits for a merge or a decision (DEL-4, DEDUP-5).
func TestDEL6_DEDUP5_AMergeOfPeopleIsNeverADeletion(t *testing.T) {
	for name, m := range mergings {
		t.Run(name, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				t.Run("told by polls", func(t *testing.T) { m.run(New(t, profile, people(deletes, becomesContact))) })
				t.Run("told by events", func(t *testing.T) {
					w := New(t, profile, events(), people(deletes, becomesContact))
					w.serving()
					m.run(w)
				})
			})
		})
	}
}

func (m merging) run(w *World) {
	w.T.Helper()
	master, loser := w.made(m.object, w.named(m.object, "master")...), w.made(m.object, w.named(m.object, "loser")...)
	w.until(func() bool { return w.mate(master) != "" && w.mate(loser) != "" })
	kept := w.mate(loser)
	w.Advance(3 * time.Second)
	w.must(m.merge(w, master, loser))
	w.until(func() bool { return w.parked(kept) })
	w.wantPersons(m.leads, m.contacts, m.hubspot)
}

// named are the fields of a new person of an object.
func (w *World) named(object core.Object, name string) []string {
	switch object {
	case core.Contacts:
		return []string{"email", name + "@x.com", "lastname", name}
	case core.Lead:
		return []string{"Email", name + "@x.com", "LastName", name, "Company", "Co"}
	}
	return []string{"Email", name + "@x.com", "LastName", name}
}

// until waits for what a service does in the background, or syncs until it is so.
func (w *World) until(done func() bool) {
	w.T.Helper()
	if w.stop != nil {
		w.eventually(done)
		return
	}
	for range 3 {
		if w.again(); done() {
			return
		}
	}
	w.T.Fatalf("it does not come to be; issues %+v", w.openIssues())
}

// parked reports that a person's link is parked, and that an issue offers a merge.
func (w *World) parked(id string) bool {
	w.T.Helper()
	if w.linkState(id) != core.LinkParked {
		return false
	}
	for _, i := range w.openIssues() {
		if i.Ref.ID == id && i.Code == "partner_merged" && len(i.Candidates) > 0 {
			return true
		}
	}
	return false
}

// TestDEL5_LIM16_ADeletionOutsideTheListIsSeen as any other: the list limits what syncs, and
// not what is known.
func TestDEL5_LIM16_ADeletionOutsideTheListIsSeen(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(deletes, func(c *config.Connection) { c.Contacts.InclusionList = "Members" }),
			Before(func(w *World) { w.list("Members", propertyIs("lastname", "In")) }))
		hs := w.made(core.Contacts, "email", "in@x.com", "lastname", "In", "company", "Co")
		w.Sync()
		lead := w.wantMate(hs)
		w.Advance(3 * time.Second)
		w.change(core.Contacts, hs, "lastname", "Left")
		w.again()
		w.want(core.Lead, lead, "LastName", "In")
		w.must(w.Org.As(admin).Delete("Lead", lead))
		w.again()
		w.wantPersons(0, 0, 0)
	})
}

// TestDEL7_PROP3_ADeletionIsFlaggedAndTheFlagTakenBack once the record is in step again.
func TestDEL7_PROP3_ADeletionIsFlaggedAndTheFlagTakenBack(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(func(c *config.Connection) { c.Contacts.WhenSalesforceContactDeleted = "flag" }))
		contact := w.made(core.Contact, "LastName", "Gray", "Email", "ada@x.com")
		w.Sync()
		hs := w.wantMate(contact)
		w.Advance(3 * time.Second)
		w.must(w.Org.As(admin).Delete("Contact", contact))
		w.Sync()
		w.want(core.Contacts, hs, "salesforcedeleted", "true")
		w.must(w.Org.As(admin).Undelete("Contact", contact))
		w.again()
		w.must(w.Engine.Resync(t.Context(), w.Conn, core.ContactPair, []string{contact}))
		w.again()
		if got := w.wantMate(contact); got != hs {
			t.Errorf("linked with %s, want %s", got, hs)
		}
		w.want(core.Contacts, hs, "salesforcedeleted", "false")
		w.wantPersons(0, 1, 1)
		w.wantStill(t)
	})
}

// TestDEL7_DEL2_LIM16_ADeletionInHubSpotIsFlaggedInSalesforce by a checkbox of our own, of people
// and of companies, and the tick is taken out once the record is in step again.
func TestDEL7_DEL2_LIM16_ADeletionInHubSpotIsFlaggedInSalesforce(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(func(c *config.Connection) {
			c.Contacts.WhenHubSpotDeleted, c.Companies.WhenHubSpotDeleted = "flag", "flag"
		}))
		mark := w.Conn.DeletedField(core.Salesforce)
		account, company := w.linked("Edge")
		w.linked("Other")
		all := map[core.Object]string{core.Contact: w.made(core.Contact, "LastName", "Gray", "Email", "ada@x.com"), core.Lead: w.made(core.Lead, "LastName", "Brown", "Company", "Co", "Email", "bo@x.com")}
		w.made(core.Contact, "LastName", "Stays", "Email", "stays@x.com")
		w.again()
		for object, id := range all {
			w.must(w.Org.GrantField(string(object), mark))
			w.must(w.Portal.As(admin).Archive("contacts", w.wantMate(id)))
		}
		w.must(w.Org.GrantField("Account", mark))
		w.must(w.Portal.As(admin).Archive("companies", company))
		all[core.Account] = account
		w.Advance(time.Minute)
		w.sweepAll()
		w.again()
		for object, id := range all {
			w.want(object, id, mark, "true")
		}
		w.wantPersons(1, 2, 1)
		w.wantStill(t)
		w.must(w.Engine.Resync(t.Context(), w.Conn, core.ContactPair, []string{all[core.Contact], all[core.Lead]}))
		w.Resync(account)
		w.again()
		w.again()
		for object, id := range all {
			w.want(object, id, mark, "false")
		}
		w.wantMate(all[core.Lead])
		w.wantNoIssues()
		w.wantStill(t)
	})
}

// TestN16_ManyDeletedPeopleBrake before anything is deleted on the other side.
func TestN16_ManyDeletedPeopleBrake(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(deletes))
		var contacts []string
		for i := range 30 {
			contacts = append(contacts, w.made(core.Contact, "LastName", "P", "Email", string(rune('a'+i%26))+string(rune('a'+i/26))+"@x.com"))
		}
		w.Sync()
		w.Advance(3 * time.Second)
		for _, id := range contacts[:20] {
			w.must(w.Org.As(admin).Delete("Contact", id))
		}
		_, _ = w.TrySync()
		w.wantPersons(0, 10, 30)
		var brakes []store.Brake
		w.must(w.Store.View(t.Context(), func(tx *store.Tx) (err error) { brakes, err = tx.Brakes(w.Conn.ID); return err }))
		if len(brakes) != 1 || brakes[0].Kind != string(core.BrakeDeletes) {
			t.Fatalf("brakes %+v", brakes)
		}
		w.must(w.Engine.Resume(t.Context(), w.Conn, brakes[0].Kind))
		w.again()
		w.wantPersons(0, 10, 10)
	})
}

// TestAMB13_DEDUP1_WhoIsEnteredAnewSyncs although another record with the address lost its
// partner and stays without.
func TestAMB13_DEDUP1_WhoIsEnteredAnewSyncs(t *testing.T) {
	w := New(t, people())
	for i := range 8 { // so that no brake stands in the way
		w.made(core.Lead, "LastName", "X", "Company", "Co", "Email", string(rune('a'+i))+"@y.com")
	}
	old, hs := w.optPair("a@x.com")
	w.must(w.Portal.As(admin).Archive("contacts", hs))
	w.Advance(25 * time.Hour)
	w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
	w.again()
	if state := w.linkState(old); state != core.LinkClosed {
		t.Fatalf("the link is %s", state)
	}
	anew := w.made(core.Contact, "LastName", "Anew", "Email", "a@x.com")
	w.again()
	w.again()
	w.want(core.Contacts, w.wantMate(anew), "email", "a@x.com")
	w.wantPersons(8, 2, 9)
	if w.mate(old) != "" {
		t.Error("the one who lost the partner has one again")
	}
}

// TestSET4_NobodyIsDeletedWhileContactSyncIsOff: the two are taken apart, and the partner stays.
func TestSET4_NobodyIsDeletedWhileContactSyncIsOff(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(deletes))
		w.crowd()
		contact, hs := w.optPair("a@x.com")
		w.Restart(func(c *config.Connection) { c.Contacts.Sync = false })
		w.must(w.Org.As(admin).Delete("Contact", contact))
		w.thrice()
		if !w.alive(core.Contacts, hs) {
			t.Error("the partner was deleted")
		}
	})
}
