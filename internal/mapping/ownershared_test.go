package mapping

import (
	"slices"
	"strings"
	"testing"

	"tandem/internal/core"
)

// TestLIM17_UsersWhoShareAnAddress stand for one HubSpot owner; whom he passes to is settled by
// the map, then by the name, then by the id, in whatever order they are read, and it is said.
func TestLIM17_UsersWhoShareAnAddress(t *testing.T) {
	const bob, ann, gone = "005000000000001AAA", "005000000000002AAA", "005000000000000AAA"
	users := []Principal{{ID: ann, Name: "Ann Lee", Email: "team@x.example", Active: true}, {ID: bob, Name: "Bob Ray", Email: "Team@x.example", Active: true},
		{ID: gone, Name: "Ann Lee", Email: "team@x.example"}}
	for name, tt := range map[string]struct {
		owner string // of HubSpot
		rules OwnerRules
		to    string
		both  bool // both users match
		said  string
	}{
		"by the name":       {owner: "ann  lee", to: ann, both: true, said: "passes to " + ann},
		"by the id":         {owner: "The Team", to: bob, both: true, said: "passes to " + bob},
		"by the map":        {owner: "The Team", rules: OwnerRules{Map: map[string]string{ann: "team@x.example"}}, to: ann, both: true},
		"against the name":  {owner: "Ann Lee", rules: OwnerRules{Map: map[string]string{bob: "1"}}, to: bob, both: true},
		"strict":            {owner: "Ann Lee", rules: OwnerRules{Strict: true}, to: ann, said: "do not match"},
		"strict with a map": {owner: "Ann Lee", rules: OwnerRules{Strict: true, Map: map[string]string{bob: "1"}}, to: ann, both: true, said: "do not match"},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				slices.Reverse(users)
				o, problems := MatchOwners(users, []Principal{{ID: "1", Name: tt.owner, Email: "team@x.example", Active: true}}, tt.rules)
				f := Field{Kind: Owner, owners: &OwnerBook{}}
				f.owners.Renew(o)
				if got, issue := f.ToSide(core.Salesforce, "1"); got != tt.to || issue != nil {
					t.Errorf("the owner becomes %s, %+v", got, issue)
				}
				if got := f.Canon(core.Salesforce, ann) == "1" && f.Canon(core.Salesforce, bob) == "1"; got != tt.both {
					t.Errorf("both stand for him: %v", got)
				}
				if tt.said == "" && len(problems) != 0 || tt.said != "" && (len(problems) != 1 || !strings.Contains(problems[0].Message, tt.said)) {
					t.Errorf("problems %+v", problems)
				}
			}
		})
	}
}

// TestLIM17_AMapByASharedAddress pairs all who have it.
func TestLIM17_AMapByASharedAddress(t *testing.T) {
	users := []Principal{{ID: "005000000000002AAA", Name: "Ann", Email: "team@x.example", Active: true}, {ID: "005000000000001AAA", Name: "Bob", Email: "team@x.example", Active: true},
		{ID: "00G000000000001EAA", Name: "Team", Email: "team@x.example", Active: true, Queue: true}}
	o, problems := MatchOwners(users, []Principal{{ID: "1", Name: "Cy", Email: "cy@x.example", Active: true}}, OwnerRules{Map: map[string]string{"team@x.example": "cy@x.example"}})
	for _, u := range users {
		if owner, ok := o.HubSpot(u.ID); ok == u.Queue || ok && owner != "1" {
			t.Errorf("%s stands for %q", u.Name, owner)
		}
	}
	if o.from["1"] != "005000000000001AAA" || len(problems) != 0 {
		t.Errorf("the owner passes to %s, %+v", o.from["1"], problems)
	}
}
