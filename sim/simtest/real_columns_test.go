package simtest

import (
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
)

// manyColumns are mappings, beside those that people() has, of columns of the workshop
// org that hold something for HubSpot.
var manyColumns = []config.Mapping{
	{HubSpot: "salutation", Salesforce: "Salutation", Rule: "always_salesforce", ToHubSpot: "value"}, // a choice for a line of text
	{HubSpot: "mobilephone", Salesforce: "MobilePhone", Rule: "two_way"},
	{HubSpot: "born_on", Salesforce: "Birthdate", Rule: "two_way"},
	{HubSpot: "address", Salesforce: "MailingStreet", Rule: "two_way"}, {HubSpot: "address", Salesforce: "Street", Rule: "two_way"},
	{HubSpot: "zip", Salesforce: "MailingPostalCode", Rule: "two_way"}, {HubSpot: "zip", Salesforce: "PostalCode", Rule: "two_way"},
	{HubSpot: "state", Salesforce: "MailingState", Rule: "two_way"}, {HubSpot: "state", Salesforce: "State", Rule: "two_way"},
	{HubSpot: "country", Salesforce: "MailingCountry", Rule: "two_way"}, {HubSpot: "country", Salesforce: "Country", Rule: "two_way"},
}

// bornOn makes the day that HubSpot has as a text by default.
func bornOn(w *World) {
	w.portalCall("POST", "/crm/v3/properties/contacts", map[string]any{"name": "born_on", "label": "Born on", "type": "date", "fieldType": "date", "groupName": "contactinformation"})
}

// TestMAP9_TheWorkshopOrgWithAllItsColumns: of 102 contacts and 60 leads every mapped
// field is in HubSpot what it was in Salesforce, where it stays as it was.
func TestMAP9_TheWorkshopOrgWithAllItsColumns(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(func(c *config.Connection) {
			c.Mappings["contact"] = append(c.Mappings["contact"], manyColumns...)
		}), loadedOrg(t, "salesforce-data-cloud-workshop", bornOn))
		before := map[core.Object]map[string]map[string]string{core.Contact: w.mapped(core.Contact), core.Lead: w.mapped(core.Lead)}
		w.importing(core.CompanyPair, core.Salesforce)
		w.importing(core.ContactPair, core.Salesforce)
		w.wantPersons(60, 102, 162)
		if w.companyCount() != 22 {
			t.Errorf("%d companies", w.companyCount())
		}
		for object, people := range before {
			if n := w.wantEveryField(object, people); n < 8*len(people) {
				t.Errorf("%d values of %d records of %s: most columns are blank", n, len(people), object)
			}
		}
		w.wantStill(t)
	})
}

// mapped are the values of the mapped fields that an object has, of all its records.
func (w *World) mapped(object core.Object) map[string]map[string]string {
	w.T.Helper()
	out := map[string]map[string]string{}
	for id := range w.rows("SELECT Id FROM "+string(object), "Id") {
		row := w.Org.As(admin).Get(string(object), id)
		out[id] = map[string]string{}
		for _, m := range w.settings.Mappings["contact"] {
			if _, has := row[m.Salesforce]; has {
				out[id][m.Salesforce] = w.shown(object, id, m.Salesforce)
			}
		}
	}
	return out
}

// wantEveryField fails where a mapped field of either side is not what it was in
// Salesforce, and counts the values that are there. HubSpot writes addresses small.
func (w *World) wantEveryField(object core.Object, people map[string]map[string]string) (values int) {
	w.T.Helper()
	now := w.mapped(object)
	for id, fields := range people {
		hs := w.wantMate(id)
		partner, _ := w.Portal.As(admin).Get(string(core.Contacts), hs)
		for _, m := range w.settings.Mappings["contact"] {
			want, has := fields[m.Salesforce]
			if !has {
				continue
			}
			if want != "" {
				values++
			}
			if got := now[id][m.Salesforce]; got != want {
				w.T.Errorf("%s of %s %s became %q, was %q", m.Salesforce, object, id, got, want)
			}
			if got := partner[m.HubSpot]; got != want && (m.HubSpot != "email" || got != strings.ToLower(want)) {
				w.T.Errorf("%s of %s is %q, want %q of %s %s", m.HubSpot, hs, got, want, object, id)
			}
		}
	}
	w.T.Logf("%d values of %d records of %s", values, len(people), object)
	return values
}
