package cli

import (
	"strings"
	"testing"
)

// TestLIM29_APersonIsNamedByAnAddress that nobody else has: a linked pair is one person, and
// several are listed with their ids.
func TestLIM29_APersonIsNamedByAnAddress(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	r.must(0, "sync", "--once")
	lead := r.person("Lead", map[string]any{"LastName": "Ahead", "Company": "Edge", "Email": "Ada.Ahead@edge.com"})
	r.must(0, "sync", "--once")
	if out := r.must(0, "explain", "contact", "ada.ahead@EDGE.com"); !strings.Contains(out, lead) || !strings.Contains(out, "in step") {
		t.Errorf("explain by the address: %s", out)
	}
	eventually(t, "both are found by the address", func() bool { // HubSpot's search lags
		out := r.must(0, "find", "ada.ahead@edge.com")
		return strings.Count(out, "Ahead") == 2 && strings.Contains(out, "Salesforce "+lead)
	})
	if out := r.must(0, "find", "Ahead", "--json"); strings.Count(out, lead) < 2 {
		t.Errorf("find --json: %s", out)
	}
	twin := r.person("Lead", map[string]any{"LastName": "Twin", "Company": "Edge", "Email": "ada.ahead@edge.com"})
	if code, _, errs := r.run("explain", "lead", "ada.ahead@edge.com"); code != exitUsage || !strings.Contains(errs, "2 records have the address") || !strings.Contains(errs, twin) {
		t.Errorf("explain with two: exit %d, %s", code, errs)
	}
	for _, args := range [][]string{{"explain", "contact", "nobody@edge.com"}, {"find", "nobody@edge.com"}} {
		if code, out, errs := r.run(args...); code != exitNot || !strings.Contains(out+errs, "nobody@edge.com") {
			t.Errorf("%v: exit %d, %s%s", args, code, out, errs)
		}
	}
}

// TestLIM29_FindTellsALinkThatHasEnded from one that holds.
func TestLIM29_FindTellsALinkThatHasEnded(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	r.must(0, "sync", "--once")
	lead := r.person("Lead", map[string]any{"LastName": "Parted", "Company": "Edge", "Email": "p@edge.com"})
	r.must(0, "sync", "--once")
	if out := r.must(0, "find", lead); !strings.Contains(out, "HubSpot ") || strings.Contains(out, "was HubSpot") {
		t.Errorf("find of a linked lead: %s", out)
	}
	r.must(0, "links", "unlink", "lead", lead)
	if out := r.must(0, "find", lead); !strings.Contains(out, "was HubSpot ") || !strings.Contains(out, "closed by a person (tandem links unlink)") {
		t.Errorf("find of a lead whose link has ended: %s", out)
	}
}

// TestLIM29_FindTellsWhatIsGone of what a person may still look for by its id.
func TestLIM29_FindTellsWhatIsGone(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	lead := func(name string) string {
		return r.person("Lead", map[string]any{"LastName": name, "Company": "Edge", "Email": name + "@edge.com"})
	}
	gone, kept, loser := lead("gone"), lead("kept"), lead("loser")
	admin := r.sims.org.As("admin")
	for _, err := range []error{admin.Delete("Lead", gone), admin.Merge("Lead", kept, loser)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for id, want := range map[string]string{gone: "deleted; gone@edge.com", loser: "merged into " + kept} {
		if out := r.must(0, "find", id); !strings.Contains(out, want) {
			t.Errorf("find of %s does not say %q: %s", id, want, out)
		}
	}
	if out := r.must(0, "find", kept); strings.Contains(out, "deleted") || strings.Contains(out, "merged") {
		t.Errorf("find of a living lead: %s", out)
	}
}
