package cli

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// kind is a type of fields that every object of the export has on both sides, and what
// people write there.
type kind struct {
	spec    salesforcesim.FieldSpec
	hubspot [2]string // type and field type of the property
	values  []string
}

// kinds are the types of fields beside those that the export has.
func kinds() []kind {
	return []kind{
		{spec: salesforcesim.FieldSpec{Name: "Kind_text", Type: "Text", Length: 80}, hubspot: [2]string{"string", "text"}, values: []string{"Plain", "é 漢 <b> & 'q'", "", "2024-02-29"}},
		{spec: salesforcesim.FieldSpec{Name: "Kind_area", Type: "LongTextArea", Length: 500}, hubspot: [2]string{"string", "textarea"}, values: []string{"One\nTwo", "Three", ""}},
		{spec: salesforcesim.FieldSpec{Name: "Kind_number", Type: "Number", Precision: 12, Scale: 2}, hubspot: [2]string{"number", "number"}, values: []string{"0", "-12.5", "99999.99", ""}},
		{spec: salesforcesim.FieldSpec{Name: "Kind_day", Type: "Date"}, hubspot: [2]string{"date", "date"}, values: []string{"2024-02-29", "1700-01-01", "4000-12-31", ""}},
		{spec: salesforcesim.FieldSpec{Name: "Kind_moment", Type: "DateTime"}, hubspot: [2]string{"datetime", "date"}, values: []string{"2026-03-08T10:00:00Z", "1999-12-31T23:59:59Z", "2011-12-30T12:00:00Z", ""}},
		{spec: salesforcesim.FieldSpec{Name: "Kind_choice", Type: "Picklist", Values: []string{"Gold", "Silver", "Tin"}, Restricted: true}, hubspot: [2]string{"enumeration", "select"}, values: []string{"Gold", "Silver", "Tin", ""}},
		{spec: salesforcesim.FieldSpec{Name: "Kind_choices", Type: "MultiselectPicklist", Values: []string{"North", "South", "West"}, Restricted: true}, hubspot: [2]string{"enumeration", "checkbox"}, values: []string{"North;West", "South", "West;North;South", ""}},
		{spec: salesforcesim.FieldSpec{Name: "Kind_box", Type: "Checkbox"}, hubspot: [2]string{"bool", "booleancheckbox"}, values: []string{"true", "false", "true"}},
		{spec: salesforcesim.FieldSpec{Name: "Kind_place", Type: "Lookup", ReferenceTo: branch}, hubspot: [2]string{"string", "text"}}, // values are the branches
	}
}

// branch is the custom object that accounts and leads of the export name, and that it has no file of.
const branch = "Branch__c"

func (k *kind) mapping() config.Mapping {
	return config.Mapping{HubSpot: strings.ToLower(k.spec.Name), Salesforce: k.spec.Name + "__c", Rule: "two_way"}
}

// options are those of the property.
func (k *kind) options() (out []map[string]any) {
	values := k.spec.Values
	if k.spec.Type == "Checkbox" {
		values = []string{"true", "false"}
	}
	for _, v := range values {
		out = append(out, map[string]any{"label": v, "value": v})
	}
	return out
}

// inOrg is a text as the org's door takes it for the kind of the field; a blank is none.
func inOrg(kind, text string) any {
	switch {
	case text == "" && kind != "Checkbox":
		return nil
	case kind == "Checkbox":
		return text == "true"
	case kind == "Number":
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			panic(err)
		}
		return n
	}
	return text
}

// portalCall asks the portal's API with the rights of its admin.
func (w *workshop) portalCall(method, path string, body any) map[string]any {
	w.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(jsonText(w.t, body)))
	req.Header.Set("Authorization", "Bearer "+w.sims.portal.Info().AdminToken)
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	w.sims.portal.ServeHTTP(rec, req)
	if rec.Code >= http.StatusMultipleChoices {
		w.t.Fatalf("%s %s: %d %s", method, path, rec.Code, rec.Body)
	}
	if rec.Body.Len() == 0 {
		return nil
	}
	return lastJSON[map[string]any](w.t, rec.Body.String())
}

// enrich gives the org what the export names and has no files of: branches, products with their
// prices, and what was sold; and both sides a field of every kind of every object.
func (w *workshop) enrich() {
	w.t.Helper()
	w.kinds = kinds()
	w.addBranches()
	w.addKinds()
	w.sellProducts()
	for _, object := range append(slices.Clone(orgObjects), branch) {
		for i, row := range w.orgRows("SELECT Id FROM " + object + " ORDER BY Id") {
			fields := map[string]any{}
			for j := range w.kinds {
				k := &w.kinds[j]
				fields[k.mapping().Salesforce] = inOrg(k.spec.Type, k.values[(i+j)%len(k.values)])
			}
			w.ok(w.sims.org.As("admin").Update(object, text(row["Id"]), fields))
		}
	}
}

// orgObjects are the objects of the org that sync, beside branches and activities.
var orgObjects = []string{"Account", "Contact", "Lead", "Opportunity", "Case", "Product2", "OpportunityLineItem"}

