package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"tandem/internal/config"
	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestLIM5_ApplyTellsWhatOtherRulesMake of HubSpot contacts without a partner: with
// --dry-run, and on a terminal before the yes.
func TestLIM5_ApplyTellsWhatOtherRulesMake(t *testing.T) {
	t.Parallel()
	r := newRigWith(t, func(s *simulators) error {
		for i := range 8 {
			if _, err := s.portal.As("admin").Create(string(core.Contacts), map[string]string{
				"email": fmt.Sprintf("p%d@x.com", i), "lastname": fmt.Sprintf("Person %d", i), "city": []string{"Oslo", "Rome"}[min(i, 1)]}); err != nil {
				return err
			}
		}
		return nil
	})
	r.edit(func(f *config.File) { f.Connections[0].Contacts.Sync = true })
	r.must(0, "init", "--fields", "--yes")
	r.must(0, "sync", "--once")
	next := r.load().Connections[0]
	next.Contacts.FromHubSpot = config.PersonChoice{Rules: []config.PersonRule{{When: `city == "Rome"`, Create: config.BecomesContact}}}
	text, err := config.Export(next)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(r.dir, "rules.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	res := lastJSON[console.Applied](t, r.must(0, "settings", "apply", file, "--dry-run", "--json"))
	if res.People == nil || res.People.Records != 8 || res.Calls["hubspot"] == 0 || len(res.Scope) != 0 {
		t.Fatalf("dry run: %+v", res)
	}
	got := ""
	for _, b := range res.People.Becomes {
		got += fmt.Sprintf("%s %d %d %d;", b.What, b.Now, b.Then, len(b.Some))
	}
	if want := fmt.Sprintf("%s 0 7 5;%s 8 0 0;%s 0 1 1;", config.BecomesContact, config.BecomesLead, engine.BecomesNoRule); got != want {
		t.Errorf("it tells %s want %s", got, want)
	}
	said := r.must(0, "settings", "apply", file, "--dry-run")
	contains(t, said, "Nothing was applied; version 1 counts", "is decided anew", "HubSpot contacts without a partner become", "a contact: ", " and 2 more",
		"nothing: no rule holds: ", "p0@x.com", "Of 8 HubSpot contacts 0 have a partner and keep it.", "Looking took ")
	out, err := r.answered("n\n", "settings", "apply", file)
	if err == nil {
		t.Errorf("no was answered, and it counts:\n%s", out)
	}
	contains(t, out, "nothing: no rule holds: ", "Apply these settings?")
}

// TestLIM4_ApplyTellsWhatBecomesOfQuestions where nobody is asked about similar records any more.
func TestLIM4_ApplyTellsWhatBecomesOfQuestions(t *testing.T) {
	t.Parallel()
	var old, next config.Connection
	for _, c := range []*config.Connection{&old, &next} {
		c.Contacts.Sync, c.Contacts.Similar, c.Companies.Similar = true, config.SimilarReview, config.SimilarReview
	}
	next.Contacts.Similar, next.Companies.Similar = config.SimilarOff, config.SimilarOff
	if got := similarMeaning(old, next); len(got) != 1 {
		t.Errorf("people alone sync, and it says %q", got)
	} else {
		contains(t, got[0], "wait for the answer", "tandem links review")
	}
	if got := similarMeaning(next, old); len(got) != 0 {
		t.Errorf("switched on again it says %q", got)
	}
}
