package mapping

import (
	"strings"
	"testing"

	"tandem/internal/core"
)

// Ids of the users in these tests, in their 18-character form.
const (
	userAda  = "005000000000001AAA"
	userSam  = "005000000000002AAA"
	userOld  = "005000000000003AAA" // inactive, with Sam's address
	userSolo = "005000000000004AAA" // in Salesforce only
	queue    = "00G000000000001AAA"
)

func staff() (salesforce, hubspot []Principal) {
	return []Principal{{ID: userAda, Name: "Ada Admin", Email: "ada@x.example", Active: true}, {ID: userOld, Name: "Sam Seller", Email: "sam@x.example"},
			{ID: userSam, Name: "Samuel Seller", Email: "Sam@X.example", Active: true}, {ID: userSolo, Name: "Solo", Email: "solo@x.example", Active: true},
			{ID: queue, Name: "Inbound", Email: "ada@x.example", Active: true, Queue: true}},
		[]Principal{{ID: "1", Name: "Ada Admin", Email: "ADA@x.example", Active: true}, {ID: "2", Name: "Sam Seller", Email: "sam@x.example", Active: true},
			{ID: "3", Name: "Only HubSpot", Email: "only@x.example", Active: true}, {ID: "4", Name: "Left", Email: "left@x.example"}}
}

func ownerField(t *testing.T, rules OwnerRules) (*Field, []Problem) {
	t.Helper()
	salesforce, hubspot := staff()
	o, problems := MatchOwners(salesforce, hubspot, rules)
	book := &OwnerBook{}
	book.Renew(o)
	sf, hs := sfDef("OwnerId", "reference"), hsDef("hubspot_owner_id", "enumeration", "select")
	sf.References, hs.References = []string{"User"}, []string{"OWNER"}
	return pair(t, sf, hs, func(m *FieldMap) { m.Owners, m.Rule = book, core.TwoWay }), problems
}

func TestMAP8_OWN3_OwnersMatchByAddress(t *testing.T) {
	f, problems := ownerField(t, OwnerRules{})
	for user, owner := range map[string]string{userAda: "1", userSam: "2", userOld: "2", userSolo: userSolo, queue: queue} {
		if got := f.Canon(sfSide, user); got != owner {
			t.Errorf("%s stands for %q, want %q", user, got, owner)
		}
	}
	for owner, user := range map[string]string{"1": userAda, "2": userSam} {
		if got, issue := f.ToSide(sfSide, owner); got != user || issue != nil {
			t.Errorf("owner %s becomes %q, %+v", owner, got, issue)
		}
	}
	if len(problems) != 1 || !strings.Contains(problems[0].Message, "Samuel Seller") || problems[0].Severity != Warning {
		t.Errorf("AMB-19: a differing name is a warning: %+v", problems)
	}
}

func TestOWN3_AnOwnerWithoutPartnerIsNamed(t *testing.T) {
	f, _ := ownerField(t, OwnerRules{})
	for _, tt := range []struct {
		side           core.Side
		owner          string
		code, mentions string
	}{
		{sfSide, "3", "owner_unmatched", "Only HubSpot (only@x.example)"}, {hsSide, userSolo, "owner_unmatched", "Solo (solo@x.example)"},
		{hsSide, queue, "owner_unmatched", "Inbound"}, {hsSide, "4", "owner_inactive", "Left (left@x.example)"},
	} {
		got, issue := f.ToSide(tt.side, tt.owner)
		if got != "" || issue == nil || issue.Code != tt.code || !issue.Refused || issue.Told != (tt.side == hsSide) || !strings.Contains(issue.Message, tt.mentions) || issue.Mend == "" {
			t.Errorf("%s to %s: %q, %+v", tt.owner, tt.side, got, issue)
		}
	}
}

func TestOWN4_OnlyAKnownOwnerPassesToSalesforce(t *testing.T) {
	f, _ := ownerField(t, OwnerRules{})
	for owner, want := range map[string]core.Rule{"1": core.TwoWay, "3": core.AlwaysSalesforce, "": core.AlwaysSalesforce} {
		if got := f.Prevailing(owner); got != want {
			t.Errorf("with owner %q the rule is %s, want %s", owner, got, want)
		}
	}
}

