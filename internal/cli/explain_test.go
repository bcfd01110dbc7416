package cli

import (
	"strings"
	"testing"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// What a record shows is what its side holds; how it is compared stands beside it.
func TestLIM29_ExplainShowsStoredValues(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	l := r.someLink()
	if err := r.sims.org.As("admin").Update("Account", l.Salesforce, map[string]any{"Industry": "Banking", "Website": "https://www.moved.example"}); err != nil {
		t.Fatal(err)
	}
	r.must(0, "sync", "--once")
	x := lastJSON[engine.Explanation](t, r.must(0, "explain", "company", l.HubSpot, "--json"))
	for name, want := range map[string][4]string{
		"Industry": {"Banking", "BANKING", "BANKING", "BANKING"},
		"Website":  {"https://www.moved.example", "moved.example", "moved.example", "moved.example"},
	} {
		f := fieldOf(t, x, name)
		if got := [4]string{f.SalesforceValue, f.HubSpotValue, f.Compared.Salesforce, f.Base}; got != want || !f.InSync {
			t.Errorf("%s shows %q, want %q", name, got, want)
		}
	}
	if out := r.must(0, "explain", "company", l.HubSpot); !strings.Contains(out, "compared as") || !strings.Contains(out, "https://www.moved.example") {
		t.Errorf("explain for people:\n%s", out)
	}
}

func fieldOf(t *testing.T, x engine.Explanation, name string) engine.FieldView {
	t.Helper()
	for _, f := range x.Fields {
		if f.Salesforce == name {
			return f
		}
	}
	t.Fatalf("explain shows no field %s", name)
	return engine.FieldView{}
}

// An id that no record has is said to be just that, whatever the object.
func TestLIM29_UnknownIdsAreNotFound(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for _, args := range [][]string{{"company", "999999"}, {"contact", "999999"}, {"contact", "0035g00000AbCdEAAV"}, {"lead", "00Q5g00000AbCdEEAV"}} {
		code, out, _ := r.run(append([]string{"explain"}, args...)...)
		if code != exitNot || !strings.Contains(out, "not found on either side") || strings.Contains(out, "DEDUP-1") {
			t.Errorf("explain %v: exit %d\n%s", args, code, out)
		}
	}
}

// A value that one side refuses does not make a record look as if nothing synced.
func TestLIM23_OneRefusedFieldIsNotABlockedRecord(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	l := r.someLink()
	if err := r.sims.org.As("admin").Update("Account", l.Salesforce, map[string]any{"Name": "Fine", "Industry": "Unheard of"}); err != nil {
		t.Fatal(err)
	}
	r.must(0, "sync", "--once")
	out := r.must(0, "explain", "company", l.Salesforce)
	if !strings.Contains(out, "in step but for 1 field: HubSpot field industry: HubSpot does not know") {
		t.Errorf("explain says:\n%s", out)
	}
	if got, _ := r.sims.portal.As("").Get("companies", l.HubSpot); got["name"] != "Fine" {
		t.Errorf("HubSpot has the name %q", got["name"])
	}
}

// Issues are found by the word that any other output uses for them, and by record.
func TestERR1_IssuesByCodeAndByRecord(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "import", "company")
	count := func(args ...string) int {
		t.Helper()
		return strings.Count(r.must(0, append([]string{"issues", "--json"}, args...)...), "\n")
	}
	all := count()
	if all < 2 || count("--category", "picklist") != all || count("--category", "option_unknown") != all {
		t.Errorf("of %d issues the category gives %d, the code %d", all, count("--category", "picklist"), count("--category", "option_unknown"))
	}
	if code, _, errs := r.run("issues", "--category", "weather"); code != exitUsage || !strings.Contains(errs, "weather") {
		t.Errorf("an unknown category: exit %d, %s", code, errs)
	}
	if all := r.must(0, "issues", "--limit", "0"); strings.Contains(all, "more;") || all != r.must(0, "issues", "--limit", "1000") {
		t.Errorf("of all issues it shows\n%s", all)
	}
	first, _, _ := strings.Cut(r.must(0, "issues", "--json"), "\n")
	i := lastJSON[core.Issue](t, first)
	x := lastJSON[engine.Explanation](t, r.must(0, "explain", "company", i.Ref.ID, "--json"))
	for _, id := range []string{x.Link.Salesforce, x.Link.Salesforce[:15], x.Link.HubSpot} {
		if n := count("--record", id); n != len(x.Issues) {
			t.Errorf("record %s has %d issues, listed are %d", id, len(x.Issues), n)
		}
	}
	if n := count("--record", "999999"); n != 0 {
		t.Errorf("a record that is not there has %d issues", n)
	}
}

// An id that can only be another object's is not looked for, and the right word is said.
func TestLIM29_AnIDOfAnotherObjectIsSaidToBeSo(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for id, want := range map[string][2]string{
		"0035g00000AbCdEAAV": {"company", "is the id of a Salesforce Contact, which is no company"},
		"00Q5g00000AbCdE":    {"company", "write contact in place of company"},
		"0015g00000AbCdEAAV": {"contact", "write company in place of contact"},
		"0065g00000AbCdEAAV": {"company", "write deal in place of company"},
		"00T5g00000AbCdEEAV": {"company", "write activity in place of company"},
		"00P5g00000AbCdEEAV": {"company", "another object of Salesforce"},
		"Acme GmbH":          {"company", "the form of no id"},
		"0035G00000ABCDEAAV": {"contact", "its last three characters do not fit"},
	} {
		for _, verb := range []string{"explain", "history", "resync"} {
			if code, _, errs := r.run(verb, want[0], id); code != exitUsage || !strings.Contains(errs, want[1]) {
				t.Errorf("%s %s %s: exit %d, %s", verb, want[0], id, code, errs)
			}
		}
	}
}

// For a person, explain says what would bring a record its partner, and that the
// connection stands still.
func TestLIM29_ExplainTellsPeopleTheWayOn(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "sync", "--once")
	company, err := r.sims.portal.As("").Create("companies", map[string]string{"name": "Alone"})
	if err != nil {
		t.Fatal(err)
	}
	r.must(0, "sync", "--once")
	out := r.must(0, "explain", "company", company)
	for _, want := range []string{"ACC-8a", "What would change that: associate a contact with the company.\n", "tandem import company would leave it as it is (ACC-8a",
		"tandem resync company " + company + " would make or link a partner (ACC-10"} {
		if !strings.Contains(out, want) {
			t.Errorf("explain lacks %q:\n%s", want, out)
		}
	}
	r.must(0, "pause")
	out = r.must(0, "explain", "company", company)
	if !strings.Contains(out, "waiting: connection ") || !strings.Contains(out, "is paused (INST-10), by ") || !strings.Contains(out, "tandem resume goes on") {
		t.Errorf("explain of a paused connection:\n%s", out)
	}
}
