package cli

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/sim/salesforcesim"
)

// TestOWN2_InitProposesOwnersOnceUsersMatch, of companies, people and deals alike; where nobody matches it
// says so and maps none.
func TestOWN2_InitProposesOwnersOnceUsersMatch(t *testing.T) {
	r := newRig(t) // sets variables: not parallel
	org, portal := r.sims.org.Info(), r.sims.portal.Info()
	t.Setenv("SALESFORCE_CLIENT_SECRET", org.IntegrationClientSecret)
	t.Setenv("HUBSPOT_TOKEN", portal.IntegrationToken)
	args := []string{"init", "--yes", "--salesforce-login-url", httpURL(r.sims.orgNet), "--client-id", org.IntegrationClientID, "--hubspot-base-url", httpURL(r.sims.portalNet),
		"--salesforce-pubsub", httpURL(r.sims.busNet), "--store", "sqlite://" + filepath.Join(r.dir, "init.db")}
	owned := func() (out []string) {
		for pair, rows := range r.load().Connections[0].Mappings {
			if slices.ContainsFunc(rows, func(m config.Mapping) bool { return m.Salesforce == "OwnerId" && m.HubSpot == "hubspot_owner_id" }) {
				out = append(out, pair)
			}
		}
		slices.Sort(out)
		return out
	}
	r.file = filepath.Join(r.dir, "nobody.yaml")
	if out := r.must(0, args...); !strings.Contains(out, "owners.map") || len(owned()) != 0 {
		t.Errorf("nobody is a user of both sides: owners of %v are mapped, and init says\n%s", owned(), out)
	}
	if _, err := r.sims.org.AddUser(salesforcesim.UserSpec{FirstName: "Sam", LastName: "Seller", Email: "sam.seller@portal.example", Username: "sam@users.example"}); err != nil {
		t.Fatal(err)
	}
	r.file = filepath.Join(r.dir, "somebody.yaml")
	if out := r.must(0, args...); strings.Contains(out, "owners.map") || !slices.Equal(owned(), []string{"company", "contact", "deal", "ticket"}) {
		t.Errorf("owners of %v are mapped, and init says\n%s", owned(), out)
	}
	r.must(0, "check")
}
