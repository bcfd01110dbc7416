package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/engine"
	"tandem/internal/policy"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// newPeopleRig is a rig whose people sync as well, with the fields that this needs.
func newPeopleRig(t *testing.T) *rig {
	t.Helper()
	r := newRig(t)
	r.edit(func(f *config.File) { f.Connections[0].Contacts.Sync = true })
	r.must(0, "init", "--fields", "--yes")
	return r
}

// person makes a record as a person of the org does.
func (r *rig) person(object string, fields map[string]any) string {
	r.t.Helper()
	id, err := r.sims.org.As("admin").Create(object, fields)
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

// The fields that people need are created for settings that are there, which stay as
// they are; check names them before.
func TestPROP1_PROP13_InitCreatesTheFieldsThatSettingsNeed(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if code, state, _ := r.checked(); code != 0 || state == red {
		t.Fatalf("before people sync: exit %d, %s", code, state)
	}
	r.edit(func(f *config.File) { f.Connections[0].Contacts.Sync = true })
	before, err := os.ReadFile(r.file)
	if err != nil {
		t.Fatal(err)
	}
	key := "Lead.Tandem_Key_" + r.sims.portal.Info().PortalID + "__c"
	if code, _, found := r.checked(); code != exitNot || found[key].State != red || !strings.Contains(found[key].Mend, "tandem init --fields") {
		t.Fatalf("without the fields: exit %d, %+v", code, found[key])
	}
	if code, _, errs := r.run("init", "--fields", "--force"); code != exitUsage || !strings.Contains(errs, "force") {
		t.Errorf("--fields with --force: exit %d, %s", code, errs)
	}
	r.must(0, "init", "--fields", "--yes")
	if code, state, found := r.checked(); code != 0 || state == red {
		t.Errorf("with the fields: exit %d, %s, %+v", code, state, found)
	}
	if after, err := os.ReadFile(r.file); err != nil || string(after) != string(before) {
		t.Errorf("the settings are others: %v\n%s", err, after)
	}
}

// lack is something taken from a rig, and what check says of it.
type lack struct {
	name        string
	take        func(r *rig) error
	state, what string
	mend        string
}

// checksLacks takes each of them from a rig of its own.
func checksLacks(t *testing.T, rigOf func(*testing.T) *rig, lacks []lack) {
	t.Helper()
	for _, tt := range lacks {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := rigOf(t)
			if err := tt.take(r); err != nil {
				t.Fatal(err)
			}
			_, _, found := r.checked()
			if f := found[tt.what]; f.State != tt.state || !strings.Contains(f.Mend, tt.mend) {
				t.Errorf("%s: %+v", tt.what, f)
			}
		})
	}
}

func TestINST3_LIM24_CheckFindsWhatPeopleLack(t *testing.T) {
	t.Parallel()
	checksLacks(t, newPeopleRig, []lack{
		{"read a field of leads", func(r *rig) error { return r.sims.org.SetRight(salesforcesim.Right{Object: "Lead", Field: "Phone"}) }, yellow, "Lead.Phone", "field access"},
		{"edit a field of contacts", func(r *rig) error {
			return r.sims.org.SetRight(salesforcesim.Right{Object: "Contact", Field: "Title", Read: true})
		}, red, "Contact.Title", "Edit on the field"},
		{"read leads", func(r *rig) error { return r.sims.org.SetRight(salesforcesim.Right{Object: "Lead"}) }, red, "Lead", "permission set"},
		{"write contacts", func(r *rig) error {
			return r.sims.portal.Configure(hubspotsim.Settings{RemoveScopes: []string{"crm.objects.contacts.write"}})
		}, red, "contacts", "crm.objects.contacts"},
		{"a mapping of what is on neither", func(r *rig) error {
			r.edit(func(f *config.File) {
				c := &f.Connections[0]
				c.Mappings["contact"] = append(c.Mappings["contact"], config.Mapping{HubSpot: "date_of_birth", Salesforce: "Nope__c"})
			})
			return nil
		}, red, "Nope__c ⇄ date_of_birth", "correct the name"},
		{"what leads must have", func(r *rig) error {
			r.edit(func(f *config.File) {
				c := &f.Connections[0]
				for i := range c.Mappings["contact"] {
					if c.Mappings["contact"][i].Salesforce == "Company" {
						c.Mappings["contact"][i].Rule = "always_salesforce"
					}
				}
			})
			return nil
		}, red, "Lead.Company", "map it"},
		{"INST-7 an org of several portals", func(r *rig) error {
			return r.sims.org.AddField(salesforcesim.FieldSpec{Object: "Contact", Name: "Tandem_Origin_4711__c", Label: "Tandem origin", Type: "Text", Length: 80})
		}, yellow, "several portals", "update_only"},
	})
}

