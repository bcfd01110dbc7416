package policy

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const document = "../../docs/behaviour.md"

const documentHead = `# Behaviour

This file is made from the program's own table of rules and from the tests that stand in the tree; do not edit it by hand
(` + "`go generate ./internal/policy`" + ` makes it anew).

Whatever Tandem does or leaves, it names a rule by its id: in ` + "`tandem explain`, `plan`, `history`, `check`" + `,
in issues and in settings. This is what each id stands for. Ids of one letter and a number are promises that hold for
all records; LIM ids stand for what Tandem does beyond HubSpot's own integration; AMB ids for a choice where that
one says nothing.

The profile is where a rule holds; *as set* means that a setting turns it on in either. The tests are named after
the rule, and a rule without one is not in this table. Those of ` + "`sim/simtest`, `internal/cli` and `sim/consoletest`" + ` run the
engine between a Salesforce org and a HubSpot portal, in the profiles in brackets, which are read from the tests themselves;
where a rule has none, the package that has one is named. A rule that holds in both profiles is shown in both.

| id | what it says | profile | tests |
|---|---|---|---|
`

// profileOf is where a rule holds that does not simply hold in both profiles.
var profileOf = map[string]string{
	"LIM-4": asSet, "LIM-5": asSet, "LIM-10": asSet, "LIM-11": asSet, "LIM-14": asSet, "CONV-3": asSet, "LIM-16": asSet, "LIM-17": asSet, "LIM-21": asSet, "LIM-25": asSet, "LIM-28": asSet, "LIM-31": asSet, "ACC-12": asSet, "CAMP-1": asSet, "CAMP-2": asSet, "CAMP-4": asSet, "PROP-4": asSet, "PROP-10": asSet, "LIM-27": "tandem; classic as set", "TRIG-6": "classic", "LIFE-2": asSet, "LIFE-3": asSet, "LIFE-6": asSet, "LIFE-7": asSet, "PROP-8": asSet,
	"LIM-12": "tandem", "LIM-18": "tandem; classic as set", "LIM-20": "tandem", "OPT-4": "classic",
}

const asSet = "both, as set"

// beforeProfile are the rules of what happens before a profile has any say, or whatever it is,
// and why: their tests run in one.
var beforeProfile = map[string]string{
	"INST-2": "check asks what the org is", "INST-3": "check asks for rights", "INST-12": "a mail about what a disconnect leaves",
	"INST-14": "check asks for the version", "LIM-24": "check asks for rights", "PROP-13": "init makes the fields",
}

// unbuilt are the rules that nothing of ours does, and why.
var unbuilt = map[string]string{
	"INC-2":  "what HubSpot once did to its own customers",
	"INST-1": "a fact about HubSpot",
	"ACT-7":  "such e-mails are no records of Salesforce, and nothing of ours sees them",
}

// endToEnd are the rules of people, deals and the other objects, which have to be shown
// through the simulators.
var endToEnd = strings.Fields(`
	DEDUP-1 DEDUP-2 DEDUP-3 DEDUP-4 DEDUP-5 DEDUP-6 DEDUP-8 DEDUP-9 DEDUP-10 DEDUP-11
	CON-1 CON-2 CON-3 CON-4 CON-5 CON-6 CON-7 CON-8 CON-9 CON-10 CON-10a CON-11
	SET-2 SET-3 SET-4 SET-5 SET-6 SET-8 SET-9 MAP-8 MAP-9 MAP-10 MAP-12 MAP-13 MAP-14 MAP-16
	LIM-4 LIM-5 LIM-6 LIM-7 LIM-8 LIM-9 LIM-11 LIM-12 LIM-13 LIM-14 LIM-15 LIM-16 LIM-17 LIM-21 LIM-25 LIM-27 LIM-28 LIM-30 LIM-31 LIM-33
	AMB-4 AMB-9 AMB-10 AMB-11 AMB-12 AMB-13 AMB-15 AMB-16 AMB-17 AMB-18 AMB-19 AMB-20 AMB-22 TRIG-2 TRIG-3 TRIG-6 TRIG-8
	INC-1 INC-3 INC-4 INC-5 INC-6 INC-7 INC-8 INC-9 INC-10 OPT-1 OPT-2 OPT-3 OPT-4 OPT-5 OPT-6 OPT-7
	OWN-1 OWN-2 OWN-3 OWN-3a OWN-4 OWN-5 OWN-6 OWN-7 OWN-8 OWN-9 OWN-10 DEL-1 DEL-2 DEL-3 DEL-4 DEL-5 DEL-6 DEL-7
	IMP-1 IMP-2 IMP-3 IMP-4 IMP-5 INST-7 PROP-1 PROP-2 PROP-3 PROP-4 PROP-5 PROP-6 PROP-7 PROP-8 PROP-9 PROP-10 PROP-11 PROP-12
	ERR-3 ERR-4 ERR-5 ERR-6 ERR-7 ERR-8 ERR-9 LIFE-1 LIFE-2 LIFE-3 LIFE-4 LIFE-5 LIFE-6 LIFE-7 LIFE-8 ACC-12 ACC-16
	DEAL-1 DEAL-2 DEAL-3 DEAL-4 DEAL-5 DEAL-6 DEAL-7 DEAL-8 DEAL-9 DEAL-10 DEAL-11
	ACT-1 ACT-2 ACT-3 ACT-4 ACT-5 ACT-6 ACT-8 ACT-9 ACT-10 ACT-11
	CAMP-1 CAMP-2 CAMP-3 CAMP-4 CASE-1 CASE-2 CO-1 CO-2 CO-3 CO-4 CO-5 CONV-1 CONV-2 CONV-3`)

