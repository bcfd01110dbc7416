package simtest

import (
	"slices"
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/policy"
)

// standing is a state of a record in which rules decide about it, or bear on it: explain
// names them, and a resync does what it foretells.
type standing struct {
	rules string // that explain names
	with  []Option
	// reach brings a record into the state; pair is contact where it is blank.
	reach func(w *World) string
	pair  core.Pair
	only  config.Profile // blank for both
}

// rulesOfPeople are the rules about people.
var rulesOfPeople = strings.Fields(`CON-1 CON-2 CON-3 CON-4 CON-5 CON-6 CON-7 CON-8 CON-9 CON-10 CON-10a CON-11
	SET-2 SET-3 SET-4 SET-5 SET-6 MAP-8 MAP-9 MAP-10 MAP-14 MAP-16 LIM-4 LIM-5 LIM-6 LIM-7 LIM-11 LIM-12 LIM-13 LIM-16 LIM-17 LIM-21 LIM-25 LIM-28 LIM-30
	AMB-4 AMB-9 AMB-12 AMB-13 AMB-16 AMB-19 AMB-20 AMB-22 TRIG-2 TRIG-3 TRIG-8
	DEDUP-1 DEDUP-2 DEDUP-3 DEDUP-4 DEDUP-5 DEDUP-6 DEDUP-8 DEDUP-9 DEDUP-10 DEDUP-11
	INC-1 INC-2 INC-3 INC-4 INC-5 INC-6 INC-7 INC-8 INC-9 INC-10 OPT-1 OPT-2 OPT-3 OPT-4 OPT-5 OPT-6 OPT-7
	OWN-1 OWN-2 OWN-3 OWN-3a OWN-4 OWN-5 OWN-6 OWN-7 OWN-8 OWN-9 OWN-10 DEL-1 DEL-2 DEL-3 DEL-4 DEL-5 DEL-6 DEL-7
	IMP-1 IMP-2 IMP-3 IMP-4 IMP-5 INST-7 PROP-1 PROP-2 PROP-3 PROP-4 PROP-5 PROP-6 PROP-7 PROP-8 PROP-9 PROP-10 PROP-11 PROP-12
	LIFE-5 LIFE-8 ERR-3 ERR-4 ERR-5 ERR-6 ERR-7 ERR-8 ERR-9`)

// noVerdict are the rules that no record can be in the state of, and why.
var noVerdict = map[string]string{
	"SET-5":   "a setting: what the list says of a record is INC-3",
	"MAP-10":  "what init proposes: the rule of each mapping decides about a value",
	"MAP-16":  "a mapping as any other, once somebody makes the field",
	"LIM-21":  "a setting: a mapping that is taken out decides about nothing",
	"DEDUP-6": "of deals, which are the same by their ids alone (DEAL-11)",
	"INC-2":   "what HubSpot once did to its own customers",
	"INC-4":   "a setting: a list that is not active is refused when the settings are read",
	"OPT-1":   "a setting: a mapping of the opt-out is refused; what it says of a record are OPT-2 to OPT-7",
	"OWN-2":   "what init proposes: MAP-8 is what the mapping does",
	"DEL-3":   "of opportunities and deals: explain deal names LIM-16",
	"IMP-4":   "a refusal of the import itself, before any record is looked at",
	"ERR-8":   "of a mapping that lacks its field, which tandem check names; a record is not held by it",
	"PROP-3":  "what DEL-7 writes", "PROP-4": "what CAMP-1 writes", "PROP-5": "of deals", "PROP-6": "what the relation with an account writes",
	"PROP-7": "a note beside each write", "PROP-8": "what a lifecycle stage writes", "PROP-9": "what OWN-3a writes", "PROP-10": "what a form writes: CAMP-2",
	"PROP-11": "where the properties stand, whatever a record says", "PROP-12": "a mapping that is refused when the settings are read",
	"LIFE-5": "nothing is done, so nothing is decided: a mapping of the stage decides as any other",
	"LIFE-8": "a mapping as any other, by its rule",
}

// TestLIM29_EveryRuleOfPeopleIsExplained: each is named by explain in a state of the tables,
// or no record can be in one.
func TestLIM29_EveryRuleOfPeopleIsExplained(t *testing.T) {
	named := map[string]bool{"INST-7": true, "LIM-25": true} // TestLIM25_INST7_ExplainNamesTheOtherPortal
	for name, s := range standings() {
		for _, id := range strings.Fields(s.rules) {
			named[id] = true
			if policy.Meaning(id) == "" {
				t.Errorf("%s: %s has no meaning", name, id)
			}
		}
	}
	for _, id := range rulesOfPeople {
		if named[id] == (noVerdict[id] != "") {
			t.Errorf("%s: named by explain %v, and no verdict because %q", id, named[id], noVerdict[id])
		}
	}
	for id := range noVerdict {
		if !slices.Contains(rulesOfPeople, id) {
			t.Errorf("%s is no rule of people", id)
		}
	}
}