// People are brought in with all their fields in one pass, and every verb speaks of
// them.
func TestIMP1_IMP2_LIM30_PeopleAreImportedWithAllTheirFields(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	r.must(0, "import", "company")
	lead := r.person("Lead", map[string]any{"LastName": "Brown", "FirstName": "Bo", "Company": "Zeta", "Email": "Bo@Zeta.example", "City": "Oslo", "Industry": "Banking"})
	planned := lastJSON[struct{ Counts map[string]int }](t, r.must(0, "plan", "contact", "--json"))
	if planned.Counts["create contacts"] == 0 {
		t.Errorf("a plan of people would write %v", planned.Counts)
	}
	res := lastJSON[bulkResult](t, r.must(0, "import", "contact", "--from", "salesforce", "--json"))
	if res.Objects["contacts"].Created == 0 || res.Objects["contacts"].Created != int64(planned.Counts["create contacts"]) {
		t.Errorf("import ended with %+v, planned were %v", res.Objects, planned.Counts)
	}
	x := lastJSON[engine.Explanation](t, r.must(0, "explain", "lead", lead, "--json"))
	if x.Verdict != engine.InSync || x.Link == nil {
		t.Fatalf("the lead is %s: %+v", x.Verdict, x)
	}
	contact, _ := r.sims.portal.As("").Get("contacts", x.Link.HubSpot)
	for name, want := range map[string]string{"email": "bo@zeta.example", "firstname": "Bo", "lastname": "Brown", "company": "Zeta", "city": "Oslo", "industry": "Banking"} {
		if contact[name] != want {
			t.Errorf("%s is %q, want %q", name, contact[name], want)
		}
	}
	rows := r.must(0, "links", "list", "contact", "--limit", "0", "--json")
	if !strings.Contains(rows, `"object":"Lead","salesforce":"`+lead) {
		t.Errorf("the links of people are\n%s", rows)
	}
	if s := lastJSON[statusView](t, r.must(0, "status", "--json")); s.Objects["contact"].Linked == 0 {
		t.Errorf("status tells of %+v", s.Objects)
	}
	wrote := r.ours()
	r.must(0, "import", "contact", "--from", "salesforce")
	if n := r.ours() - wrote; n != 0 {
		t.Errorf("a second import writes %d times", n)
	}
	if n := lastJSON[engine.Result](t, r.must(0, "sync", "--once", "--json")).Objects; len(n) != 2 {
		t.Errorf("sync tells of %v", n)
	}
}

