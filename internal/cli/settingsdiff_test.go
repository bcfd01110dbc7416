package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
)

// TestSettingsDiffNamesEachKey of two versions, and of a file that is not applied yet.
func TestSettingsDiffNamesEachKey(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.must(0, "sync", "--once")
	text := r.must(0, "settings", "export")
	next := strings.Replace(strings.Replace(text, "rule: prefer_salesforce", "rule: two_way", 1), "when_salesforce_deleted: nothing", "when_salesforce_deleted: flag", 1)
	file := filepath.Join(t.TempDir(), "next.yaml")
	if err := os.WriteFile(file, []byte(next), 0o600); err != nil {
		t.Fatal(err)
	}
	want := func(out string) {
		t.Helper()
		if !strings.Contains(out, `~ companies.when_salesforce_deleted: "nothing" → "flag"`) || !strings.Contains(out, `.rule: "prefer_salesforce" → "two_way"`) || strings.Count(out, "\n") != 2 {
			t.Errorf("differs:\n%s", out)
		}
	}
	want(r.must(0, "settings", "diff", file))
	r.must(0, "settings", "apply", file, "--yes")
	want(r.must(0, "settings", "diff"))
	want(r.must(0, "settings", "diff", "1"))
	if out := r.must(0, "settings", "diff", "1", "1"); out != "Nothing differs.\n" {
		t.Errorf("of a version and itself: %q", out)
	}
	if code, _, errs := r.run("settings", "diff", "1", "77"); code != exitNot || !strings.Contains(errs, "there is no version 77") {
		t.Errorf("an unknown version: %d, %s", code, errs)
	}
}

// TestSettingsSayWhatTheyWillDo also of what is no switch of an object: lifecycle stages,
// campaigns, activities, what people did, deletions, and an object that is declared no more.
func TestSettingsSayWhatTheyWillDo(t *testing.T) {
	t.Parallel()
	base := config.Connection{Companies: config.Companies{Sync: true}, CustomObjects: []config.CustomObject{{Name: "site", Salesforce: "Site__c", HubSpot: "2-1", Sync: true}}}
	base.Contacts.Sync, base.Deals.Sync, base.Tickets.Sync = true, true, true
	base.Complete()
	for name, c := range map[string]struct {
		change func(*config.Connection)
		want   string
	}{
		"lifecycle": {func(c *config.Connection) { c.Lifecycle.AutomaticTransitions = true }, "43 linked people are looked at at once"},
		"company follows": {func(c *config.Connection) {
			c.Lifecycle.CompanyFollowsContact = new(bool)
			*c.Lifecycle.CompanyFollowsContact = true
		}, "1 linked company may be written"},
		"contacts follow":      {func(c *config.Connection) { c.Lifecycle.ContactsFollowCompany = true }, "people take the lifecycle stage of their company"},
		"campaigns":            {func(c *config.Connection) { c.Campaigns.Sync = true }, "the campaigns of 43 linked people are read"},
		"campaigns from there": {func(c *config.Connection) { c.Campaigns.Sync, c.Campaigns.FromHubSpot = true, "both" }, "one taken out of it ends the membership"},
		"timeline":             {func(c *config.Connection) { c.Activities.Timeline.EmailOpens.Sync = true }, "becomes tasks in Salesforce, at most 10000 a day"},
		"a type":               {func(c *config.Connection) { c.Activities.Calls.FromHubSpot = true }, "calls pass from HubSpot from now on"},
		"deals archived":       {func(c *config.Connection) { c.Deals.WhenHubSpotDeleted = "archive" }, "a deal that is deleted in HubSpot takes its partner in Salesforce with it"},
		"cases flagged":        {func(c *config.Connection) { c.Tickets.WhenSalesforceDeleted = "flag" }, "a case that is deleted in Salesforce is marked in HubSpot"},
		"accounts cascade":     {func(c *config.Connection) { c.Companies.WhenHubSpotDeleted = "delete" }, "deletes an account's contacts along with it"},
		"people not made":      {func(c *config.Connection) { c.Contacts.FromSalesforce = "update_only" }, "43 linked people go on, and so does who is imported"},
		"people nothing":       {func(c *config.Connection) { c.Contacts.FromSalesforce = "nothing" }, "43 linked people stay linked"},
		"site deleted":         {func(c *config.Connection) { c.CustomObjects[0].WhenSalesforceDeleted = "delete" }, "a site that is deleted in Salesforce takes its partner"},
		"site off":             {func(c *config.Connection) { c.CustomObjects[0].Sync = false }, "site records are neither read nor written"},
		"site taken out":       {func(c *config.Connection) { c.CustomObjects = nil }, "site records are neither read nor written"},
	} {
		next := base
		next.CustomObjects = append([]config.CustomObject(nil), base.CustomObjects...)
		c.change(&next)
		next.Complete()
		n := standing{core.ContactPair: 43, core.CompanyPair: 1}
		if got := strings.Join(meaning(base, next, n), "\n"); !strings.Contains(got, c.want) {
			t.Errorf("%s is told as:\n%s\nwant %q", name, got, c.want)
		}
		if back := strings.Join(meaning(next, base, n), "\n"); strings.Contains(back, "counts from the next record on") {
			t.Errorf("%s taken back is told as nothing: %s", name, back)
		}
	}
}

// TestSET2_CON1_WhoIsThereAlreadyIsNotMadeByTheSwitch is said before the settings are stored.
func TestSET2_CON1_WhoIsThereAlreadyIsNotMadeByTheSwitch(t *testing.T) {
	t.Parallel()
	for _, was := range []string{"update_only", "nothing"} {
		var old, next config.Connection
		old.Contacts.Sync, next.Contacts.Sync = true, true
		old.Contacts.FromSalesforce = was
		old.Complete()
		next.Complete()
		if got := strings.Join(meaning(old, next, nil), "\n"); !strings.Contains(got, "stay away until they are edited or imported (CON-1)") {
			t.Errorf("from %s: %s", was, got)
		}
	}
}

// TestLIM10_CO3_WhatIsThereAlreadyIsNotMadeByTheSwitch of another pair either, and only the
// direction that changes is told.
func TestLIM10_CO3_WhatIsThereAlreadyIsNotMadeByTheSwitch(t *testing.T) {
	t.Parallel()
	for pair, off := range map[core.Pair]func(*config.Connection){
		core.TicketPair:   func(c *config.Connection) { c.Tickets.FromSalesforce = "update_only" },
		core.ProductPair:  func(c *config.Connection) { c.Products.FromSalesforce = "nothing" },
		core.LineItemPair: func(c *config.Connection) { c.LineItems.FromSalesforce = "update_only" },
		core.CompanyPair:  func(c *config.Connection) { c.Companies.CreateAccount = "never" },
	} {
		var old, next config.Connection
		for _, c := range []*config.Connection{&old, &next} {
			c.Companies.Sync, c.Tickets.Sync, c.Products.Sync, c.LineItems.Sync = true, true, true, true
		}
		off(&old)
		old.Complete()
		next.Complete()
		got := strings.Join(meaning(old, next, nil), "\n")
		if strings.Count(got, "stay away until they are edited or imported") != 1 || !strings.Contains(got, "tandem import "+string(pair)) {
			t.Errorf("%s: %s", pair, got)
		}
		if got := strings.Join(meaning(next, old, nil), "\n"); strings.Contains(got, "stay away") {
			t.Errorf("%s the other way: %s", pair, got)
		}
	}
}
