package policy

import (
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
)

var (
	switched = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	before   = switched.Add(-time.Hour)
	after    = switched.Add(time.Hour)
)

func scope(tweak ...func(*Scope)) Scope {
	s := Scope{SyncOn: true, SwitchedOn: switched, Created: after, Filter: Member}
	for _, f := range tweak {
		f(&s)
	}
	return s
}

func old(reasons core.Reasons) func(*Scope) {
	return func(s *Scope) { s.Created, s.Reasons = before, reasons }
}

func expect(t *testing.T, d core.Decision, rule, outcome string) {
	t.Helper()
	if d.Rule != rule || d.Outcome != outcome {
		t.Errorf("decided %s %s (%v), want %s %s", d.Rule, d.Outcome, d.Facts, rule, outcome)
	}
	if d.Facts["because"] == "" {
		t.Errorf("%s gives no reason: %v", d.Rule, d.Facts)
	}
}

func TestCreateCompany(t *testing.T) {
	off := func(s *Scope) { s.SyncOn = false }
	rows := []struct {
		name          string
		f             AccountFacts
		rule, outcome string
	}{
		{"INST-10 paused", AccountFacts{Scope: scope(func(s *Scope) { s.Paused = true })}, "INST-10", Wait},
		{"ACC-1 off", AccountFacts{Scope: scope(off)}, "ACC-1", None},
		{"ACC-1 off, even for a person", AccountFacts{Scope: scope(off, func(s *Scope) { s.Reasons = core.ReasonPerson })}, "ACC-1", None},
		{"ACC-2 import while off", AccountFacts{Scope: scope(off, func(s *Scope) { s.Reasons = core.ReasonImport })}, "ACC-2", None},
		{"LIM-11 filtered", AccountFacts{Scope: scope(func(s *Scope) { s.Filter = NotMember })}, "LIM-11", OutOfScope},
		{"LIM-11 filter unknown", AccountFacts{Scope: scope(func(s *Scope) { s.Filter = UnknownMembership })}, "LIM-11", Wait},
		{"LIM-11 filtered beats an import", AccountFacts{Scope: scope(old(core.ReasonImport), func(s *Scope) { s.Filter = NotMember })}, "LIM-11", OutOfScope},
		{"ACC-3 new", AccountFacts{Scope: scope()}, "ACC-3", Create},
		{"ACC-3 new, found by a sweep", AccountFacts{Scope: scope(func(s *Scope) { s.Reasons = core.ReasonSweep })}, "ACC-3", Create},
		{"ACC-3 made at the very moment", AccountFacts{Scope: scope(func(s *Scope) { s.Created = switched })}, "ACC-3", Create},
		{"ACC-3 creation announced", AccountFacts{Scope: scope(old(core.ReasonCreate))}, "ACC-3", Create},
		{"ACC-6 no contact is needed", AccountFacts{Scope: scope(), Contacts: 0}, "ACC-3", Create},
		{"ACC-4 imported", AccountFacts{Scope: scope(old(core.ReasonImport))}, "ACC-4", Create},
		{"ACC-4 edited", AccountFacts{Scope: scope(old(core.ReasonEdit))}, "ACC-4", Create},
		{"ACC-4 edited and swept", AccountFacts{Scope: scope(old(core.ReasonEdit | core.ReasonSweep))}, "ACC-4", Create},
		{"ACC-4 changed unseen", AccountFacts{Scope: scope(old(core.ReasonGap))}, "ACC-4", Create},
		{"ACC-4 tried again", AccountFacts{Scope: scope(old(core.ReasonRetry))}, "ACC-4", Create},
		{"ACC-4 a sweep is no edit", AccountFacts{Scope: scope(old(core.ReasonSweep))}, "ACC-4", None},
		{"INST-8 nothing happened", AccountFacts{Scope: scope(old(0))}, "ACC-4", None},
		{"TRIG-7 a new mapping is no edit", AccountFacts{Scope: scope(old(core.ReasonSchema))}, "ACC-4", None},
		{"ACC-4 a contact's change is no edit of the account", AccountFacts{Scope: scope(old(core.ReasonParent))}, "ACC-4", None},
		{"TRIG-9 a person", AccountFacts{Scope: scope(old(core.ReasonPerson))}, "TRIG-9", Create},
		{"DEDUP-7 contacts not known yet", AccountFacts{Scope: scope(), Contacts: 2, Unresolved: 1}, "DEDUP-7", Wait},
		{"ACC-4 stays away whoever its contacts are", AccountFacts{Scope: scope(old(0)), Contacts: 2, Unresolved: 1}, "ACC-4", None},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) { expect(t, CreateCompany(row.f), row.rule, row.outcome) })
	}
	d := CreateCompany(AccountFacts{Scope: scope(old(core.ReasonEdit)), Contacts: 3})
	for fact, want := range map[string]string{"contacts": "3", "created": "2026-05-01T11:00:00Z", "switched_on": "2026-05-01T12:00:00Z", "reasons": "edit", "companies.sync": "true"} {
		if d.Facts[fact] != want {
			t.Errorf("fact %s is %q, want %q", fact, d.Facts[fact], want)
		}
	}
}