// TestLIM29_CARD3_ExplainNamesTheRulesOfPeople in every state of the tables, and a resync does
// what it foretells.
func TestLIM29_CARD3_ExplainNamesTheRulesOfPeople(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for name, s := range standings() {
			if s.only != "" && !strings.HasSuffix(t.Name(), "/"+string(s.only)) {
				continue
			}
			t.Run(name, func(t *testing.T) {
				w := New(t, append([]Option{profile}, s.with...)...)
				pair, id := s.pair, s.reach(w)
				if pair == "" {
					pair = core.ContactPair
				}
				x := w.explainOf(pair, id)
				named := namedBy(x)
				for _, rule := range strings.Fields(s.rules) {
					if !slices.Contains(named, rule) {
						t.Errorf("explain does not name %s: %s by %v\n%+v", rule, x.Verdict, named, x.Rules)
					}
				}
				w.wantForetold(pair, id, x)
			})
		}
	})
}

// namedBy are the rules that an explanation shows a person.
func namedBy(x *engine.Explanation) (out []string) {
	for _, d := range x.Rules {
		out = append(out, d.Rule)
	}
	for _, o := range x.Otherwise {
		out = append(out, o.Rule)
	}
	for _, f := range x.Fields {
		out = append(out, f.DecidedBy)
	}
	for _, c := range x.Consent {
		out = append(out, c.Rule.Rule)
	}
	for _, i := range x.Issues {
		out = append(out, i.Rule)
	}
	if x.Link != nil {
		out = append(out, x.Link.Rule)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// wantForetold has a record looked at again for a person, and fails where something else
// comes of it than the explanation said.
func (w *World) wantForetold(pair core.Pair, id string, x *engine.Explanation) {
	w.T.Helper()
	from := [2]int{w.orgWrites(), w.portalWrites()}
	w.must(w.Engine.Resync(w.T.Context(), w.Conn, pair, []string{id}))
	w.again()
	after := w.explainOf(pair, id)
	linked := after.Link != nil && after.Link.State == core.LinkActive
	if x.Link == nil || x.Link.State != core.LinkActive {
		want, told := foretold(x)
		if told && linked != want {
			w.T.Errorf("explain foretold a partner: %v, and it has one: %v (%+v, then %+v)", want, linked, x.Rules, after.Rules)
		}
		return
	}
	if x.Verdict != engine.InSync && len(x.Would) == 0 {
		return // it waits for another record, or is held by an issue
	}
	wrote := [2]int{w.orgWrites() - from[core.Salesforce], w.portalWrites() - from[core.HubSpot]}
	for _, side := range core.Sides {
		if would := x.Would[side.String()]; (would != "") != (wrote[side] > 0) && x.Verdict != engine.Blocked {
			w.T.Errorf("explain foretold %q in %s, and there were %d writes", would, side.Label(), wrote[side])
		}
	}
}

// foretold is what an explanation says would come of a resync of a record without a partner;
// told is false where it leaves that open.
func foretold(x *engine.Explanation) (partner, told bool) {
	if _, outcome := otherwise(x, "resync"); outcome != "" && outcome != policy.Wait {
		return outcome == policy.Create || outcome == policy.Link, true
	}
	if n := len(x.Rules); n > 0 && x.Verdict == engine.Pending && x.Rules[n-1].Outcome == policy.Create {
		return true, true
	}
	return false, false
}

// orgWrites counts our own writes to Salesforce, portalWrites to HubSpot.
func (w *World) orgWrites() (n int) {
	for _, e := range w.Org.Ledger() {
		if e.Client == w.client() {
			n++
		}
	}
	return n
}

func (w *World) portalWrites() (n int) {
	for _, e := range w.Portal.Ledger() {
		if strings.Contains(e.Source, "INTEGRATION") {
			n++
		}
	}
	return n
}

// TestLIM25_INST7_ExplainNamesTheOtherPortal that brought somebody into the org, and a resync
// brings the person all the same.
func TestLIM25_INST7_ExplainNamesTheOtherPortal(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		first := New(t, profile, people(becomesContact))
		second := New(serial{t}, profile, people(becomesContact), Beside(first))
		hs := first.made(core.Contacts, "email", "ada@x.com", "lastname", "Gray")
		first.again()
		second.again()
		contact := first.wantMate(hs)
		x := second.explainPerson(contact)
		for _, rule := range []string{"LIM-25", "INST-7"} {
			wantRule(t, x.Rules, rule)
		}
		second.wantForetold(core.ContactPair, contact, x)
		second.wantMate(contact)
	})
}
