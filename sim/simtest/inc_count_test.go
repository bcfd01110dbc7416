package simtest

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/salesforcesim"
)

// listCalls counts the calls of HubSpot's lists during f.
func (w *World) listCalls(f func()) int {
	w.T.Helper()
	var n atomic.Int32
	w.On(func(_ core.Side, r *http.Request) error {
		if strings.Contains(r.URL.Path, "/lists") {
			n.Add(1)
		}
		return nil
	})
	defer w.On(nil)
	f()
	return int(n.Load())
}

// TestTRIG8_INC10_CallsOfALook: for M members, J who joined and pages of 250, a look
// takes 2 calls, one more for each page that J fills behind the last one, and M/250
// where all are listed: 400 for 100,000. Nobody is asked for one by one.
func TestTRIG8_INC10_CallsOfALook(t *testing.T) {
	const crowd, page = 3000, 250
	var ids []string
	w := New(t, members(nil, "Oslo"), existed(func(w *World) {
		for i := range crowd {
			ids = append(ids, w.resident(fmt.Sprintf("P%d", i), "Oslo"))
		}
		for i := range 300 {
			w.resident(fmt.Sprintf("Q%d", i), "Rome")
		}
	}))
	want := func(what string, least, most int) {
		t.Helper()
		got := w.listCalls(func() { w.Sync() })
		t.Logf("%s: %d calls, %d for 100,000 members of %d", what, got, got*100000/crowd, crowd)
		if got < least || got > most {
			t.Errorf("%s took %d calls of lists, want %d to %d", what, got, least, most)
		}
	}
	want("the first look", 1+crowd/page, 2+crowd/page)
	w.Advance(10 * time.Minute)
	want("nothing changed", 2, 2)
	w.wantPersons(0, 0, crowd+300)
	w.refilter("Oslo", "Rome")
	want("300 joined by an edit of the list", 2+(crowd+300)/page, 2+(crowd+300)/page)
	w.wantPersons(300, 0, crowd+300)
	w.Advance(10 * time.Minute)
	want("nothing changed since", 2, 2)
	w.must(w.Portal.As(admin).Archive("contacts", ids[0]))
	w.settleLists()
	want("one left within the hour", 2, 3)
	w.Advance(time.Hour)
	want("one left", 2+(crowd+300)/page, 4+(crowd+300)/page)
	w.Advance(10 * time.Minute)
	want("it is known who left", 2, 2)
}

// admissions asks what settings would admit and drop.
func (w *World) admissions(change func(*config.Connection)) ([]engine.Admission, map[string]int) {
	w.T.Helper()
	next := w.settings
	change(&next)
	sides := w.Conn.Sides
	out, calls, err := w.Engine.Admissions(w.T.Context(), engine.Setup{Settings: w.settings, Sides: sides}, engine.Setup{Settings: next, Sides: sides})
	w.must(err)
	return out, calls
}

// TestINC5_LIM11_EveryChoiceSaysWhatItAdmitsAndDrops before it is saved, also of lists
// that only HubSpot evaluates.
func TestINC5_LIM11_EveryChoiceSaysWhatItAdmitsAndDrops(t *testing.T) {
	w := New(t, people(), Before(func(w *World) {
		w.list("Members", touchedSince(), inCities("Oslo"))
		w.list("Own", inCities("Rome"))
	}))
	oslo, rome := w.resident("Olaf", "Oslo"), w.resident("Rita", "Rome")
	w.resident("Rosa", "Rome")
	w.made(core.Contact, "LastName", "Anna", "Email", "anna@x.com", "MailingCity", "Oslo")
	w.settleLists()
	w.Sync()
	w.settleLists()
	w.wantMate(oslo)
	if out, calls := w.admissions(func(c *config.Connection) { c.PollEvery *= 2 }); len(out) != 0 || calls["hubspot"] != 0 {
		t.Errorf("a setting that is no choice of scope: %+v, %v", out, calls)
	}
	ledger := len(w.Portal.Ledger())
	out, calls := w.admissions(func(c *config.Connection) { c.Contacts.InclusionList = "Members" })
	wantAdmission(t, out, 0, engine.Admission{Side: "hubspot", Object: core.Contacts, Records: 4, Now: 4, Then: 2, Leave: 2, Linked: 2})
	if s := out[0].Leaving; len(s) != 2 || s[0].ID != rome || s[0].Name != "rita@x.com" {
		t.Errorf("leaving: %+v", s)
	}
	if calls["hubspot"] == 0 || len(w.Portal.Ledger()) != ledger {
		t.Errorf("%d calls, %d writes", calls["hubspot"], len(w.Portal.Ledger())-ledger)
	}
	w.Restart(func(c *config.Connection) { c.Contacts.InclusionList = "Members" })
	out, _ = w.admissions(func(c *config.Connection) { c.Contacts.InclusionList = "Own" })
	wantAdmission(t, out, 0, engine.Admission{Side: "hubspot", Object: core.Contacts, Records: 4, Now: 2, Then: 2, Enter: 2, Leave: 2, Linked: 2})
	out, _ = w.admissions(func(c *config.Connection) {
		c.Contacts.Filter = config.Filter{FromSalesforce: `City == "Oslo" || MailingCity == "Oslo"`, FromHubSpot: `lastname == "Olaf"`}
		c.Companies.Filter.FromSalesforce = `Name == "None"`
	})
	wantAdmission(t, out, 0, engine.Admission{Side: "salesforce", Object: core.Account, Records: out[0].Records, Now: out[0].Records, Leave: out[0].Records})
	wantAdmission(t, out, 1, engine.Admission{Side: "salesforce", Object: core.Contact, Records: 1, Now: 1, Then: 1})
	wantAdmission(t, out, 2, engine.Admission{Side: "salesforce", Object: core.Lead, Records: 3, Now: 3, Then: 1, Leave: 2, Linked: 2})
	wantAdmission(t, out, 3, engine.Admission{Side: "hubspot", Object: core.Contacts, Records: 4, Now: 2, Then: 1, Leave: 1, Linked: 1})
}

