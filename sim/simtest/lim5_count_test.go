package simtest

import (
	"fmt"
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// choice asks what a change of contacts.from_hubspot would make of whom.
func (w *World) choice(change func(*config.Connection)) (*engine.Choice, map[string]int) {
	w.T.Helper()
	next := w.settings
	change(&next)
	sides := w.Conn.Sides
	out, calls, err := w.Engine.Choice(w.T.Context(), engine.Setup{Settings: w.settings, Sides: sides}, engine.Setup{Settings: next, Sides: sides})
	w.must(err)
	return out, calls
}

// wantBecoming compares how many become what now and then, and who is named.
func wantBecoming(t *testing.T, c *engine.Choice, what string, now, then int, names ...string) {
	t.Helper()
	for _, b := range c.Becomes {
		if b.What != what {
			continue
		}
		var got []string
		for _, s := range b.Some {
			got = append(got, s.ID)
		}
		if b.Now != now || b.Then != then || fmt.Sprint(got) != fmt.Sprint(names) {
			t.Errorf("%s: %+v, want %d now, %d then, %v", what, b, now, then, names)
		}
		return
	}
	t.Errorf("nothing of %s: %+v", what, c)
}

// byRules makes contacts of Oslo and leads of Rome, of everybody but those of Bonn.
func byRules(c *config.Connection) {
	c.Contacts.FromHubSpot = config.PersonChoice{Rules: []config.PersonRule{
		{When: `city == "Oslo"`, Create: config.BecomesContact}, {When: `city == "Rome"`, Create: config.BecomesLead}}}
	c.Contacts.Filter.FromHubSpot = `city != "Bonn"`
}

// TestLIM5_WhatOtherRulesMakeIsToldBeforeTheyCount, and an import with them makes the same.
func TestLIM5_WhatOtherRulesMakeIsToldBeforeTheyCount(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var olaf, oda, rita, paul, bonn, nameless string
		w := New(t, profile, people(), existed(func(w *World) {
			olaf, oda, rita = w.resident("Olaf", "Oslo"), w.resident("Oda", "Oslo"), w.resident("Rita", "Rome")
			paul, bonn = w.resident("Paul", "Paris"), w.resident("Bob", "Bonn")
			nameless = w.made(core.Contacts, "lastname", "None", "city", "Oslo")
		}))
		w.Sync()
		linked := w.resident("Lea", "Oslo")
		w.Sync()
		lead := w.wantMate(linked)
		ledger := len(w.Portal.Ledger())
		told, calls := w.choice(byRules)
		if told.Records != 7 || told.Linked != 1 || len(told.Becomes) != 4 {
			t.Errorf("told %+v", told)
		}
		wantBecoming(t, told, config.BecomesContact, 0, 2, olaf, oda)
		wantBecoming(t, told, config.BecomesLead, 5, 1, rita)
		wantBecoming(t, told, engine.BecomesNoRule, 0, 1, paul)
		wantBecoming(t, told, engine.BecomesLeftOut, 1, 2, bonn, nameless)
		if calls["hubspot"] == 0 || len(w.Portal.Ledger()) != ledger {
			t.Errorf("%d calls, %d writes", calls["hubspot"], len(w.Portal.Ledger())-ledger)
		}
		w.Restart(byRules)
		if same, _ := w.choice(func(c *config.Connection) { c.PollEvery *= 2 }); same != nil {
			t.Errorf("another setting: %+v", same)
		}
		w.importing(core.ContactPair, core.HubSpot)
		w.wantPersons(1+1, 2, 7)
		for _, id := range []string{olaf, oda} {
			w.want(core.Contact, w.wantMate(id), "MailingCity", "Oslo")
		}
		w.want(core.Lead, w.wantMate(rita), "City", "Rome")
		w.wantLonely(paul, "LIM-5")
		if w.wantMate(linked) != lead {
			t.Error("whoever is linked became somebody else")
		}
		if back, _ := w.choice(func(c *config.Connection) {
			c.Contacts.FromHubSpot = config.PersonChoice{Object: config.BecomesContact}
		}); back.Linked != 4 {
			t.Errorf("after the import %+v", back)
		}
	})
}

// TestLIM5_WhomTheSettingsCannotJudgeIsToldApart: who has no partner any more is left out,
// whose number is blank where a rule compares it has no answer and is not imported, and with
// the sync off nobody becomes anything.
func TestLIM5_WhomTheSettingsCannotJudgeIsToldApart(t *testing.T) {
	w := New(t, people())
	parted, plain := w.resident("Pia", "Oslo"), w.resident("Rita", "Rome")
	w.Sync()
	w.must(w.Engine.Unlink(t.Context(), w.Conn, core.ContactPair, parted))
	told, _ := w.choice(byRules)
	wantBecoming(t, told, engine.BecomesLeftOut, 1, 1, parted)
	wantBecoming(t, told, config.BecomesLead, 0, 0)
	if told.Linked != 1 || w.mate(plain) == "" {
		t.Errorf("told %+v", told)
	}
	unsaid := w.made(core.Contacts, "email", "una@x.com", "city", "Oslo")
	compared := func(c *config.Connection) {
		c.Contacts.FromHubSpot = config.PersonChoice{Rules: []config.PersonRule{{When: `hubspotscore > 5`, Create: config.BecomesContact}, {When: "true", Create: config.BecomesLead}}}
	}
	told, _ = w.choice(compared)
	wantBecoming(t, told, engine.BecomesNoAnswer, 0, 1, unsaid)
	w.Restart(compared)
	w.importing(core.ContactPair, core.HubSpot)
	w.wantLonely(unsaid, "LIM-5")
	if off, _ := w.choice(func(c *config.Connection) { byRules(c); c.Contacts.Sync = false }); off != nil {
		t.Errorf("with the sync off: %+v", off)
	}
}

// TestLIM5_TheFirstSwitchTellsWhatRulesMake of people who existed before.
func TestLIM5_TheFirstSwitchTellsWhatRulesMake(t *testing.T) {
	var rome string
	w := New(t, people(func(c *config.Connection) { c.Contacts.Sync = false }), existed(func(w *World) { rome = w.resident("Rita", "Rome") }))
	w.Sync()
	told, _ := w.choice(func(c *config.Connection) { byRules(c); c.Contacts.Sync = true })
	wantBecoming(t, told, config.BecomesLead, 0, 1, rome)
	wantBecoming(t, told, engine.BecomesLeftOut, 1, 0)
}
