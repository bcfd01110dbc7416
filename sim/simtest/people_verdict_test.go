package simtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// namesakes are worlds in which several people of Salesforce have one address, from before
// people synced: whoever goes first, and the others.
var namesakes = map[string]func(w *World) (first string, others []string){
	"leads alone": func(w *World) (string, []string) {
		return w.leadOf("a@x.com", "A"), []string{w.leadOf("a@x.com", "B"), w.leadOf("A@X.com", "C")}
	},
	"a lead before a contact": func(w *World) (string, []string) {
		lead := w.leadOf("a@x.com", "A")
		return w.made(core.Contact, "LastName", "B", "Email", "a@x.com"), []string{lead}
	},
	"leads and a contact of HubSpot": func(w *World) (string, []string) {
		w.made(core.Contacts, "lastname", "A", "email", "a@x.com", "company", "Co")
		return w.leadOf("a@x.com", "A"), []string{w.leadOf("a@x.com", "B")}
	},
	"a contact of HubSpot that carries the id of the younger": func(w *World) (string, []string) {
		w.ensure()
		elder, younger := w.leadOf("a@x.com", "A"), w.leadOf("a@x.com", "B")
		w.made(core.Contacts, "lastname", "A", "email", "a@x.com", "company", "Co", "salesforceleadid", younger)
		return younger, []string{elder}
	},
	"a contact of HubSpot that carries an id and no address": func(w *World) (string, []string) {
		w.ensure()
		elder, younger := w.leadOf("a@x.com", "A"), w.leadOf("a@x.com", "B")
		w.made(core.Contacts, "lastname", "A", "company", "Co", "salesforceleadid", elder)
		return elder, []string{younger}
	},
}

func (w *World) leadOf(email, name string) string {
	w.T.Helper()
	w.Advance(time.Minute)
	return w.made(core.Lead, "LastName", name, "Company", "Co", "Email", email)
}

// TestDEDUP9_LIM6_OneAnswerAtEveryImport: of several people with one address one gets a
// partner, and what the others are told is the same in the plan, at the first import, at each
// further one, and by explain.
func TestDEDUP9_LIM6_OneAnswerAtEveryImport(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for name, world := range namesakes {
			for _, sides := range [][]core.Side{{core.Salesforce, core.HubSpot}, {core.HubSpot, core.Salesforce}, {core.Salesforce}} {
				t.Run(fmt.Sprint(name, " from ", sides), func(t *testing.T) {
					var first string
					var others []string
					w := New(t, profile, people(), Before(func(w *World) {
						first, others = world(w)
						w.Advance(time.Hour)
					}))
					_, counts, err := w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Connection: "acme", Pair: core.ContactPair, Sides: sides}, nil)
					w.must(err)
					if counts.Rules["DEDUP-9 none"] != len(others) || counts.Issues["email_already_in_use"] != len(others) {
						t.Errorf("planned %v with issues %v, want %d in use", counts.Rules, counts.Issues, len(others))
					}
					for range 3 {
						w.importing(core.ContactPair, sides...)
						w.wantOneOf(first, others)
						w.Advance(time.Hour)
					}
					w.Sync()
					w.wantOneOf(first, others)
				})
			}
		}
	})
}

// wantOneOf wants the first of several people to have a partner, and the others to be told of
// it, now and in what was stored.
func (w *World) wantOneOf(first string, others []string) {
	w.T.Helper()
	w.wantMate(first)
	said := map[string]int{}
	for _, i := range w.openIssues() {
		said[i.Ref.ID+" "+i.Code]++
		if i.Mend == "" || !strings.Contains(i.Message, first) && !strings.Contains(i.Message, w.mate(first)) {
			w.T.Errorf("the issue names neither the other record nor a mend: %+v", i)
		}
		if strings.HasPrefix(i.Mend, "import ") {
			w.T.Errorf("the issue asks to import who has a partner: %+v", i)
		}
	}
	for _, id := range others {
		w.wantPersonRule(id, "DEDUP-9", engine.Blocked)
		x, err := w.Engine.ExplainStored(w.T.Context(), w.Conn, core.ContactPair, id)
		w.must(err)
		if x == nil || x.Verdict != engine.Blocked || lastRule(x) != "DEDUP-9" || said[id+" email_already_in_use"] != 1 {
			w.T.Errorf("stored of %s: %+v with issues %v, want blocked by DEDUP-9", id, x, said)
		}
	}
	if len(said) != len(others) || w.contactCount() != 1 {
		w.T.Errorf("issues %v, and %d contacts in HubSpot", said, w.contactCount())
	}
}

// TestIMP1_AnElderWithoutPartnerIsNotMadeForAYoungerOne: the younger of two people with one address is
// imported by itself. Nobody is made, and an issue says whom to import; until somebody asks
// for either, both stay away for the reason that they were not.
func TestIMP1_AnElderWithoutPartnerIsNotMadeForAYoungerOne(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		var elder, younger string
		w := New(t, profile, people(), Before(func(w *World) {
			elder, younger = w.leadOf("a@x.com", "A"), w.leadOf("a@x.com", "B")
			w.Advance(time.Hour)
		}))
		w.wantPersonRule(elder, "CON-1", engine.OutOfScope)
		w.wantPersonRule(younger, "CON-1", engine.OutOfScope)
		refs := []core.Ref{{Side: core.Salesforce, Object: core.Lead, ID: younger}}
		_, err := w.Engine.StartImport(t.Context(), w.Conn, "import", engine.ImportArgs{Pair: core.ContactPair, Refs: refs})
		w.must(err)
		for range 2 {
			w.Sync()
			w.wantPersonRule(younger, "DEDUP-9", engine.Blocked)
			w.wantPersonRule(elder, "CON-1", engine.OutOfScope)
			w.wantPersons(2, 0, 0)
			if i := w.wantIssue(core.CategoryDuplicate, "email_already_in_use", ""); !strings.Contains(i.Mend, elder) {
				t.Errorf("the issue does not say whom to import: %+v", i)
			}
			w.Advance(time.Hour)
		}
		w.importing(core.ContactPair, core.Salesforce)
		w.wantOneOf(elder, []string{younger})
	})
}