// people makes contacts from words: kind, with ! for outside the list and ? for
// not evaluated, and + for one that would become a Salesforce contact.
func people(words ...string) []Person {
	var out []Person
	for i, w := range words {
		p := Person{Ref: core.Ref{Side: core.HubSpot, Object: core.Contacts, ID: string(rune('1' + i))}, Qualifies: Member, Creates: core.Lead}
		switch w[len(w)-1] {
		case '!':
			p.Qualifies, w = NotMember, w[:len(w)-1]
		case '?':
			p.Qualifies, w = UnknownMembership, w[:len(w)-1]
		}
		if w[len(w)-1] == '+' {
			p.Creates, w = core.Contact, w[:len(w)-1]
		}
		p.Kind = PersonKind(w)
		out = append(out, p)
	}
	return out
}

var autoSource = RecordSource{Source: "CRM_SETTING"}

func TestCreateAccountClassic(t *testing.T) {
	rows := []struct {
		name          string
		f             CompanyFacts
		rule, outcome string
	}{
		{"ACC-7a made by HubSpot, contacts become contacts", CompanyFacts{Source: autoSource, People: people("none+")}, "ACC-7a", Create},
		{"ACC-7a older source name", CompanyFacts{Source: RecordSource{Source: "CONTACTS"}, People: people("none+")}, "ACC-7a", Create},
		{"ACC-7a by label", CompanyFacts{Source: RecordSource{Label: "CRM Setting"}, People: people("none+")}, "ACC-7a", Create},
		{"ACC-7a needs the default object Contact", CompanyFacts{Source: autoSource, People: people("none")}, "ACC-7c", Create},
		{"ACC-7a is not met by an unknown source", CompanyFacts{People: people("none+")}, "ACC-7c", Create},
		{"ACC-7a is not met by a person's company", CompanyFacts{Source: RecordSource{Source: "CRM_UI"}, People: people("none+")}, "ACC-7c", Create},
		{"ACC-7b private contact", CompanyFacts{People: people("private", "lead")}, "ACC-7b", Create},
		{"ACC-7b private contact outside the list, another inside", CompanyFacts{People: people("private!", "lead")}, "ACC-7b", Create},
		{"ACC-7c a contact qualifies", CompanyFacts{People: people("contact!", "none")}, "ACC-7c", Create},
		{"INC-1 without a list every contact qualifies", CompanyFacts{People: people("none")}, "ACC-7c", Create},
		{"ACC-7c one known yes is enough", CompanyFacts{People: people("none?", "none")}, "ACC-7c", Create},
		{"ACC-8a no contact", CompanyFacts{}, "ACC-8a", None},
		{"ACC-8a no contact, made by HubSpot", CompanyFacts{Source: autoSource}, "ACC-8a", None},
		{"ACC-8b all leads", CompanyFacts{People: people("lead", "lead")}, "ACC-8b", None},
		{"ACC-8b one of them is no lead", CompanyFacts{People: people("lead", "none")}, "ACC-7c", Create},
		{"ACC-8c none qualifies", CompanyFacts{People: people("none!", "contact!")}, "ACC-8c", None},
		{"AMB-1 ACC-8b blocks ACC-7a", CompanyFacts{Source: autoSource, People: people("lead+")}, "ACC-8b", None},
		{"AMB-1 ACC-8b blocks ACC-7c", CompanyFacts{People: people("lead")}, "ACC-8b", None},
		{"AMB-1 ACC-8c blocks ACC-7a", CompanyFacts{Source: autoSource, People: people("none+!")}, "ACC-8c", None},
		{"AMB-1 ACC-8c blocks ACC-7b", CompanyFacts{People: people("private!")}, "ACC-8c", None},
		{"INC-6 membership not evaluated yet", CompanyFacts{People: people("none?", "none!")}, "INC-6", Wait},
		{"DEDUP-7 people not known yet", CompanyFacts{People: people("unresolved", "none")}, "DEDUP-7", Wait},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			row.f.Scope, row.f.Segment = scope(), Member
			expect(t, CreateAccount(row.f), row.rule, row.outcome)
			row.f.Mode = Classic
			expect(t, CreateAccount(row.f), row.rule, row.outcome)
		})
	}
}

