package dst

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
	"tandem/sim/simtest"
)

// field is a mapped field of an object pair.
type field struct {
	salesforce []string // one for each of the pair's Salesforce objects
	hubspot    string
	rule       string
}

// mapped are the fields that histories edit, by pair.
var mapped = map[core.Pair][]field{
	core.CompanyPair: {
		{[]string{"Name"}, "name", "two_way"},
		{[]string{"BillingCity"}, "city", "two_way"},
		{[]string{"Phone"}, "phone", "prefer_salesforce"},
	},
	core.ContactPair: {
		{[]string{"Email", "Email"}, "email", "two_way"},
		{[]string{"LastName", "LastName"}, "lastname", "two_way"},
		{[]string{"MailingCity", "City"}, "city", "two_way"},
		{[]string{"Phone", "Phone"}, "phone", "prefer_salesforce"},
	},
}

// fieldNames are the names of what an edit edits, by object.
var fieldNames = map[core.Object]map[string]string{
	core.Account:   {"name": "Name", "city": "BillingCity", "phone": "Phone"},
	core.Contact:   {"name": "LastName", "city": "MailingCity", "phone": "Phone"},
	core.Lead:      {"name": "LastName", "city": "City", "phone": "Phone"},
	core.Companies: {"name": "name", "city": "city", "phone": "phone"},
	core.Contacts:  {"name": "lastname", "city": "city", "phone": "phone"},
}

// of is the field's name on an object.
func (f field) of(o core.Object) string {
	if o == core.Companies || o == core.Contacts {
		return f.hubspot
	}
	if o == core.Lead {
		return f.salesforce[1]
	}
	return f.salesforce[0]
}

// serial hides that a test could run in parallel: a bubble is one test's own.
type serial struct{ testing.TB }

// ahead is a clock that is by so much.
func ahead(now func() time.Time, by Duration) func() time.Time {
	if by == 0 {
		return now
	}
	return func() time.Time { return now().Add(time.Duration(by)) }
}

// newWorlds makes the worlds of a shape, one for each portal, whose engine is not open yet:
// the first one opens it for all.
func newWorlds(t testing.TB, shape Shape) []*simtest.World {
	all := []*simtest.World{newWorld(t, shape)}
	for n := 1; n < shape.Portals; n++ {
		beside := newWorld(t, shape, simtest.Beside(all[0]))
		all[0].Join(beside, fmt.Sprintf("beside-%d", n))
		all = append(all, beside)
	}
	return all
}

func newWorld(t testing.TB, shape Shape, more ...simtest.Option) *simtest.World {
	w := simtest.New(serial{t}, append(more, simtest.Workers(shape.Workers), simtest.Unopened(), simtest.WithStore(storeOf(shape)),
		simtest.Org(func(o *salesforcesim.Options) { o.Now, o.Seed = ahead(o.Now, shape.Ahead[sf]), o.Seed+shape.IDs }),
		simtest.Portal(func(o *hubspotsim.Options) { o.Now, o.Seed = ahead(o.Now, shape.Ahead[hs]), o.Seed+shape.IDs }),
		simtest.Settings(func(c *config.Connection) {
			c.Profile = config.Profile(shape.Profile)
			c.PollEvery = config.Duration(5 * time.Minute)
			c.Contacts.Sync, c.Contacts.FromHubSpot = true, config.PersonChoice{Object: shape.Person}
			c.Companies.WhenSalesforceDeleted, c.Companies.WhenHubSpotDeleted = shape.Deleted, shape.Deleted
			if shape.Feed == "journal" {
				c.HubSpot.Events.Journal = &config.ClientCredentials{ClientID: "journal", ClientSecret: "secret"}
			}
			c.Mappings = mappings()
		}))...)
	if err := w.Portal.Configure(hubspotsim.Settings{UniqueConflict: &shape.Conflict}); err != nil {
		t.Fatal(err)
	}
	return w
}

// storeOf is the address of a shape's store; blank for a file of its own.
func storeOf(shape Shape) string {
	if shape.Memory {
		return "sqlite::memory:"
	}
	return ""
}

func mappings() map[string][]config.Mapping {
	out := map[string][]config.Mapping{}
	for pair, fields := range mapped {
		for _, f := range fields {
			for _, name := range slices.Compact(slices.Clone(f.salesforce)) {
				out[string(pair)] = append(out[string(pair)], config.Mapping{HubSpot: f.hubspot, Salesforce: name, Rule: f.rule})
			}
		}
	}
	out[string(core.ContactPair)] = append(out[string(core.ContactPair)], config.Mapping{HubSpot: "company", Salesforce: "Company", Rule: "two_way"})
	return out
}
