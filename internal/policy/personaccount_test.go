package policy

import (
	"testing"

	"tandem/internal/core"
)

// CON-10, LIM-28: a person account is a company and a contact unless one of the two is
// set to be enough.
func TestCON10_LIM28_WhatAPersonAccountSyncsWith(t *testing.T) {
	for _, c := range []struct {
		pair          core.Pair
		setting       string
		rule, outcome string
	}{
		{core.CompanyPair, PersonBoth, "CON-10", Link},
		{core.ContactPair, PersonBoth, "CON-10", Link},
		{core.CompanyPair, PersonContact, "LIM-28", OutOfScope},
		{core.ContactPair, PersonContact, "LIM-28", Link},
		{core.CompanyPair, PersonCompany, "LIM-28", Link},
		{core.ContactPair, PersonCompany, "LIM-28", OutOfScope},
	} {
		d := SyncPersonAccount(c.pair, c.setting)
		if d.Rule != c.rule || d.Outcome != c.outcome || d.Facts["because"] == "" || d.Facts["contacts.person_accounts"] != c.setting {
			t.Errorf("%s with %s: %+v, want %s by %s", c.pair, c.setting, d, c.outcome, c.rule)
		}
	}
}