func TestOWN3_StrictWantsTheNamesAlike(t *testing.T) {
	f, problems := ownerField(t, OwnerRules{Strict: true})
	if got := f.Canon(sfSide, userSam); got != userSam {
		t.Errorf("Samuel matches Sam: %q", got)
	}
	if got := f.Canon(sfSide, userAda); got != "1" {
		t.Errorf("Ada does not match: %q", got)
	}
	if len(problems) != 1 || !strings.Contains(problems[0].Message, "do not match") {
		t.Errorf("problems %+v", problems)
	}
}

func TestLIM17_OwnersMap(t *testing.T) {
	f, problems := ownerField(t, OwnerRules{Map: map[string]string{"solo@x.example": "3", queue: "ada@x.example", "nobody@x.example": "1"}})
	if got := f.Canon(sfSide, userSolo); got != "3" {
		t.Errorf("Solo stands for %q", got)
	}
	if got, issue := f.ToSide(sfSide, "3"); got != userSolo || issue != nil {
		t.Errorf("and back %q, %+v", got, issue)
	}
	if got := f.Canon(sfSide, queue); got != "1" {
		t.Errorf("the queue stands for %q", got)
	}
	if got, _ := f.ToSide(sfSide, "1"); got != userAda {
		t.Errorf("OWN-10: Ada becomes %q, and never the queue", got)
	}
	if len(problems) != 2 || !strings.Contains(problems[1].Message, "nobody@x.example") {
		t.Errorf("problems %+v", problems)
	}
}

// TestLIM17_OwnersMapOfThoseWhoLeft warns of whom no records reach, and not of heirs.
func TestLIM17_OwnersMapOfThoseWhoLeft(t *testing.T) {
	for name, c := range map[string]struct {
		pairs map[string]string
		warns string // blank for none
	}{
		"to an owner who left":              {map[string]string{"solo@x.example": "4"}, `Left (left@x.example), who is deactivated in HubSpot`},
		"a user who left has an heir":       {map[string]string{userOld: "1"}, ""},
		"with a user who left alone":        {map[string]string{userOld: "3"}, `Sam Seller (sam@x.example), who`},
		"with a user who left, and another": {map[string]string{userOld: "3", userSolo: "3"}, ""},
		"with a queue":                      {map[string]string{queue: "3"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, plain := ownerField(t, OwnerRules{})
			_, problems := ownerField(t, OwnerRules{Map: c.pairs})
			switch problems = problems[len(plain):]; {
			case c.warns == "" && len(problems) > 0, len(problems) > 1:
				t.Errorf("%+v", problems)
			case c.warns != "" && (len(problems) == 0 || problems[0].Severity != Warning || !strings.Contains(problems[0].Message, c.warns)):
				t.Errorf("%+v, want %q", problems, c.warns)
			}
		})
	}
}

func TestLIM17_Fallback(t *testing.T) {
	for fallback, want := range map[string][2]string{"ada@x.example": {userAda, "1"}, "2": {userSam, "2"}, userSolo: {userSolo, ""}, "only@x.example": {"", "3"}, "left@x.example": {}, "": {}} {
		f, problems := ownerField(t, OwnerRules{Fallback: fallback})
		if got := [2]string{f.FallbackOwner(sfSide), f.FallbackOwner(hsSide)}; got != want {
			t.Errorf("fallback %q is %q, want %q", fallback, got, want)
		}
		if wrong := len(problems) > 1; wrong != (fallback == "left@x.example") {
			t.Errorf("fallback %q: problems %+v", fallback, problems)
		}
	}
}

func TestOwnersAreRenewed(t *testing.T) {
	f, _ := ownerField(t, OwnerRules{})
	salesforce, hubspot := staff()
	hubspot = append(hubspot, Principal{ID: "5", Name: "Solo", Email: "solo@x.example", Active: true})
	o, _ := MatchOwners(salesforce, hubspot, OwnerRules{})
	f.owners.Renew(o)
	if got := f.Canon(sfSide, userSolo); got != "5" {
		t.Errorf("a new owner is not seen: %q", got)
	}
}
