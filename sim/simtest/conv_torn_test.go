package simtest

import (
	"maps"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// torn has a list on either side that knows one value which the other one does not.
func torn(profile Option) []Option {
	return []Option{profile, Before(func(w *World) {
		w.must(w.Org.AddField(salesforcesim.FieldSpec{Object: "Account", Name: "Tier", Label: "Tier", Type: "Picklist", Values: []string{"Gold", "Wood"}, Restricted: true}))
		w.property("tier", "enumeration", "select", "Gold", "Tin")
	}), Mappings(config.Mapping{HubSpot: "name", Salesforce: "Name"}, config.Mapping{HubSpot: "phone", Salesforce: "Phone", Rule: "two_way"},
		config.Mapping{HubSpot: "tier", Salesforce: "Tier__c", Rule: "two_way"})}
}

// TestCONV1_LIM19_WhereNeitherSideKnowsTheOthersChoiceTheLaterOneIsTold: Salesforce has a value that
// HubSpot does not know, and a person in HubSpot then chooses one that Salesforce does not know. The
// later one is what did not pass, and the issue names the field that lacks it, also after
// everything else of the record was written and however often it is looked at.
func TestCONV1_LIM19_WhereNeitherSideKnowsTheOthersChoiceTheLaterOneIsTold(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for name, beside := range map[string]map[string]string{"alone": {}, "beside another edit": {"phone": "555 0101"}} {
			t.Run(name, func(t *testing.T) {
				w := New(t, torn(profile)...)
				account, company := w.linked("Edge", "Tier__c", "Wood")
				w.wantIssue(core.CategoryPicklist, "option_unknown", "tier")
				w.Advance(time.Hour)
				edit := map[string]string{"tier": "Tin"}
				maps.Copy(edit, beside)
				w.must(w.Portal.As(admin).Update("companies", company, edit))
				for range 3 {
					w.Sync()
					w.wantIssue(core.CategoryPicklist, "option_unknown", "Tier__c")
					w.wantValues(account, "Tier__c", "Wood", company, "tier", "Tin")
					w.Advance(3 * time.Second)
					w.Resync(account)
				}
			})
		}
	})
}

// TestCONV1_LIM19_ALaterChoiceThatBothSidesKnowPasses although the older one never did: that the
// account was last written by us makes nobody's edit of it later.
func TestCONV1_LIM19_ALaterChoiceThatBothSidesKnowPasses(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, torn(profile)...)
		account, company := w.linked("Edge", "Tier__c", "Wood")
		w.wantIssue(core.CategoryPicklist, "option_unknown", "tier")
		w.Advance(time.Hour)
		w.must(w.Portal.As(admin).Update("companies", company, map[string]string{"tier": "Gold"}))
		w.Sync()
		w.wantNoIssues()
		w.wantValues(account, "Tier__c", "Gold", company, "tier", "Gold")
		if lost := w.conflicts(); len(lost) != 1 {
			t.Errorf("the conflict log holds %+v, want what Salesforce had", lost)
		}
	})
}

// TestE11_TRIG10_WhatAutomationMakesOfAValueThatIsJustPassing: one save of ours sets off automation
// that rewrites another field, whose value is on its way to HubSpot in the same batch. What HubSpot got is
// then not what Salesforce has, and the new value passes too.
func TestE11_TRIG10_WhatAutomationMakesOfAValueThatIsJustPassing(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile)
		account, company := w.linked("Edge", "BillingCity", "Bern", "Phone", "1")
		w.must(w.Org.AddAutomation(salesforcesim.Automation{Object: "Account", Name: "Dial", When: `BillingCity = "Rome"`, Field: "Phone", Value: `"39"`}))
		w.Advance(time.Minute)
		w.editAccount(account, "Phone", "2")
		w.editCompany(company, "city", "Rome")
		w.Sync()
		w.Advance(time.Minute)
		w.Sync()
		w.wantValues(account, "BillingCity", "Rome", company, "city", "Rome")
		w.wantValues(account, "Phone", "39", company, "phone", "39")
		w.wantNoIssues()
		w.wantQuiet(account)
	})
}
