package config

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// everyControl are the controls of all blocks.
func everyControl(c Connection) (out []Control) {
	for _, b := range Blocks() {
		out = append(out, c.Controls(b)...)
	}
	return out
}

// TestEverySettingHasAControl but those that a form leaves to other pages, in the words of
// the table of keys.
func TestEverySettingHasAControl(t *testing.T) {
	c := *everythingOn()
	shown := map[string]bool{}
	for _, one := range everyControl(c) {
		shown[keyPath(one.Path)] = true
		if one.Text == "" {
			t.Errorf("%s has no text", one.Path)
		}
		if one.Kind == Choice && one.Value != "" && !slices.Contains(one.Choices, one.Value) {
			t.Errorf("%s is %q, which is none of %v", one.Path, one.Value, one.Choices)
		}
	}
	for path := range keysByPath() {
		top, _, _ := strings.Cut(strings.TrimSuffix(path, "[]"), ".")
		if !slices.Contains(Blocks(), strings.TrimSuffix(top, "[]")) || shown[path] || shown[strings.TrimSuffix(path, "[]")] {
			continue
		}
		t.Errorf("%s has no control", path)
	}
}

// TestChoicesAreThoseOfTheChecks and no second list.
func TestChoicesAreThoseOfTheChecks(t *testing.T) {
	if err := everythingOn().check(finder{root: "$"}); err != nil {
		t.Fatalf("what choices are looked for in is refused itself: %v", err)
	}
	for path, want := range map[string]string{
		"profile": "classic tandem", "contacts.from_hubspot": "lead contact person_account", "contacts.from_salesforce": "create_or_update update_only nothing",
		"companies.when_salesforce_deleted": "nothing flag archive delete", "companies.when_hubspot_deleted": "nothing flag archive delete", "deals.when_hubspot_deleted": "nothing flag archive delete",
		"activities.calls.when_hubspot_deleted": "nothing archive delete", "activities.timeline.repeats": "once each", "custom_objects[].on_conflict": "latest salesforce hubspot", "contacts.from_hubspot.rules[].create": "lead contact person_account",
		"companies.match": "id external_key contacts domain name_address", "companies.create_account": "classic always never",
	} {
		if got := strings.Join(choices()[path].words, " "); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// TestAFormThatWasNotTouchedChangesNothing although it gives every value anew.
func TestAFormThatWasNotTouchedChangesNothing(t *testing.T) {
	c := *everythingOn()
	c.Deals.Pipelines = []DealPipeline{{RecordType: "New", Pipeline: "Sales", Stages: map[string]string{"Won": "closedwon", "yes: 1": "'no'", "7": "08"}}}
	c.CustomObjects[0].Associations = []Association{{Field: "Account__c", To: "company"}}
	values, blank := map[string]string{}, "none"
	for _, one := range everyControl(c) {
		if one.Kind == Entry && one.Value == "" && !strings.HasPrefix(one.Path, blank) {
			blank = one.Path // which is there to fill in
		}
		if one.Kind != Heading && one.Kind != Entry && !strings.HasPrefix(one.Path, blank) {
			values[one.Path] = strings.ReplaceAll(one.Value, "\n", "\r\n") // as browsers send it
		}
	}
	next, err := Edited(c, values)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(next, c) {
		before, _ := Export(c)
		after, _ := Export(next)
		changes, _ := Diff(before, after)
		t.Errorf("differs: %+v", changes)
	}
}

func TestEditedSetsWhatAFormSays(t *testing.T) {
	c := *everythingOn()
	next, err := Edited(c, map[string]string{
		"companies.sync": "false", "contacts.from_hubspot": "contact", "companies.match": "id\ndomain\n\n", "retry.stop_at_share": "0.5", "poll_every": "90s",
		"tickets.associate_company": "false", "owners.map": "\"005x\": bo@example.com", "custom_objects[0]": Removed,
		"custom_objects[1].name": "site", "custom_objects[1].salesforce": "Site__c", "custom_objects[1].hubspot": "2-7", "custom_objects[1].sync": "true",
	})
	if err != nil {
		t.Fatal(err)
	}
	text, _ := Export(next)
	if next, err = Apply(c, text); err != nil {
		t.Fatal(err)
	}
	switch {
	case next.Companies.Sync, next.Contacts.FromHubSpot.Object != "contact", strings.Join(next.Companies.Match, " ") != "id domain",
		next.Retry.StopAtShare != 0.5, next.PollEvery.D().Seconds() != 90, *next.Tickets.AssociateCompany, next.Owners.Map["005x"] != "bo@example.com":
		t.Errorf("settings are %s", text)
	case len(next.CustomObjects) != 1 || next.CustomObjects[0].Name != "site" || next.CustomObjects[0].OnConflict != LatestWins:
		t.Errorf("custom objects are %+v", next.CustomObjects)
	}
	if len(c.CustomObjects) != 1 || c.CustomObjects[0].Name != "project" {
		t.Errorf("what was given was changed: %+v", c.CustomObjects)
	}
}

// TestEditedTakesOutEntriesWhereverTheyStand, those within others too, and puts some in.
func TestEditedTakesOutEntriesWhereverTheyStand(t *testing.T) {
	c := *everythingOn()
	for _, name := range []string{"b", "c"} {
		c.CustomObjects = append(c.CustomObjects, CustomObject{Name: name, Associations: []Association{{Field: name + "1__c"}, {Field: name + "2__c"}, {Field: name + "3__c"}}})
	}
	c.Deals.Pipelines = []DealPipeline{{RecordType: "New", Pipeline: "Sales"}}
	next, err := Edited(c, map[string]string{
		"custom_objects[0]": Removed, "custom_objects[1].associations[0]": Removed, "custom_objects[1].associations[2]": Removed, "custom_objects[2].associations[1]": Removed,
		"custom_objects[9]": Removed, "deals.pipelines[0]": Removed, "deals.pipelines[1].pipeline": "Renewals", "deals.pipelines[1].stages": PairsText([][2]string{{"Won", "closedwon"}}),
		"contacts.from_hubspot": "contact", "lifecycle.stages[0]": Removed,
	})
	if err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, o := range next.CustomObjects {
		left = append(left, o.Name)
		for _, a := range o.Associations {
			left = append(left, a.Field)
		}
	}
	if got := strings.Join(left, " "); got != "b b2__c c c1__c c3__c" {
		t.Errorf("left are %s", got)
	}
	if p := next.Deals.Pipelines; len(p) != 1 || p[0].Pipeline != "Renewals" || p[0].Stages["Won"] != "closedwon" {
		t.Errorf("pipelines are %+v", p)
	}
	if len(next.Lifecycle.Stages) != 0 || len(next.Contacts.FromHubSpot.Rules) != 0 || next.Contacts.FromHubSpot.Object != "contact" {
		t.Errorf("contacts become %+v, stages are %+v", next.Contacts.FromHubSpot, next.Lifecycle.Stages)
	}
	_, err = Edited(c, map[string]string{"deals.pipelines[0].stages": PairsText([][2]string{{"Won", "a"}, {"Won", "b"}})})
	var e *Error
	if !errors.As(err, &e) || e.Key != "deals.pipelines[0].stages.Won" && e.Key != "deals.pipelines[0].stages" {
		t.Errorf("one stage twice gives %v", err)
	}
}

func TestEditedRefusesWhatIsNoValue(t *testing.T) {
	for path, value := range map[string]string{"poll_every": "soon", "retry.stop_at_share": "half", "companies.sync": "perhaps", "nothing.of_that": "1", "custom_objects[7].name": "x", "companies.sync.x": "1", "salesforce": "x"} {
		var e *Error
		if _, err := Edited(*everythingOn(), map[string]string{path: value}); !errors.As(err, &e) || !strings.HasPrefix(e.Key, path) || e.Message == "" || e.Line != 0 {
			t.Errorf("%s: %s gives %v", path, value, err)
		}
	}
}

// TestRebaseKeepsWhatOthersChanged since, and what the edit took out and put in.
func TestRebaseKeepsWhatOthersChanged(t *testing.T) {
	base := "a: 1\nb: {c: 1, d: 1, gone: 1}\nlist: [1]\nold: 1\n"
	mine := "a: 1\nb: {c: 2, d: 1, new: 1}\nlist: [1, 2]\nold: 1\n"
	now := "a: 3\nb: {c: 1, d: 4, gone: 1}\nlist: [1]\nfresh: 1\n"
	got, err := Rebase([]byte(base), []byte(mine), []byte(now))
	if err != nil {
		t.Fatal(err)
	}
	want := "a: 3\nb: {c: 2, d: 4, new: 1}\nlist: [1, 2]\nfresh: 1\n"
	if changes, err := Diff([]byte(want), got); err != nil || len(changes) > 0 {
		t.Errorf("got %s: %+v %v", got, changes, err)
	}
}

// TestRebaseKeepsTheEntriesThatOthersChanged of a list whose entries have names: those that the
// edit left alone stay as they are by now, in their order.
func TestRebaseKeepsTheEntriesThatOthersChanged(t *testing.T) {
	const a, b, c, d, e = "{hubspot: a, salesforce: A, rule: none}", "{hubspot: b, salesforce: B, rule: none}", "{hubspot: c, salesforce: C, rule: none}", "{hubspot: d, salesforce: D, rule: none}", "{hubspot: e, salesforce: E, rule: none}"
	two := func(entry string) string { return strings.Replace(entry, "none", "two_way", 1) }
	list := func(entries ...string) []byte {
		return []byte("mappings:\n  company: [" + strings.Join(entries, ", ") + "]\n")
	}
	for name, tt := range map[string]struct{ base, mine, now, want []byte }{
		"another entry":     {list(a, b), list(a, two(b)), list(two(a), b), list(two(a), two(b))},
		"added by both":     {list(a), list(a, b), list(a, c), list(a, c, b)},
		"taken out by both": {list(a, b, c), list(b, c), list(a, b), list(b)},
		"one and the other": {list(a, b, d), list(a, two(b), d, e), list(c, a), list(c, a, two(b), e)},
		"the same one":      {list(a), list(two(a)), list(strings.Replace(a, "none", "always_salesforce", 1)), list(two(a))},
		"the first ones":    {[]byte("poll_every: 1m"), list(a), list(b), list(b, a)},
		"unnamed":           {[]byte("match: [id]"), []byte("match: [id, domain]"), []byte("match: [domain, id]"), []byte("match: [id, domain]")},
	} {
		got, err := Rebase(tt.base, tt.mine, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		var have, want map[string]any
		if yaml.Unmarshal(got, &have) != nil || yaml.Unmarshal(tt.want, &want) != nil || !reflect.DeepEqual(have["mappings"], want["mappings"]) || !reflect.DeepEqual(have["match"], want["match"]) {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}
