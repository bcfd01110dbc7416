package simtest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestN15_LeadsAloneAreNoEmptiedSide: an org without contacts has its people all the
// same; one that lists none of its linked leads has lost them.
func TestN15_LeadsAloneAreNoEmptiedSide(t *testing.T) {
	w := New(t, people())
	lead := w.made(core.Lead, "LastName", "Only", "Company", "Co", "Email", "only@x.com")
	w.Sync()
	w.wantMate(lead)
	w.Advance(time.Hour)
	w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
	w.Sync()
	if got := w.brakes(); len(got) != 0 {
		t.Fatalf("brakes %v", got)
	}
	w.must(w.Org.SetHidden(hide(lead)))
	w.must(w.Engine.QueueSweeps(t.Context(), w.Conn))
	_, err := w.TrySync()
	wantCode(t, err, engine.CodeBrake)
	if got := w.brakes(); !slices.Contains(got, string(core.BrakeEmptied)) {
		t.Errorf("brakes %v", got)
	}
}

// TestN15_AFilterThatDropsMostPeopleBrakes until a person agrees.
func TestN15_AFilterThatDropsMostPeopleBrakes(t *testing.T) {
	w := New(t, people())
	var lead string
	for i := range 20 {
		lead = w.made(core.Lead, "LastName", fmt.Sprintf("L%d", i), "Company", "Co", "Email", fmt.Sprintf("l%d@x.com", i))
	}
	w.Sync()
	hs := w.wantMate(lead)
	w.Advance(time.Minute)
	w.Restart(func(c *config.Connection) {
		c.Contacts.Filter.FromSalesforce = `City == "Oslo"`
		c.Brakes.Scope = config.BrakeLimit{AtLeast: 5, Share: 0.5}
	})
	_, err := w.TrySync()
	wantCode(t, err, engine.CodeBrake)
	if said := new(engine.Error); !errors.As(err, &said) || !strings.Contains(said.Message, "20 of 20 linked contacts") || !strings.Contains(said.Mend, "the filter of contacts") {
		t.Errorf("the brake says %+v", said)
	}
	w.must(w.Engine.Resume(t.Context(), w.Conn, string(core.BrakeScope)))
	w.change(core.Lead, lead, "FirstName", "Out")
	w.again()
	w.want(core.Contacts, hs, "firstname", "")
	w.change(core.Lead, lead, "City", "Oslo")
	w.again()
	w.want(core.Contacts, hs, "firstname", "Out")
}

// TestR19_AnErasedPersonIsNeverMadeAgain although contacts sync.
func TestR19_AnErasedPersonIsNeverMadeAgain(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(), events())
		contact := w.made(core.Contact, "LastName", "Gone", "Email", "gone@x.com")
		w.Sync()
		w.must(w.Portal.As(admin).GDPRDelete(w.wantMate(contact)))
		w.again()
		w.change(core.Contact, contact, "FirstName", "Gil")
		w.made(core.Lead, "LastName", "Gone", "Company", "Co", "Email", "gone@x.com")
		w.again()
		w.again()
		w.wantPersons(1, 1, 0)
	})
}

// TestLIM7_DEDUP4_MergedPeopleAreFollowed on both sides: a survivor without a partner takes
// over, and where both had one nobody is made for the loser's.
func TestLIM7_DEDUP4_MergedPeopleAreFollowed(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(), Before(func(w *World) {
			w.made(core.Contact, "LastName", "Master", "Email", "master@x.com")
			w.Advance(time.Hour)
		}))
		loser := w.made(core.Contact, "LastName", "Loser", "Email", "loser@x.com")
		w.Sync()
		hs := w.wantMate(loser)
		w.Advance(3 * time.Second)
		rows, err := w.Org.As(admin).Query("SELECT Id FROM Contact WHERE LastName = 'Master'")
		w.must(err)
		master := fmt.Sprint(rows[0]["Id"])
		w.must(w.Org.As(admin).Merge("Contact", master, loser))
		w.Sync()
		w.again()
		if got := w.mate(hs); got != master {
			t.Errorf("linked with %q, want the survivor %s", got, master)
		}
		w.wantPersons(0, 1, 1)
		w.wantStill(t)
		other := w.made(core.Contact, "LastName", "Other", "Email", "other@x.com")
		w.Sync()
		second := w.wantMate(other)
		w.Advance(3 * time.Second)
		_, err = w.Portal.As(admin).Merge("contacts", hs, second)
		w.must(err)
		w.Sync()
		w.again()
		w.wantPersons(0, 2, 1)
	})
}

// TestUnlinkedPeopleStayApart although they have one address, until a person joins them.
func TestUnlinkedPeopleStayApart(t *testing.T) {
	w := New(t, people())
	contact := w.made(core.Contact, "LastName", "Apart", "Email", "apart@x.com")
	w.Sync()
	hs := w.wantMate(contact)
	w.must(w.Engine.Unlink(t.Context(), w.Conn, core.ContactPair, contact))
	w.Advance(3 * time.Second)
	w.change(core.Contact, contact, "FirstName", "Abe")
	w.again()
	w.want(core.Contacts, hs, "firstname", "")
	w.wantLonely(contact, "AMB-13")
	w.wantPersons(0, 1, 1)
	w.must(w.Engine.Link(t.Context(), w.Conn, core.ContactPair, contact, hs))
	w.Sync()
	w.want(core.Contacts, hs, "firstname", "Abe")
}