// portalObjects are those of the portal.
var portalObjects = []string{"companies", "contacts", "deals", "tickets", "products", "line_items"}

func (w *workshop) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *workshop) create(object string, fields map[string]any) string {
	w.t.Helper()
	id, err := w.sims.org.As("admin").Create(object, fields)
	w.ok(err)
	return id
}

// addBranches makes the branches, each of an account, and their object in the portal.
func (w *workshop) addBranches() {
	w.t.Helper()
	w.ok(w.sims.org.AddObject(salesforcesim.CustomObject{Name: branch, Label: "Branch", Plural: "Branches", Fields: []salesforcesim.FieldSpec{{Name: "Account", Label: "Account", Type: "Lookup", ReferenceTo: "Account", Children: "Branches"}}}))
	last := &w.kinds[len(w.kinds)-1]
	for i, row := range w.orgRows("SELECT Id FROM Account ORDER BY Id LIMIT 6") {
		last.values = append(last.values, w.create(branch, map[string]any{"Name": fmt.Sprint("Branch ", i), "Account__c": row["Id"]}))
	}
	last.values = append(last.values, "")
	made := w.portalCall(http.MethodPost, "/crm-object-schemas/v3/schemas", map[string]any{"name": "branch", "labels": map[string]string{"singular": "Branch", "plural": "Branches"},
		"requiredProperties": []string{"title"}, "primaryDisplayProperty": "title", "associatedObjects": []string{"COMPANY"},
		"properties": []any{map[string]any{"name": "title", "label": "Title", "type": "string", "fieldType": "text"}}})
	w.branches = text(made["objectTypeId"])
}

// addKinds makes a field of every kind of every object of both sides.
func (w *workshop) addKinds() {
	w.t.Helper()
	for _, object := range append(slices.Clone(portalObjects), w.branches) {
		w.portalCall(http.MethodPost, "/crm/v3/properties/"+object+"/groups", map[string]any{"name": "kinds", "label": "Kinds"})
		for i := range w.kinds {
			k := &w.kinds[i]
			w.portalCall(http.MethodPost, "/crm/v3/properties/"+object, map[string]any{"name": k.mapping().HubSpot, "label": k.spec.Name, "groupName": "kinds", "type": k.hubspot[0], "fieldType": k.hubspot[1], "options": k.options()})
		}
	}
	for _, object := range append(slices.Clone(orgObjects), branch) {
		for _, k := range w.kinds {
			k.spec.Object, k.spec.Label = object, k.spec.Name
			if k.spec.ReferenceTo != "" {
				k.spec.Children = "Kinds_of_" + strings.TrimSuffix(object, "__c")
			}
			w.ok(w.sims.org.AddField(k.spec))
		}
	}
}

// soldTo is how many of the opportunities have products.
const soldTo = 12

// sellProducts makes the products that the opportunities of the export name, and sells them to
// some.
func (w *workshop) sellProducts() {
	w.t.Helper()
	w.rig.activate(true)
	book, entries := w.orgRows("SELECT Id FROM Pricebook2 WHERE IsStandard = true")[0]["Id"], map[string]string{}
	for i, row := range w.orgRows("SELECT Id, Product__c FROM Opportunity ORDER BY Id") {
		name := text(row["Product__c"])
		if entries[name] == "" {
			product := w.create("Product2", map[string]any{"Name": name, "ProductCode": fmt.Sprint("P-", i), "IsActive": true, "Description": "Of the export"})
			entries[name] = w.create("PricebookEntry", map[string]any{"Pricebook2Id": book, "Product2Id": product, "UnitPrice": 10 + i, "IsActive": true})
		}
		if i < soldTo {
			w.create("OpportunityLineItem", map[string]any{"OpportunityId": row["Id"], "PricebookEntryId": entries[name], "Quantity": i + 1, "UnitPrice": 10.5})
		}
	}
}

// mapKinds has every mapping pass both ways where it can, and maps the kinds.
func (w *workshop) mapKinds(c *config.Connection) {
	c.CustomObjects = []config.CustomObject{{Name: "branch", Salesforce: branch, HubSpot: w.branches, Sync: true, Associations: []config.Association{{Field: "Account__c", To: string(core.CompanyPair)}}}}
	c.Mappings["branch"] = []config.Mapping{{HubSpot: "title", Salesforce: "Name", Rule: "two_way"}}
	for pair, all := range c.Mappings {
		for i := range all {
			if all[i].Rule == "prefer_salesforce" {
				all[i].Rule = "two_way"
			}
			if all[i].HubSpot == "hs_lead_status" { // the export's own words
				all[i].Values["Working"], all[i].Values["Qualified"] = "IN_PROGRESS", "CONNECTED"
			}
		}
		if pair == string(core.ActivityPair) {
			continue
		}
		for i := range w.kinds {
			c.Mappings[pair] = append(c.Mappings[pair], w.kinds[i].mapping())
		}
	}
}
