package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
)

// standard is a field that the sides have by themselves, and what people write there; a number
// takes the place of %d.
type standard struct {
	hubspot, kind string
	values        [2][]string
}

// wording is the same text on both sides.
func wording(hubspot string, values ...string) standard {
	return standard{hubspot: hubspot, values: [2][]string{values, values}}
}

func numbers(hubspot string, values ...string) standard {
	return standard{hubspot: hubspot, kind: "Number", values: [2][]string{values, values}}
}

func choices(hubspot string, sf, hs []string) standard {
	return standard{hubspot: hubspot, values: [2][]string{sf, hs}}
}

// standards are by pair. Whether a deal's amount is edited goes by its products: theirs is the sum.
var standards = map[core.Pair][]standard{
	core.CompanyPair: {wording("name", "Edited %d"), wording("domain", "https://www.edited%d.example.com"), wording("phone", "+1 (415) 555-%04d"), wording("city", "Town %d"), choices("industry", []string{"Banking", "Biotechnology"}, []string{"BIOTECHNOLOGY", "BANKING"}),
		choices("type", []string{"Prospect", "Other"}, []string{"OTHER", "PROSPECT"}), standard{hubspot: "annualrevenue", kind: "Number", values: [2][]string{{"1000", "-1", ""}, {"1000.5", "7", ""}}}, numbers("numberofemployees", "%d7", "0"), wording("description", "Edited\n%d", "")},
	core.ContactPair: {wording("firstname", "Given %d"), wording("lastname", "Family %d"), wording("jobtitle", "Boss %d", ""), wording("phone", "415.555.%04d"), wording("mobilephone", "00 49 %d", "")},
	core.DealPair: {choices("dealstage", []string{"Qualification", "Closed Won"}, []string{"Negotiation/Review", "Closed Lost"}), // closing sets the close date of the portal, which is edited after it
		wording("dealname", "Edited %d"), numbers("amount", "%d.25", "0"), wording("closedate", "2031-02-28", "2032-02-29"), wording("description", "Edited\n%d", ""), wording("hs_next_step", "Call %d"),
		choices("dealtype", []string{"New Customer"}, []string{"newbusiness", "existingbusiness"})},
	core.TicketPair:   {wording("subject", "Edited %d"), wording("content", "Edited\n%d", ""), choices("hs_ticket_priority", []string{"High", "Low"}, []string{"MEDIUM", "LOW"}), choices("hs_pipeline_stage", []string{"Working", "Closed"}, []string{"Escalated", "New"})},
	core.ProductPair:  {wording("name", "Edited %d"), wording("hs_sku", "SKU-%d"), wording("description", "Edited\n%d", ""), numbers("price", "%d.5")},
	core.LineItemPair: {numbers("quantity", "%d.5", "7"), numbers("hs_discount_percentage", "12.5", ""), numbers("price", "%d.75")}, // a quantity that Salesforce gets alone changes the price
	"branch":          {wording("title", "Edited %d")},
}

// written is what a person wrote into a field of a side.
type written struct {
	pair  core.PairDef
	link  linkRow
	field config.Mapping
	side  core.Side
	value string
}

// editAll edits every field of every linked record, in turn on either side, and gives what was
// written.
func (w *workshop) editAll() (all []written) {
	w.t.Helper()
	for _, d := range w.pairs {
		for i, l := range w.linked(d.Name) {
			for j, f := range w.fields(d.Name) {
				side := core.Side((i + j) % 2)
				if done := w.write(d, l, f, side, i); done != nil {
					all = append(all, *done)
				}
			}
		}
	}
	return all
}

// fields are the standard ones of a pair, and one of each kind.
func (w *workshop) fields(p core.Pair) []standard {
	out := slices.Clone(standards[p])
	for i := range w.kinds {
		k := &w.kinds[i]
		values := append(slices.Clone(k.values[1:]), k.values[0]) // another one than before
		out = append(out, standard{hubspot: k.mapping().HubSpot, kind: k.spec.Type, values: [2][]string{values, values}})
	}
	return out
}

