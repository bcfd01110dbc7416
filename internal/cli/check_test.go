package cli

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// checked runs check and gives the findings by what was looked at.
func (r *rig) checked() (code int, state string, found map[string]finding) {
	r.t.Helper()
	code, out, errs := r.run("check", "--json")
	var report struct {
		State    string
		Findings []finding
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		r.t.Fatalf("check --json: %v\n%s%s", err, out, errs)
	}
	found = map[string]finding{}
	for _, f := range report.Findings {
		if f.State != green && f.Mend == "" {
			r.t.Errorf("no mend: %+v", f)
		}
		if found[f.What].State != red {
			found[f.What] = f
		}
	}
	return code, report.State, found
}

func TestINST3_LIM24_CheckFindsEachMissingRight(t *testing.T) {
	t.Parallel()
	key := func(r *rig) string { return "Tandem_Key_" + r.sims.portal.Info().PortalID + "__c" }
	for _, tt := range []struct {
		name string
		take func(r *rig) error
		what func(r *rig) string
		mend string
	}{
		{"read a mapped field", func(r *rig) error { return r.sims.org.SetRight(salesforcesim.Right{Object: "Account", Field: "Phone"}) },
			func(*rig) string { return "Account.Phone" }, "field access"},
		{"edit a mapped field", func(r *rig) error {
			return r.sims.org.SetRight(salesforcesim.Right{Object: "Account", Field: "Phone", Read: true})
		}, func(*rig) string { return "Account.Phone" }, "Edit on the field"},
		{"edit the key field", func(r *rig) error {
			return r.sims.org.SetRight(salesforcesim.Right{Object: "Account", Field: key(r), Read: true})
		}, func(r *rig) string { return "Account." + key(r) }, "edit access"},
		{"read accounts", func(r *rig) error { return r.sims.org.SetRight(salesforcesim.Right{Object: "Account"}) },
			func(*rig) string { return "Account" }, "permission set"},
		{"write companies", func(r *rig) error {
			return r.sims.portal.Configure(hubspotsim.Settings{RemoveScopes: []string{"crm.objects.companies.write"}})
		}, func(*rig) string { return "companies" }, "crm.objects.companies"},
		{"read owners", func(r *rig) error {
			r.edit(func(f *config.File) {
				c := &f.Connections[0]
				c.Mappings["company"] = append(c.Mappings["company"], config.Mapping{HubSpot: "hubspot_owner_id", Salesforce: "OwnerId", Rule: "two_way"})
			})
			return r.sims.portal.Configure(hubspotsim.Settings{RemoveScopes: []string{"crm.objects.owners.read"}})
		}, func(*rig) string { return "owners" }, "crm.objects.owners.read"},
		{"read the journal", func(r *rig) error {
			r.edit(func(f *config.File) { f.Connections[0].HubSpot.Events.Journal.ClientSecret = "wrong" })
			return nil
		}, func(*rig) string { return "changes" }, "hubspot.events.journal"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			if code, state, _ := r.checked(); code != 0 || state == red {
				t.Fatalf("before anything is taken: exit %d, %s", code, state)
			}
			if err := tt.take(r); err != nil {
				t.Fatal(err)
			}
			code, state, found := r.checked()
			f := found[tt.what(r)]
			if code != exitNot || state != red || f.State != red || !strings.Contains(f.Mend, tt.mend) {
				t.Errorf("exit %d, %s: %+v", code, state, f)
			}
		})
	}
}

func TestCheckTellsOfOwners(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.edit(func(f *config.File) {
		c := &f.Connections[0]
		c.Mappings["company"] = append(c.Mappings["company"], config.Mapping{HubSpot: "hubspot_owner_id", Salesforce: "OwnerId", Rule: "two_way"})
	})
	if _, _, found := r.checked(); found["owners"].State != yellow {
		t.Errorf("nobody matches: %+v", found["owners"])
	}
	if _, err := r.sims.org.AddUser(salesforcesim.UserSpec{FirstName: "Sam", LastName: "Seller", Email: "sam.seller@portal.example"}); err != nil {
		t.Fatal(err)
	}
	if _, _, found := r.checked(); found["owners"].State != green {
		t.Errorf("one matches: %+v", found["owners"])
	}
}

func TestINST14_CheckNamesTheVersionThatTheOrgDoesNotOffer(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	r.edit(func(f *config.File) { f.Connections[0].Salesforce.APIVersion = "v99.0" })
	code, _, found := r.checked()
	if f := found["reached"]; code != exitNot || f.State != red || !strings.Contains(f.Found, "v99.0") || !strings.Contains(f.Mend, "api_version") {
		t.Errorf("exit %d, %+v", code, f)
	}
}

func TestCheckLooksWhetherTheStoreCanBeMade(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	if _, _, found := r.checked(); found["store"].State != green {
		t.Errorf("a store that can be made: %+v", found["store"])
	}
	if left, _ := filepath.Glob(filepath.Join(r.dir, ".tandem-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	r.edit(func(f *config.File) { f.Store = "sqlite://" + filepath.Join(r.file, "under", "a", "file.db") })
	if code, _, found := r.checked(); code != exitNot || found["store"].State != red {
		t.Errorf("a store that cannot be made: exit %d, %+v", code, found["store"])
	}
}

// TestOWN2_CheckTellsWhichObjectsSyncWithoutAnOwner, and of none that has one or is off.
func TestOWN2_CheckTellsWhichObjectsSyncWithoutAnOwner(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	owner := config.Mapping{HubSpot: "hubspot_owner_id", Salesforce: "OwnerId", Rule: "two_way"}
	r.edit(func(f *config.File) {
		c := &f.Connections[0]
		c.Deals.Sync = true
		c.Mappings["contact"] = append(c.Mappings["contact"], owner)
	})
	if _, _, found := r.checked(); found["owner of companies, deals"].State != yellow {
		t.Errorf("companies and deals without an owner: %+v", found)
	}
	r.edit(func(f *config.File) {
		for _, p := range []string{"company", "deal"} {
			f.Connections[0].Mappings[p] = append(f.Connections[0].Mappings[p], owner)
		}
	})
	_, _, found := r.checked()
	for what, f := range found {
		if strings.HasPrefix(what, "owner of") {
			t.Errorf("all have one: %+v", f)
		}
	}
}

// TestLIM1_CheckKnowsThatAnOrgAnnouncesFiveObjects: init can select as many as there is
// place for, and says of the others nothing that fails.
func TestLIM1_CheckKnowsThatAnOrgAnnouncesFiveObjects(t *testing.T) {
	t.Parallel()
	r := newPeopleRig(t)
	if err := r.sims.org.SelectEntities("User"); err != nil { // beside those of companies and people
		t.Fatal(err)
	}
	r.edit(func(f *config.File) {
		f.Connections[0].Deals.Sync, f.Connections[0].Products.Sync, f.Connections[0].LineItems.Sync = true, true, true
	})
	_, _, found := r.checked()
	for what, mend := range map[string]string{"Opportunity": "run tandem init --fields", "Product2": "let Product2 be polled", "OpportunityLineItem": "let OpportunityLineItem be polled"} {
		if f := found["changes of "+what]; f.State != yellow || !strings.Contains(f.Mend, mend) {
			t.Errorf("changes of %s: %+v, want a mend that says %q", what, f, mend)
		}
	}
	_, said, out := r.run("init", "--fields", "--yes")
	contains(t, said+out, "let Product2 be polled")
	_, _, found = r.checked()
	if f := found["changes of Opportunity"]; f.State != green {
		t.Errorf("after init: %+v\n%s", f, out)
	}
}
