package cli

import (
	"context"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// A person's edit in the portal shows up, and then Tandem's write in the org.
func TestDemoFollowsAnEdit(t *testing.T) {
	t.Parallel()
	s, err := newSimulators(simOptions{seed: demoSeed})
	if err != nil {
		t.Fatal(err)
	}
	s.loadSample(demoSeed)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	done := make(chan error, 2)
	go func() { done <- s.serve(ctx) }()
	ready := &lines{want: regexp.MustCompile(`explain company ID`), found: make(chan string, 1)}
	a := &app{Streams: Streams{Out: ready, Err: io.Discard}, now: time.Now, env: os.LookupEnv, printed: newScreen(ready, io.Discard)}
	go func() { done <- a.demoSync(ctx, s, t.TempDir(), false) }()
	<-ready.found
	if out := ready.text(); !strings.Contains(out, "Of companies an edit of these goes to the other side from either page: name, domain, phone") || !strings.Contains(out, "Salesforce wins, and an edit in HubSpot is undone unless Salesforce is blank: industry, annualrevenue.") {
		t.Errorf("the demo does not say which edits go which way:\n%s", out)
	}
	door := s.portal.As("")
	id := someCompany(t, s)
	if err := door.Update("companies", id, map[string]string{"name": "Named by a person", "annualrevenue": "1"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the screen shows the edit, its way to the other side, and what was undone and why", func() bool {
		out := ready.text()
		return regexp.MustCompile(`HubSpot +person +companies \d+ +name ".+" → "Named by a person"\n`).MatchString(out) &&
			regexp.MustCompile(`Salesforce +tandem +Account \w+ +Name ".+" → "Named by a person"\n`).MatchString(out) &&
			regexp.MustCompile(`HubSpot +tandem +companies \d+ +annualrevenue "1" → "\d+"  undone: the rule of annualrevenue is prefer_salesforce, Salesforce wins where it has a value \(MAP-4\); tandem conflicts keeps the lost value\n`).MatchString(out)
	})
	stop()
	for range 2 {
		if err := <-done; err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	}
}

// An edit that reached the other side was not undone, whatever a person makes of it
// there later; one that lost to a rule or to a later edit was.
func TestDemoTellsUndoneFromEditedAgain(t *testing.T) {
	t.Parallel()
	fields := []config.Mapping{{Salesforce: "Name", HubSpot: "name", Rule: "two_way"}, {Salesforce: "Industry", HubSpot: "industry", Rule: "prefer_salesforce"}}
	partner := func(record string) string { return map[string]string{"companies 7": "Account 001A"}[record] }
	portal := func(by, field, before, after string) shownChange {
		return shownChange{Side: "HubSpot", By: by, Op: "update", Record: "companies 7", Field: field, Before: before, After: after}
	}
	org := func(by, field, before, after string) shownChange {
		return shownChange{Side: "Salesforce", By: by, Op: "update", Record: "Account 001A", Field: field, Before: before, After: after}
	}
	for name, c := range map[string]struct {
		changes []shownChange
		undone  string // a part of what is said of the last change
	}{
		"edited here, then there":      {[]shownChange{portal(byPerson, "name", "One", "Two"), org(byTandem, "Name", "One", "Two"), org(byPerson, "Name", "Two", "Three"), portal(byTandem, "name", "Two", "Three")}, ""},
		"there first":                  {[]shownChange{org(byPerson, "Name", "One", "Two"), portal(byTandem, "name", "One", "Two"), portal(byPerson, "name", "Two", "Three"), org(byTandem, "Name", "Two", "Three")}, ""},
		"both at once":                 {[]shownChange{portal(byPerson, "name", "One", "Two"), org(byPerson, "Name", "One", "Three"), portal(byTandem, "name", "Two", "Three")}, "the later of two edits wins (MAP-6)"},
		"Salesforce wins":              {[]shownChange{portal(byPerson, "industry", "A", "B"), portal(byTandem, "industry", "B", "A")}, "Salesforce wins where it has a value (MAP-4)"},
		"passed while it was blank":    {[]shownChange{portal(byPerson, "industry", "", "B"), org(byTandem, "Industry", "", "B"), org(byPerson, "Industry", "B", "C"), portal(byTandem, "industry", "B", "C")}, ""},
		"another field of the company": {[]shownChange{portal(byPerson, "industry", "A", "B"), org(byTandem, "Name", "One", "Two"), portal(byTandem, "industry", "B", "A")}, "MAP-4"},
	} {
		t.Run(name, func(t *testing.T) {
			e, said := newEdits(map[string][]config.Mapping{"Account": fields, "companies": fields}, partner), ""
			for _, n := range c.changes {
				said = e.why(n)
			}
			if (said == "") != (c.undone == "") || !strings.Contains(said, c.undone) {
				t.Errorf("said %q, want %q", said, c.undone)
			}
		})
	}
}

// someCompany is a company that came from an account with a revenue.
func someCompany(t *testing.T, s *simulators) string {
	t.Helper()
	for _, e := range s.portal.Ledger() {
		if e.Object == "companies" && e.Op == "create" && e.Property == "annualrevenue" && e.After != "" {
			return e.ID
		}
	}
	t.Fatal("no company with a revenue was created")
	return ""
}

func TestAccountsShareOnePace(t *testing.T) {
	a := newAccounts(time.Now)
	one := config.Connection{Name: "one", Salesforce: config.Salesforce{OrgID: "00D000000000001"}, HubSpot: config.HubSpot{BaseURL: "https://x", PortalID: "1", BurstShare: 0.9}}
	two := one
	two.Name, two.Salesforce.OrgID, two.HubSpot.PortalID = "two", "00D000000000001AAA", "2"
	if a.salesforce(one, noStore) != a.salesforce(two, noStore) {
		t.Error("one org has two paces")
	}
	if a.hubspot(one, noStore) == a.hubspot(two, noStore) {
		t.Error("two portals share a pace")
	}
	var pinned store.Connection
	pinned.Accounts[core.HubSpot] = "2"
	unnamed := config.Connection{Name: "three", HubSpot: config.HubSpot{BaseURL: "https://x", BurstShare: 0.9}}
	if a.hubspot(unnamed, pinned) != a.hubspot(two, noStore) {
		t.Error("a portal pinned in the store has another pace than the one in the settings")
	}
	if a.hubspot(unnamed, noStore) == a.hubspot(config.Connection{Name: "four", HubSpot: unnamed.HubSpot}, noStore) {
		t.Error("two unknown portals share a pace")
	}
}

func TestINST2_Editions(t *testing.T) {
	for edition, want := range map[string]string{"Group Edition": red, "Professional Edition": green, "Enterprise Edition": green, "Developer Edition": green, "Unlimited Edition": green, "": yellow} {
		p := &preflight{}
		p.edition(connector.Identity{Edition: edition})
		if got := p.findings[0]; got.State != want || want != green && got.Rule != "INST-2" {
			t.Errorf("%q is %+v, want %s", edition, got, want)
		}
	}
}

func TestINST14_VersionIsPinnedAndListed(t *testing.T) {
	for versions, want := range map[string]string{"v64.0 v65.0": green, "v66.0 v67.0": red, "": red} {
		p := &preflight{settings: config.Connection{Salesforce: config.Salesforce{APIVersion: "65.0"}}}
		p.version(connector.Identity{Versions: strings.Fields(versions)})
		if got := p.findings[0]; got.State != want {
			t.Errorf("with %q: %+v, want %s", versions, got, want)
		}
	}
}

func TestPrintableTakesTerminalControlsAway(t *testing.T) {
	if got := printable("a\x1b[2Jb\nc\u009bd é 漢"); got != "a [2Jb c d é 漢" {
		t.Errorf("got %q", got)
	}
}

func TestPlainProgressIsRare(t *testing.T) {
	var b strings.Builder
	s := newScreen(io.Discard, &b)
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 20 {
		s.progress(at.Add(time.Duration(i)*time.Second), int64(i), 20, "records")
	}
	if n := strings.Count(b.String(), "\n"); n != 4 {
		t.Errorf("%d lines in 20 seconds:\n%s", n, b.String())
	}
	if strings.Contains(b.String(), "\r") {
		t.Error("a log gets redraws")
	}
}

// TestDemoShowsEachObjectThatSyncs: all are in step after the first sync, and each has records
// that went over.
func TestDemoShowsEachObjectThatSyncs(t *testing.T) {
	t.Parallel()
	r := &rig{t: t}
	res := lastJSON[engine.Result](t, r.must(0, "demo", "--once", "--json"))
	for _, d := range core.StandardPairs {
		n := res.Objects[d.Plural]
		if n.Created == 0 || n.Issues > 0 && d.Name != core.CompanyPair {
			t.Errorf("of %s the demo shows %+v", d.Plural, n)
		}
	}
	if !res.Converged {
		t.Errorf("the demo ends as %+v", res)
	}
}