// The document is generated from the table of rules and the tests:
// go test -run TestBehaviourDocumentIsCurrent -update ./internal/policy.
func TestBehaviourDocumentIsCurrent(t *testing.T) {
	want := behaviour(proofs(t))
	if *update {
		if err := os.WriteFile(document, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(document)
	if err != nil || string(have) != want {
		t.Errorf("%s is not current, run go generate ./internal/policy (%v)", document, err)
	}
}

// behaviour is docs/behaviour.md.
func behaviour(shown map[string][]proof) string {
	var b strings.Builder
	b.WriteString(documentHead)
	for _, m := range meanings {
		says, tests := m.says, proved(shown[m.id])
		if m.more != "" {
			says += ". " + m.more
		}
		if why := unbuilt[m.id]; why != "" {
			tests = "none: " + why
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", m.id, says, cmp.Or(profileOf[m.id], "both"), tests)
	}
	return b.String()
}

// proved lists tests: those of whole systems, and those of parts where there is none.
func proved(all []proof) string {
	whole := slices.DeleteFunc(slices.Clone(all), func(p proof) bool { return p.profiles == "" })
	if len(whole) == 0 {
		whole = all
	}
	var out []string
	for _, p := range whole {
		out = append(out, "`"+p.test+"` ("+cmp.Or(p.profiles, filepath.ToSlash(p.dir))+")")
	}
	return strings.Join(out, ", ")
}

// TestEveryRuleIsTested: a rule of the page is one that a test shows, and what the page calls
// not built is not.
func TestEveryRuleIsTested(t *testing.T) {
	shown := proofs(t)
	for _, id := range ruleOrder() {
		switch {
		case unbuilt[id] != "" && len(shown[id]) > 0:
			t.Errorf("%s is called not built, and %s shows it", id, shown[id][0].test)
		case unbuilt[id] == "" && len(shown[id]) == 0:
			t.Errorf("%s is called built, and no test is named after it", id)
		}
	}
}

// TestEveryRuleIsTestedWhereItHolds: one that is shown end to end is shown in each profile that
// the page says.
func TestEveryRuleIsTestedWhereItHolds(t *testing.T) {
	shown := proofs(t)
	for _, id := range ruleOrder() {
		runs := profilesOf(shown[id])
		if len(runs) == 0 || beforeProfile[id] != "" {
			continue
		}
		for _, want := range profilesWhereHolds(id) {
			if !runs[want] {
				t.Errorf("%s holds in %s, and no test shows it there: %s", id, cmp.Or(profileOf[id], "both"), proved(shown[id]))
			}
		}
	}
}

// profilesOf are the profiles in which tests of whole systems run.
func profilesOf(all []proof) map[string]bool {
	out := map[string]bool{}
	for _, p := range all {
		for profile := range strings.SplitSeq(p.profiles, ", ") {
			if profile != "" {
				out[profile] = true
			}
		}
	}
	return out
}

// profilesWhereHolds are the profiles that the page names for a rule; of one that is set in
// either, one will do.
func profilesWhereHolds(id string) []string {
	switch profile, _, _ := strings.Cut(profileOf[id], ";"); profile {
	case "":
		return strings.Split(bothProfiles, ", ")
	case asSet:
		return nil
	default:
		return []string{profile}
	}
}

// TestEveryRuleOfRecordsIsTestedEndToEnd through the simulators, and stands in the table.
func TestEveryRuleOfRecordsIsTestedEndToEnd(t *testing.T) {
	shown := proofs(t)
	for _, id := range endToEnd {
		if len(profilesOf(shown[id])) == 0 {
			t.Errorf("%s has no test of whole systems that is named after it", id)
		}
		if Meaning(id) == "" {
			t.Errorf("%s has no meaning", id)
		}
	}
}