// A list of leads and contacts brings in those, whichever side their ids are of.
func TestIMP1_AListOfPeopleBringsInWhomItNames(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	r.must(0, "sync", "--once")
	r.edit(func(f *config.File) { f.Connections[0].Contacts.FromSalesforce = "update_only" })
	r.must(0, "settings", "apply")
	in := r.person("Lead", map[string]any{"LastName": "In", "Company": "Zeta", "Email": "in@zeta.example"})
	out := r.person("Lead", map[string]any{"LastName": "Out", "Company": "Zeta", "Email": "out@zeta.example"})
	r.must(0, "sync", "--once")
	list := filepath.Join(r.dir, "people.csv")
	if err := os.WriteFile(list, []byte("Lead ID,Name\n"+in+",In\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.must(0, "import", "contact", "--ids", list)
	if x := lastJSON[engine.Explanation](t, r.must(0, "explain", "lead", in, "--json")); x.Link == nil {
		t.Errorf("who is in the list is %s", x.Verdict)
	}
	if x := lastJSON[engine.Explanation](t, r.must(0, "explain", "lead", out, "--json")); x.Link != nil {
		t.Error("who is not in the list was brought in")
	}
}

// TestIMP1_SET2_AnImportSaysWhomItMakesAllTheSame: contacts.from_salesforce is update_only,
// which an import does not heed. A plan says so with the number, and so does the import on a
// terminal before it begins; elsewhere it names the setting.
func TestIMP1_SET2_AnImportSaysWhomItMakesAllTheSame(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	r.must(0, "sync", "--once")
	r.edit(func(f *config.File) { f.Connections[0].Contacts.FromSalesforce = "update_only" })
	r.must(0, "settings", "apply")
	in := r.person("Lead", map[string]any{"LastName": "In", "Company": "Zeta", "Email": "in@zeta.example"})
	other := r.person("Lead", map[string]any{"LastName": "Out", "Company": "Zeta", "Email": "out@zeta.example"})
	list := filepath.Join(r.dir, "people.csv")
	if err := os.WriteFile(list, []byte(in+"\n"+other+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const told = "contacts.from_salesforce is update_only, and an import makes partners all the same (IMP-1): of 2 records"
	contains(t, r.must(0, "plan", "contact", "--ids", list), told)
	if p := lastJSON[planned](t, r.must(0, "plan", "contact", "--ids", list, "--json")); p.Overrides["contacts.from_salesforce"] != 2 {
		t.Errorf("the plan overrides %v", p.Overrides)
	}
	wrote := r.ours()
	said, err := r.answered("n\n", "import", "contact", "--ids", list)
	if err == nil || !strings.Contains(said, told) || r.ours() != wrote {
		t.Errorf("no: %v, %d writes\n%s", err, r.ours()-wrote, said)
	}
	if said, err = r.answered("y\n", "import", "contact", "--ids", list); err != nil || !strings.Contains(said, told) {
		t.Errorf("yes: %v\n%s", err, said)
	}
	if x := lastJSON[engine.Explanation](t, r.must(0, "explain", "lead", in, "--json")); x.Link == nil {
		t.Errorf("who is imported is %s", x.Verdict)
	}
	if said, err = r.answered("", "import", "contact", "--ids", list); err != nil || strings.Contains(said, "all the same") {
		t.Errorf("with nobody left to make it asks: %v\n%s", err, said)
	}
	if code, _, errs := r.run("import", "contact", "--ids", list); code != 0 || !strings.Contains(errs, "contacts.from_salesforce is update_only") {
		t.Errorf("without a terminal: exit %d, %s", code, errs)
	}
	if code, _, errs := r.run("import", "contact", "--ids", list, "--yes"); code != 0 || strings.Contains(errs, "update_only") {
		t.Errorf("--yes: exit %d, %s", code, errs)
	}
}

func TestIMP4_PeopleAreNotBroughtInWhileTheyDoNotSync(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, verb := range []string{"import", "backfill"} {
		if code, _, errs := r.run(verb, "contact"); code != exitNot || !strings.Contains(errs, "contact sync is off") || !strings.Contains(errs, "contacts.sync: true") {
			t.Errorf("%s: exit %d, %s", verb, code, errs)
		}
	}
}

// Switching people on is told with what it does to those who are there.
func TestSET2_ApplyingSaysWhatContactSyncDoes(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "sync", "--once")
	off := r.must(0, "settings", "export")
	on := strings.Replace(off, "sync: false", "sync: true", 1)
	res, _ := r.apply(0, on)
	if said := strings.Join(res.Meaning, " "); !strings.Contains(said, "contact sync is on") || !strings.Contains(said, "tandem import contact") {
		t.Errorf("switching on says %s", said)
	}
	res, _ = r.apply(0, strings.Replace(on, "rule: two_way", "rule: prefer_salesforce", 1))
	if said := strings.Join(res.Meaning, " "); !strings.Contains(said, "tandem backfill contact") || strings.Contains(said, "backfill company") {
		t.Errorf("other mappings of people say %s", said)
	}
	res, _ = r.apply(0, off)
	if said := strings.Join(res.Meaning, " "); !strings.Contains(said, "contact sync is off") {
		t.Errorf("switching off says %s", said)
	}
}

// Issues of people are listed by themselves.
func TestERR9_IssuesOfPeopleAreListedApart(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	r.must(0, "sync", "--once")
	if _, err := r.sims.portal.As("").Create("contacts", map[string]string{"email": "nameless@zeta.example"}); err != nil {
		t.Fatal(err)
	}
	_, _, _ = r.run("sync", "--once")
	people, companies := r.must(0, "issues", "contact", "--json"), r.must(0, "issues", "company", "--json")
	if !strings.Contains(people, "required") || strings.Contains(companies, `"contacts"`) || strings.Contains(people, `"companies"`) {
		t.Errorf("issues of people:\n%s\nof companies:\n%s", people, companies)
	}
}

// An import takes what a condition or a list names, and refuses what it cannot answer
// before it begins.
func TestIMP1_AnImportTakesWhatIsNamed(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	r.must(0, "import", "company")
	oslo := r.person("Lead", map[string]any{"LastName": "Brown", "Company": "Zeta", "Email": "bo@zeta.example", "City": "Oslo"})
	r.person("Lead", map[string]any{"LastName": "Rossi", "Company": "Zeta", "Email": "ro@zeta.example", "City": "Rome"})
	r.must(0, "pause") // nothing brings them in by itself
	r.must(0, "resume")
	for _, tt := range []struct {
		name string
		args []string
		code int
		says string
	}{
		{"both sides", []string{"import", "contact", "--when", `City == "Oslo"`}, exitUsage, "--from salesforce"},
		{"leads of HubSpot", []string{"import", "lead", "--from", "hubspot"}, exitUsage, "Salesforce alone"},
		{"a list of Salesforce", []string{"import", "contact", "--list", "1", "--from", "salesforce"}, exitUsage, "HubSpot"},
		{"no such field", []string{"import", "lead", "--when", `Town == "Oslo"`}, exitNot, "Town"},
		{"no such list", []string{"import", "contact", "--list", "Nowhere"}, exitNot, "Nowhere"},
	} {
		if code, _, errs := r.run(tt.args...); code != tt.code || !strings.Contains(errs, tt.says) {
			t.Errorf("%s: exit %d, %s", tt.name, code, errs)
		}
	}
	res := lastJSON[bulkResult](t, r.must(0, "import", "lead", "--when", `City == "Oslo"`, "--json"))
	if res.Records != 1 {
		t.Errorf("the import looked at %d records", res.Records)
	}
	if x := lastJSON[engine.Explanation](t, r.must(0, "explain", "lead", oslo, "--json")); x.Link == nil {
		t.Errorf("the lead of Oslo is %s: %+v", x.Verdict, x.Rules)
	}
	for city, want := range map[string]int{"Nowhere": 0, "Oslo": 1} { // also of those whom HubSpot's records name
		if p := lastJSON[planned](t, r.must(0, "plan", "lead", "--when", `City == "`+city+`"`, "--json")); p.Looked != want {
			t.Errorf("of %s the plan looked at %d records, want %d", city, p.Looked, want)
		}
	}
}

// Owners are read again and shown by pairs.
func TestOWN1_ImportOwnersShowsWhoStandsForWhom(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	for _, u := range []salesforcesim.UserSpec{{FirstName: "Sam", LastName: "Seller", Email: "SAM.seller@portal.example"}, {FirstName: "Solo", LastName: "Seller", Email: "solo@org.example"}} {
		if _, err := r.sims.org.AddUser(u); err != nil {
			t.Fatal(err)
		}
	}
	out := r.must(0, "import", "owner")
	for _, want := range []string{"Sam Seller <SAM.seller@portal.example>", "Sam Seller <sam.seller@portal.example>", "Solo Seller <solo@org.example>", "OWN-3a", "1 pair of"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
}

// What does not sync is counted by rule, in words and for programs.
func TestERR1_StatusSaysHowManyRecordsDoNotSync(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	r.person("Lead", map[string]any{"LastName": "Nobody", "Company": "Edge"})
	r.must(0, "import", "lead", "--yes")
	r.must(0, "sync", "--once")
	if out := r.must(0, "status"); !holds(out, "Salesforce Lead", "1", "IMP-3", policy.Meaning("IMP-3")) {
		t.Errorf("status says:\n%s", out)
	}
	want := unsyncedView{Pair: "contact", Side: "salesforce", Object: "Lead", Records: 1, Rule: "IMP-3", Says: policy.Meaning("IMP-3")}
	if s := lastJSON[statusView](t, r.must(0, "status", "--json")); !slices.Contains(s.Unsynced, want) {
		t.Errorf("status --json says %+v", s.Unsynced)
	}
}

// holds reports a line that has all the words.
func holds(text string, words ...string) bool {
	for line := range strings.Lines(text) {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(line, w) }) {
			return true
		}
	}
	return false
}

// A resync of who left the list passes what the contact said all the same: that is done, and
// said. Where nothing passes either, the resync has not done what was asked.
func TestTRIG9_OPT6_AResyncOutOfScopeSaysWhatPassed(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	id := r.person("Lead", map[string]any{"LastName": "Gray", "Company": "Edge", "Email": "gray@edge.example", "HasOptedOutOfEmail": true})
	r.must(0, "import", "lead", "--yes")
	r.edit(func(f *config.File) { f.Connections[0].Contacts.Filter.FromSalesforce = `LastName != "Gray"` })
	r.must(0, "settings", "apply", "--yes")
	if out := r.must(exitNot, "resync", "lead", id); strings.Contains(out, "Written") {
		t.Errorf("nothing passed, and it says:\n%s", out)
	}
	r.sims.org.Advance(10 * time.Second)
	r.sims.portal.Advance(10 * time.Second)
	if err := r.sims.portal.As("admin").Resubscribe("gray@edge.example", 39644612, "LEGITIMATE_INTEREST_CLIENT", "asked by phone"); err != nil {
		t.Fatal(err)
	}
	r.sims.org.Advance(10 * time.Second)
	r.sims.portal.Advance(10 * time.Second) // the contact's property follows
	out := r.must(0, "resync", "lead", id)
	if !holds(out, "Written all the same", id, "Salesforce", "HasOptedOutOfEmail", "OPT-6") {
		t.Errorf("the box is cleared, and it says:\n%s", out)
	}
}

// TestLIM12_SyncOnceHearsWhoOptedOutBeforeTheSwitch where nothing serves: only the verb does,
// which no import is.
func TestLIM12_SyncOnceHearsWhoOptedOutBeforeTheSwitch(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.person("Contact", map[string]any{"LastName": "Gray", "Email": "gray@edge.example", "HasOptedOutOfEmail": true})
	if _, err := r.sims.portal.As("").Create("contacts", map[string]string{"email": "gray@edge.example", "lastname": "Gray"}); err != nil {
		t.Fatal(err)
	}
	r.sims.org.Advance(time.Minute)
	r.sims.portal.Advance(time.Minute)
	r.edit(func(f *config.File) { f.Connections[0].Contacts.Sync = true })
	r.must(0, "init", "--fields", "--yes")
	out := func() bool { return r.sims.portal.As("admin").Consent("gray@edge.example").OptedOut }
	r.must(0, "import", "account", "--yes")
	if out() {
		t.Fatal("an import of accounts passed it")
	}
	r.must(0, "sync", "--once")
	if !out() {
		t.Error("HubSpot may mail who was opted out before the switch")
	}
	if said := r.must(0, "runs"); !strings.Contains(said, "search for who is opted out") {
		t.Errorf("runs says:\n%s", said)
	}
}