func TestCreateAccountScope(t *testing.T) {
	able := func(s Scope) CompanyFacts { return CompanyFacts{Scope: s, Listed: in, People: people("none")} }
	blocked := func(s Scope) CompanyFacts { return CompanyFacts{Scope: s, Listed: in} }
	rows := []struct {
		name          string
		f             CompanyFacts
		rule, outcome string
	}{
		{"INST-10 paused", able(scope(func(s *Scope) { s.Paused = true })), "INST-10", Wait},
		{"ACC-1 off", able(scope(func(s *Scope) { s.SyncOn = false })), "ACC-1", None},
		{"LIM-11 filtered", able(scope(func(s *Scope) { s.Filter = NotMember })), "LIM-11", OutOfScope},
		{"LIM-11 filtered, even for a person", able(scope(func(s *Scope) { s.Filter, s.Reasons = NotMember, core.ReasonPerson })), "LIM-11", OutOfScope},
		{"ACC-10 a person beats ACC-8a", blocked(scope(old(core.ReasonPerson))), "ACC-10", Create},
		{"INST-8 an old company stays away", able(scope(old(0))), "INST-8", None},
		{"INST-8 a sweep is no cause", able(scope(old(core.ReasonSweep))), "INST-8", None},
		{"INST-8 nor is a new mapping", able(scope(old(core.ReasonSchema))), "INST-8", None},
		{"TRIG-2 an edit is", able(scope(old(core.ReasonEdit))), "ACC-7c", Create},
		{"ACC-18 a change of its contacts is", able(scope(old(core.ReasonParent))), "ACC-7c", Create},
		{"IMP an import is", able(scope(old(core.ReasonImport))), "ACC-7c", Create},
		{"ERR-10 so is a retry", able(scope(old(core.ReasonRetry))), "ACC-7c", Create},
		{"ACC-18 and it may still be blocked", blocked(scope(old(core.ReasonParent))), "ACC-8a", None},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) { expect(t, CreateAccount(row.f), row.rule, row.outcome) })
	}
	f := able(scope())
	f.Segment = NotMember
	expect(t, CreateAccount(f), "ACC-15", OutOfScope)
	f.Segment = UnknownMembership
	expect(t, CreateAccount(f), "ACC-15", Wait)
	waiting := CompanyFacts{Scope: scope(old(core.ReasonPerson)), Listed: in, People: people("unresolved")}
	expect(t, CreateAccount(waiting), "DEDUP-7", Wait)
}

func TestLIM10_Modes(t *testing.T) {
	rows := []struct {
		mode       Mode
		expression Membership
		people     []Person
		reasons    core.Reasons
		rule       string
		outcome    string
	}{
		{Always, 0, nil, 0, "LIM-10", Create},
		{Never, 0, people("none"), 0, "LIM-10", None},
		{Never, 0, nil, core.ReasonPerson, "ACC-10", Create},
		{Expression, Member, nil, 0, "LIM-10", Create},
		{Expression, NotMember, people("none"), 0, "LIM-10", None},
		{Expression, UnknownMembership, people("none"), 0, "LIM-10", Wait},
		{Always, 0, people("unresolved"), 0, "DEDUP-7", Wait},
	}
	for _, row := range rows {
		d := CreateAccount(CompanyFacts{Scope: scope(func(s *Scope) { s.Reasons = row.reasons }), Listed: in, Mode: row.mode, Expression: row.expression, People: row.people})
		expect(t, d, row.rule, row.outcome)
	}
}

func TestCreateAccountShowsItsFacts(t *testing.T) {
	d := CreateAccount(CompanyFacts{Scope: scope(), Listed: in, People: people("lead", "private!", "none+?")})
	for fact, want := range map[string]string{"contacts": "3", "contacts.lead": "1", "contacts.private": "1", "contacts.none": "1", "contacts.contact": "0",
		"qualify.yes": "1", "qualify.unknown": "1", "default_object": "Contact, Lead", "source": "unknown, so ACC-7a does not hold"} {
		if d.Facts[fact] != want {
			t.Errorf("fact %s is %q, want %q", fact, d.Facts[fact], want)
		}
	}
	d = CreateAccount(CompanyFacts{Scope: scope(), Listed: in, Source: RecordSource{Source: "IMPORT", Detail: "list.csv"}})
	if !strings.Contains(d.Facts["source"], "IMPORT") {
		t.Errorf("source is %q", d.Facts["source"])
	}
}

func TestMayUpdate(t *testing.T) {
	linked := func(s Scope) PairFacts { return PairFacts{Scope: s, Listed: in} }
	expect(t, MayUpdate(linked(scope(old(core.ReasonSweep)))), "ACC-14", Update)
	expect(t, MayUpdate(linked(scope(func(s *Scope) { s.Filter = NotMember }))), "LIM-11", OutOfScope)
	expect(t, MayUpdate(linked(scope(func(s *Scope) { s.SyncOn = false }))), "ACC-1", None)
	expect(t, MayUpdate(linked(scope(func(s *Scope) { s.Paused = true }))), "INST-10", Wait)
}

func TestINC8_AListOfCompaniesStopsBothDirections(t *testing.T) {
	expect(t, MayUpdate(PairFacts{Scope: scope(), Listed: Listed{Segment: NotMember}}), "INC-3", OutOfScope)
	expect(t, MayUpdate(PairFacts{Scope: scope(), Listed: Listed{Segment: UnknownMembership}}), "INC-6", Wait)
}

// in is being in scope of an inclusion list.
var in = Listed{Segment: Member}
