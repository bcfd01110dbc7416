package policy

import (
	"testing"

	"tandem/internal/core"
)

func person(tweak ...func(*PersonFacts)) PersonFacts {
	p := PersonFacts{Scope: scope(ofContacts), Email: "a@b.com", FromSalesforce: CreateOrUpdate, Listed: in, Creates: core.Lead}
	for _, f := range tweak {
		f(&p)
	}
	return p
}

func ofContacts(s *Scope) { s.Pair = core.ContactPair }

func older(reasons core.Reasons) func(*PersonFacts) {
	return func(p *PersonFacts) { old(reasons)(&p.Scope) }
}

func becoming(o core.Object, parent Parent) func(*PersonFacts) {
	return func(p *PersonFacts) { p.Creates, p.Parent = o, parent }
}

func listed(m Membership) func(*PersonFacts) { return func(p *PersonFacts) { p.Segment = m } }

func from(setting string) func(*PersonFacts) {
	return func(p *PersonFacts) { p.FromSalesforce = setting }
}

func nameless(p *PersonFacts) { p.Email = " " }

func elsewhere(p *PersonFacts) { p.MadeBy = "other" }

func switchedOff(p *PersonFacts) { p.SyncOn = false }

func TestCreateContact(t *testing.T) {
	for _, row := range []struct {
		name          string
		f             PersonFacts
		rule, outcome string
	}{
		{"SET-2 off", person(switchedOff), "SET-2", None},
		{"SET-2 off, even for an import", person(switchedOff, older(core.ReasonImport)), "SET-2", None},
		{"INST-10 paused", person(func(p *PersonFacts) { p.Paused = true }), "INST-10", Wait},
		{"CON-2 new", person(), "CON-2", Create},
		{"LIM-25 made by another connection", person(elsewhere), "LIM-25", None},
		{"LIM-25 made by another connection, edited", person(elsewhere, older(core.ReasonEdit)), "LIM-25", None},
		{"LIM-25 made by another connection, imported", person(elsewhere, older(core.ReasonImport)), "IMP-1", Create},
		{"LIM-25 made by another connection, asked for", person(elsewhere, older(core.ReasonPerson)), "TRIG-9", Create},
		{"INC-9 the list has no say", person(listed(NotMember)), "CON-2", Create},
		{"IMP-3 without an address", person(nameless), "IMP-3", None},
		{"IMP-3 without an address, asked for", person(nameless, older(core.ReasonPerson)), "IMP-3", None},
		{"CON-1 existed before", person(older(0)), "CON-1", None},
		{"CON-1 a sweep is no edit", person(older(core.ReasonSweep)), "CON-1", None},
		{"TRIG-7 a new mapping is no edit", person(older(core.ReasonSchema)), "CON-1", None},
		{"CON-1 an account's change is no edit of its people", person(older(core.ReasonParent)), "CON-1", None},
		{"TRIG-3 edited", person(older(core.ReasonEdit)), "TRIG-3", Create},
		{"TRIG-3 changed unseen", person(older(core.ReasonGap)), "TRIG-3", Create},
		{"TRIG-3 tried again", person(older(core.ReasonRetry)), "TRIG-3", Create},
		{"IMP-1 imported", person(older(core.ReasonImport)), "IMP-1", Create},
		{"TRIG-9 a person", person(older(core.ReasonPerson)), "TRIG-9", Create},
		{"SET-2 update only", person(from(UpdateOnly)), "SET-2", None},
		{"SET-2 update only, edited", person(from(UpdateOnly), older(core.ReasonEdit)), "SET-2", None},
		{"IMP-1 an import creates under update only", person(from(UpdateOnly), older(core.ReasonImport)), "IMP-1", Create},
		{"SET-2 nothing", person(from(DoNothing)), "SET-2", None},
		{"SET-2 nothing, imported", person(from(DoNothing), older(core.ReasonImport)), "SET-2", None},
		{"TRIG-9 a person stands above from_salesforce", person(from(DoNothing), older(core.ReasonPerson)), "TRIG-9", Create},
		{"LIM-11 filtered", person(func(p *PersonFacts) { p.Filter = NotMember }), "LIM-11", OutOfScope},
		{"AMB-13 parted", person(func(p *PersonFacts) { p.Parted = true }), "AMB-13", None},
	} {
		t.Run(row.name, func(t *testing.T) { expect(t, CreateContact(row.f), row.rule, row.outcome) })
	}
}

func TestCreatePerson(t *testing.T) {
	for _, row := range []struct {
		name          string
		f             PersonFacts
		rule, outcome string
	}{
		{"SET-2 off", person(switchedOff), "SET-2", None},
		{"CON-3 new", person(), "CON-3", Create},
		{"CON-3 new, as a contact", person(becoming(core.Contact, NoParent)), "CON-3", Create},
		{"CON-3 new, of a linked company", person(becoming(core.Contact, ParentLinked)), "CON-3", Create},
		{"ERR-3 waits for the account", person(becoming(core.Contact, ParentPending)), "ERR-3", Wait},
		{"ERR-3 a lead waits for none", person(becoming(core.Lead, ParentPending)), "CON-3", Create},
		{"CON-6 without an address", person(nameless), "CON-6", None},
		{"INC-3 outside the list", person(listed(NotMember)), "INC-3", OutOfScope},
		{"INC-3 outside the list, imported", person(listed(NotMember), older(core.ReasonImport)), "INC-3", OutOfScope},
		{"INC-3 outside the list, asked for", person(listed(NotMember), older(core.ReasonPerson)), "INC-3", OutOfScope},
		{"INC-6 not evaluated", person(listed(UnknownMembership)), "INC-6", Wait},
		{"LIM-5 no rule holds", person(becoming("", NoParent)), "LIM-5", None},
		{"TRIG-2 edited", person(older(core.ReasonEdit)), "TRIG-2", Create},
		{"TRIG-8 joined the list", person(older(core.ReasonListed)), "TRIG-8", Create},
		{"OPT-1 opted out and nothing else", person(older(core.ReasonConsent)), "CON-1", None},
		{"INC-5 a list that was chosen starts nothing", person(older(core.ReasonSchema)), "CON-1", None},
		{"CON-1 existed before", person(older(core.ReasonSweep)), "CON-1", None},
		{"IMP-1 imported", person(older(core.ReasonImport)), "IMP-1", Create},
		{"TRIG-9 a person", person(older(core.ReasonPerson)), "TRIG-9", Create},
		{"SET-2 from_salesforce has no say", person(from(DoNothing)), "CON-3", Create},
	} {
		t.Run(row.name, func(t *testing.T) { expect(t, CreatePerson(row.f), row.rule, row.outcome) })
	}
}

func TestMayUpdatePerson(t *testing.T) {
	for _, row := range []struct {
		name          string
		f             PersonFacts
		rule, outcome string
	}{
		{"SET-2 off", person(switchedOff), "SET-2", None},
		{"LIM-6 linked", person(), "LIM-6", Update},
		{"LIM-6 whatever touched it", person(older(core.ReasonSweep)), "LIM-6", Update},
		{"LIM-6 without an address too", person(nameless), "LIM-6", Update},
		{"INC-3 left the list", person(listed(NotMember)), "INC-3", OutOfScope},
		{"INC-6 not evaluated", person(listed(UnknownMembership)), "INC-6", Wait},
		{"LIM-11 filtered", person(func(p *PersonFacts) { p.Filter = NotMember }), "LIM-11", OutOfScope},
	} {
		t.Run(row.name, func(t *testing.T) { expect(t, MayUpdatePerson(row.f), row.rule, row.outcome) })
	}
}