// write writes the nth value of a field; nil where the record has no such field, or only adds up
// what it is.
func (w *workshop) write(d core.PairDef, l linkRow, f standard, side core.Side, n int) *written {
	w.t.Helper()
	at := slices.IndexFunc(w.mappings[string(d.Name)], func(m config.Mapping) bool { return m.HubSpot == f.hubspot })
	if at < 0 {
		w.t.Fatalf("%s of %s is not mapped", f.hubspot, d.Plural)
	}
	m, values := w.mappings[string(d.Name)][at], f.values[side]
	value := strings.ReplaceAll(values[n%len(values)], "%04d", fmt.Sprintf("%04d", n))
	value = strings.ReplaceAll(value, "%d", fmt.Sprint(n))
	if f.hubspot == "amount" && w.sims.org.As("admin").Get(string(l.Object), l.Salesforce)["HasOpportunityLineItem"] == true {
		return nil
	}
	if side == core.Salesforce {
		w.writeOrg(d, l, m, inOrg(f.kind, value))
	} else {
		if strings.HasSuffix(f.hubspot, "stage") {
			value = w.stageCalled(l, f.hubspot, value)
		}
		w.ok(w.sims.portal.As("").Update(string(d.Objects[core.HubSpot][0]), l.HubSpot, map[string]string{m.HubSpot: value}))
	}
	return &written{d, l, m, side, value}
}

func (w *workshop) writeOrg(d core.PairDef, l linkRow, m config.Mapping, value any) {
	w.t.Helper()
	object, id := string(l.Object), l.Salesforce
	if d.Name == core.ProductPair && m.Salesforce == core.PriceField {
		object, id = "PricebookEntry", text(w.entry(id)["Id"])
	}
	w.ok(w.sims.org.As("admin").Update(object, id, map[string]any{m.Salesforce: value}))
}

// entry is the price of a product.
func (w *workshop) entry(product string) map[string]any {
	w.t.Helper()
	return w.orgRows("SELECT Id, UnitPrice FROM PricebookEntry WHERE Product2Id = '" + product + "'")[0]
}

// stageCalled is the stage of the pipeline that a record of the portal is in.
func (w *workshop) stageCalled(l linkRow, property, label string) string {
	w.t.Helper()
	object, of := core.Deals, "pipeline"
	if property != "dealstage" {
		object, of = core.Tickets, "hs_pipeline"
	}
	rec, _ := w.sims.portal.As("").Get(string(object), l.HubSpot)
	for _, s := range w.portalCall(http.MethodGet, "/crm/v3/pipelines/"+string(object)+"/"+rec[of], nil)["stages"].([]any) {
		if stage := s.(map[string]any); stage["label"] == label {
			return text(stage["id"])
		}
	}
	w.t.Fatalf("%s %s has no stage %s", object, l.HubSpot, label)
	return ""
}

// stand fails where an edit is no longer what its side shows.
func (w *workshop) stand(all []written) {
	w.t.Helper()
	sides := [2]int{}
	for _, e := range all {
		var now [2]string
		now[core.Salesforce], now[core.HubSpot], _ = w.both(e.pair, e.link, e.field)
		if sides[e.side]++; !w.same(config.Mapping{}, now[e.side], e.value) {
			w.t.Errorf("%s %s: %s wrote %q into %s ⇄ %s, and it shows %q", e.pair.Name, e.link.Salesforce, e.side.Label(), e.value, e.field.Salesforce, e.field.HubSpot, now[e.side])
		}
	}
	w.t.Logf("%d edits in Salesforce and %d in HubSpot", sides[core.Salesforce], sides[core.HubSpot])
}

// editTies moves records to another account in Salesforce, and to another company in HubSpot.
func (w *workshop) editTies() {
	w.t.Helper()
	accounts := w.orgRows("SELECT Id FROM Account ORDER BY Id")
	companies := w.mates(core.CompanyPair)
	for i, l := range w.linked(core.DealPair) {
		to := text(accounts[i%len(accounts)]["Id"])
		if i%2 == 0 {
			w.ok(w.sims.org.As("admin").Update("Opportunity", l.Salesforce, map[string]any{"AccountId": to}))
			continue
		}
		for _, from := range w.sims.portal.As("").Associated("deals", l.HubSpot, "companies") {
			w.portalCall(http.MethodDelete, "/crm/v4/objects/deals/"+l.HubSpot+"/associations/companies/"+from, nil)
		}
		w.portalCall(http.MethodPut, "/crm/v4/objects/deals/"+l.HubSpot+"/associations/companies/"+companies[to], []any{map[string]any{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}})
	}
	for i, l := range w.linked(core.TicketPair) {
		w.ok(w.sims.org.As("admin").Update("Case", l.Salesforce, map[string]any{"AccountId": accounts[i%len(accounts)]["Id"]}))
	}
}

func jsonText(t *testing.T, body any) string {
	t.Helper()
	if body == nil {
		return ""
	}
	out, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
