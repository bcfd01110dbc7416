package core

import (
	"strings"
	"testing"
	"time"
)

func TestBrakes(t *testing.T) {
	limits := DefaultBrakeLimits
	rows := []struct {
		name string
		got  *Brake
		want BrakeKind // blank for none
	}{
		{"10 of 20 deletes are allowed", CheckDeletes(20, 10, limits), ""},
		{"11 of 20 are not", CheckDeletes(20, 11, limits), BrakeDeletes},
		{"5 % of 1000 are allowed", CheckDeletes(1000, 50, limits), ""},
		{"more than 5 % are not", CheckDeletes(1000, 51, limits), BrakeDeletes},
		{"own limits", CheckDeletes(100, 3, BrakeLimits{AtLeast: 2, Share: 0.01}), BrakeDeletes},
		{"no delete is never too many", CheckDeletes(0, 0, BrakeLimits{}), ""},
		{"a side that lists nothing", CheckEmptied(Salesforce, Account, "Account", 3, 0), BrakeEmptied},
		{"an empty side that always was", CheckEmptied(Salesforce, Account, "Account", 0, 0), ""},
		{"a side that lists one", CheckEmptied(Salesforce, Account, "Account", 3, 1), ""},
		{"all of many changed", CheckChanged(20, 20, 0, DefaultChangedLimits), BrakeChanged},
		{"all but one changed", CheckChanged(20, 19, 0, DefaultChangedLimits), ""},
		{"all of few changed", CheckChanged(19, 19, 0, DefaultChangedLimits), ""},
		{"nine tenths of many changed", CheckChanged(100, 90, 0, DefaultChangedLimits), BrakeChanged},
		{"not quite nine tenths changed", CheckChanged(100, 89, 0, DefaultChangedLimits), ""},
		{"few counted and many expected", CheckChanged(100, 20, 70, DefaultChangedLimits), BrakeChanged},
		{"few counted and not enough expected", CheckChanged(100, 20, 69, DefaultChangedLimits), ""},
		{"nothing changed, whatever the limit", CheckChanged(0, 0, 0, BrakeLimits{}), ""},
		{"another org", CheckIdentity(Salesforce, "00D5f000000001AEAQ", "00D5f000000002BEAQ"), BrakeIdentity},
		{"the same org", CheckIdentity(Salesforce, "00D5f000000001AEAQ", "00D5f000000001AEAQ"), ""},
		{"the same org in 15 characters", CheckIdentity(Salesforce, "00D5f000000001A", "00D5f000000001AEAQ"), ""},
		{"another org in 15 characters", CheckIdentity(Salesforce, "00D5f000000001AEAQ", "00D5f000000001B"), BrakeIdentity},
		{"nothing pinned yet", CheckIdentity(HubSpot, "", "123"), ""},
		{"another portal", CheckIdentity(HubSpot, "123", "1234"), BrakeIdentity},
		{"most of the scope dropped", CheckScope("contacts", Drop{20, 11}, DefaultScopeLimits), BrakeScope},
		{"half of the scope dropped", CheckScope("contacts", Drop{20, 10}, DefaultScopeLimits), ""},
		{"a feed that expired behind an idle poll", CheckCursor(HubSpot, 73*time.Hour, 72*time.Hour, "Monday"), BrakeCursor},
		{"a feed that expired behind a working poll", CheckCursor(HubSpot, 72*time.Hour, 72*time.Hour, "Monday"), ""},
		{"an older store", StoreRestored(), BrakeStore},
		{"few dropped", CheckScope("contacts", Drop{9, 9}, DefaultScopeLimits), ""},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			switch {
			case row.got == nil && row.want != "":
				t.Errorf("nothing halts, want %s", row.want)
			case row.got != nil && row.got.Kind != row.want:
				t.Errorf("%s halts, want %q", row.got.Kind, row.want)
			case row.got != nil && (row.got.Reason == "" || row.got.Mend == ""):
				t.Errorf("the brake does not say why or what to do: %+v", row.got)
			}
		})
	}
	if b := CheckIdentity(HubSpot, "123", "456"); !strings.Contains(b.Reason, "HubSpot") || !strings.Contains(b.Reason, "123") || !strings.Contains(b.Reason, "456") {
		t.Errorf("the reason %q does not name both accounts", b.Reason)
	}
}

// What is only reckoned is told as such, and never as more than there is.
func TestBrakes_AnEstimateIsCalledOne(t *testing.T) {
	for reason, b := range map[string]*Brake{
		"95 of 100 linked records changed within an hour; the limit is 90":                                                                               CheckChanged(100, 95, 0, DefaultChangedLimits),
		"an estimated 95 of 100 linked records changed within an hour (20 were seen; the rest is reckoned from the records that wait); the limit is 90":  CheckChanged(100, 20, 75, DefaultChangedLimits),
		"an estimated 100 of 100 linked records changed within an hour (40 were seen; the rest is reckoned from the records that wait); the limit is 90": CheckChanged(100, 40, 90, DefaultChangedLimits),
	} {
		if b == nil || b.Reason != reason {
			t.Errorf("got %+v, want %q", b, reason)
		}
	}
}

func TestGroups(t *testing.T) {
	together := []struct {
		side   Side
		object Object
		a, b   string
		same   bool
	}{
		{Salesforce, Account, "BillingStreet", "BillingCountry", true},
		{Salesforce, Account, "BillingStreet", "BillingStateCode", true},
		{Salesforce, Account, "BillingStreet", "ShippingStreet", false},
		{Salesforce, Account, "Name", "Phone", false},
		{Salesforce, Account, "AnnualRevenue", "CurrencyIsoCode", true},
		{Salesforce, Account, "Street", "City", false}, // no such fields there: each its own
		{Salesforce, Lead, "Street", "City", true},
		{Salesforce, Contact, "FirstName", "LastName", true},
		{Salesforce, Contact, "MailingCity", "OtherCity", false},
		{Salesforce, Account, "OwnerId", "Name", false},
		{HubSpot, Companies, "address", "country", true},
		{HubSpot, Companies, "city", "zip", true},
		{HubSpot, Companies, "name", "domain", false},
		{HubSpot, Contacts, "firstname", "lastname", true},
	}
	for _, row := range together {
		if got := Group(row.side, row.object, row.a) == Group(row.side, row.object, row.b); got != row.same {
			t.Errorf("%s %s: %s with %s: %v, want %v", row.side, row.object, row.a, row.b, got, row.same)
		}
	}
	if Group(HubSpot, Companies, "custom__c") != "custom__c" {
		t.Error("a field that stands alone is not its own group")
	}
}