// TestINC5_LIM11_WhoNeverSyncsIsNotCounted: converted leads can never be written again, and
// nobody is made for a person who was erased, whatever the filters are.
func TestINC5_LIM11_WhoNeverSyncsIsNotCounted(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, events(), people())
		converted := w.lead("Gray", "gray@x.com")
		erased := w.made(core.Contact, "LastName", "Erased", "Email", "erased@x.com", "MailingCity", "Oslo")
		w.made(core.Lead, "LastName", "Stays", "Company", "Co", "Email", "stays@x.com", "City", "Oslo")
		w.made(core.Contact, "LastName", "Kept", "Email", "kept@x.com", "MailingCity", "Rome")
		w.Sync()
		_, err := w.Org.As(admin).ConvertLead(converted, salesforcesim.Convert{NoOpportunity: true})
		w.must(err)
		w.erasePerson(w.wantMate(erased), feeds["journal"].announce)
		again := w.made(core.Lead, "LastName", "Again", "Company", "Co", "Email", "Erased@x.com", "City", "Oslo")
		w.again()
		w.wantLonely(again, "AMB-13")
		out, _ := w.admissions(func(c *config.Connection) {
			c.Contacts.Filter.FromSalesforce = `City == "Oslo" || MailingCity == "Oslo"`
		})
		wantAdmission(t, out, 0, engine.Admission{Side: "salesforce", Object: core.Contact, Records: 2, Now: 2, Leave: 2, Linked: 2, Never: 1})
		wantAdmission(t, out, 1, engine.Admission{Side: "salesforce", Object: core.Lead, Records: 1, Now: 1, Then: 1, Never: 2})
	})
}

// wantAdmission compares the counts.
func wantAdmission(t *testing.T, all []engine.Admission, i int, want engine.Admission) {
	t.Helper()
	if i >= len(all) {
		t.Fatalf("%d admissions: %+v", len(all), all)
	}
	got := all[i]
	if len(got.Keys) == 0 {
		t.Errorf("no keys: %+v", got)
	}
	got.Keys, got.Entering, got.Leaving, got.Out, got.NowLinked = nil, nil, nil, nil, 0
	want.Changed = want.Enter + want.Leave
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("admission %d is %+v, want %+v", i, got, want)
	}
}

// TestSET7_WhatIsSwitchedOnIsCountedBefore: with its filter, of one direction where only one
// passes, and of very many records the first.
func TestSET7_WhatIsSwitchedOnIsCountedBefore(t *testing.T) {
	w := New(t, Settings(func(c *config.Connection) { c.Companies.Sync, c.Contacts.Sync = false, false }))
	for range 3 {
		w.made(core.Account, "Name", "Edge")
	}
	w.made(core.Account, "Name", "None")
	for i := range 5100 - w.Portal.Stats().Records["companies"] {
		if _, err := w.Portal.As(admin).Create("companies", map[string]string{"name": fmt.Sprint("Company ", i)}); err != nil {
			t.Fatal(err)
		}
	}
	on := func(c *config.Connection) {
		c.Companies.Sync = true
		c.Companies.Filter.FromSalesforce = `Name != "None"`
	}
	ledger := len(w.Portal.Ledger())
	out, calls := w.admissions(on)
	wantAdmission(t, out, 0, engine.Admission{Side: "salesforce", Object: core.Account, Records: 4, Then: 3, Enter: 3})
	wantAdmission(t, out, 1, engine.Admission{Side: "hubspot", Object: core.Companies, Records: 5000, Then: 5000, Enter: 5000, More: true})
	if len(out) != 2 || len(out[1].Entering) != 5 || calls["hubspot"] > 5000/100+20 || len(w.Portal.Ledger()) != ledger {
		t.Errorf("%d calls, %d writes, %+v", calls["hubspot"], len(w.Portal.Ledger())-ledger, out)
	}
	if out, _, err := w.Engine.InScope(t.Context(), w.Conn, core.CompanyPair); err != nil || len(out) != 0 {
		t.Errorf("of what is off: %+v, %v", out, err)
	}
	out, _ = w.admissions(func(c *config.Connection) { c.Contacts.Sync, c.Contacts.FromSalesforce = true, "nothing" })
	if len(out) != 1 || out[0].Side != "hubspot" {
		t.Errorf("of people who pass from HubSpot alone: %+v", out)
	}
}
