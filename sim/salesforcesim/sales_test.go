package salesforcesim

import (
	"fmt"
	"strings"
	"testing"
)

func TestEventsHaveAStartAndAnEnd(t *testing.T) {
	w := newWire(t)
	contact := w.create("Contact", `{"LastName":"L"}`)
	id := w.create("Event", `{"Subject":"Meet","WhoId":"`+contact+`","StartDateTime":"2026-03-02T20:00:00Z","DurationInMinutes":90}`)
	got := w.query("SELECT ActivityDateTime, EndDateTime, ActivityDate, ShowAs, Who.Name FROM Event")[0]
	if got["ActivityDateTime"] != "2026-03-02T20:00:00.000+0000" || got["EndDateTime"] != "2026-03-02T21:30:00.000+0000" || got["ActivityDate"] != "2026-03-02" || got["ShowAs"] != "Busy" {
		t.Fatal(got)
	}
	w.api("PATCH", "/sobjects/Event/"+id, `{"EndDateTime":"2026-03-02T20:15:00Z"}`).want(204)
	if got := w.query("SELECT DurationInMinutes FROM Event")[0]["DurationInMinutes"]; got != 15.0 {
		t.Errorf("duration %v", got)
	}
	for body, code := range map[string]string{`{"Subject":"x"}`: "REQUIRED_FIELD_MISSING", `{"ActivityDateTime":"2026-03-02T20:00:00Z"}`: "REQUIRED_FIELD_MISSING",
		`{"StartDateTime":"2026-03-02T20:00:00Z","EndDateTime":"2026-03-02T19:00:00Z"}`: "FIELD_INTEGRITY_EXCEPTION"} {
		if got := w.api("POST", "/sobjects/Event", body).want(400).code(); got != code {
			t.Errorf("%s gives %s", body, got)
		}
	}
}

// A whole day begins at midnight and lasts as long as is said, else a day.
func TestAllDayEvents(t *testing.T) {
	for body, want := range map[string]string{
		`"ActivityDate":"2026-03-05"`:                                                 "2026-03-05 2026-03-05T00:00:00.000+0000 2026-03-06T00:00:00.000+0000 1440",
		`"ActivityDate":"2026-03-05","DurationInMinutes":2880`:                        "2026-03-05 2026-03-05T00:00:00.000+0000 2026-03-07T00:00:00.000+0000 2880",
		`"StartDateTime":"2026-03-05T00:00:00Z","EndDateTime":"2026-03-08T00:00:00Z"`: "2026-03-05 2026-03-05T00:00:00.000+0000 2026-03-08T00:00:00.000+0000 4320",
		`"StartDateTime":"2026-03-05T00:00:00Z"`:                                      "2026-03-05 2026-03-05T00:00:00.000+0000 2026-03-06T00:00:00.000+0000 1440",
	} {
		w := newWire(t)
		id := w.create("Event", `{"Subject":"Fair","IsAllDayEvent":true,`+body+`}`)
		read := func() string {
			r := w.query("SELECT ActivityDate, StartDateTime, EndDateTime, DurationInMinutes FROM Event")[0]
			return fmt.Sprint(r["ActivityDate"], " ", r["StartDateTime"], " ", r["EndDateTime"], " ", r["DurationInMinutes"])
		}
		if got := read(); got != want {
			t.Errorf("%s: %s", body, got)
		}
		w.api("PATCH", "/sobjects/Event/"+id, `{"ActivityDate":"2026-04-01","DurationInMinutes":1440}`).want(204)
		if got := read(); got != "2026-04-01 2026-04-01T00:00:00.000+0000 2026-04-02T00:00:00.000+0000 1440" {
			t.Errorf("%s, moved: %s", body, got)
		}
	}
}

func TestCasesAreNumberedAndClosed(t *testing.T) {
	w := newWire(t)
	account := w.create("Account", `{"Name":"A"}`)
	contact := w.create("Contact", `{"LastName":"L","Email":"l@a.co","AccountId":"`+account+`"}`)
	id := w.create("Case", `{"Subject":"Broken","ContactId":"`+contact+`"}`)
	w.create("Case", `{}`)
	got := w.query("SELECT CaseNumber, AccountId, ContactEmail, Status, Priority, IsClosed, ClosedDate FROM Case ORDER BY CaseNumber")
	if got[0]["CaseNumber"] != "00000001" || got[1]["CaseNumber"] != "00000002" || got[0]["AccountId"] != account || got[0]["ContactEmail"] != "l@a.co" || got[0]["Status"] != "New" || got[0]["Priority"] != "Medium" || got[0]["IsClosed"] != false {
		t.Fatal(got)
	}
	w.api("PATCH", "/sobjects/Case/"+id, `{"Status":"Closed"}`).want(204)
	if got := w.query("SELECT ClosedDate FROM Case WHERE IsClosed = true"); len(got) != 1 || got[0]["ClosedDate"] == nil {
		t.Error(got)
	}
	w.api("PATCH", "/sobjects/Case/"+id, `{"Status":"Working"}`).want(204)
	if got := w.query("SELECT ClosedDate FROM Case WHERE Id = '" + id + "'")[0]["ClosedDate"]; got != nil {
		t.Errorf("reopened but closed at %v", got)
	}
}

func TestCampaignMembers(t *testing.T) {
	w := newWire(t)
	campaign := w.create("Campaign", `{"Name":"C"}`)
	lead, contact := w.create("Lead", `{"LastName":"L","Company":"Co"}`), w.create("Contact", `{"LastName":"K"}`)
	member := w.create("CampaignMember", `{"CampaignId":"`+campaign+`","LeadId":"`+lead+`"}`)
	w.create("CampaignMember", `{"CampaignId":"`+campaign+`","ContactId":"`+contact+`","Status":"Responded"}`)
	for body, code := range map[string]string{`"LeadId":"` + lead + `"`: "DUPLICATE_VALUE", `"Status":"Sent"`: "FIELD_INTEGRITY_EXCEPTION", `"LeadId":"` + lead + `","ContactId":"` + contact + `"`: "FIELD_INTEGRITY_EXCEPTION"} {
		if got := w.api("POST", "/sobjects/CampaignMember", `{"CampaignId":"`+campaign+`",`+body+`}`).want(400).code(); got != code {
			t.Errorf("%s gives %s", body, got)
		}
	}
	got := w.query("SELECT NumberOfLeads, NumberOfContacts, NumberOfResponses FROM Campaign")[0]
	if got["NumberOfLeads"] != 1.0 || got["NumberOfContacts"] != 1.0 || got["NumberOfResponses"] != 1.0 {
		t.Error(got)
	}
	if got := w.query("SELECT HasResponded, FirstRespondedDate, Name, Type, CompanyOrAccount FROM CampaignMember WHERE LeadId = '" + lead + "'")[0]; got["HasResponded"] != false || got["Type"] != "Lead" || got["CompanyOrAccount"] != "Co" || got["FirstRespondedDate"] != nil {
		t.Error(got)
	}
	if code := w.api("PATCH", "/sobjects/CampaignMember/"+member, `{"LeadId":"`+lead+`"}`).want(400).code(); code != "INVALID_FIELD_FOR_INSERT_UPDATE" {
		t.Errorf("the lead of a member may change: %s", code)
	}
}

func TestLineItemsMakeTheAmount(t *testing.T) {
	w := newWire(t)
	deal := w.create("Opportunity", `{"Name":"D","StageName":"Prospecting","CloseDate":"2026-04-01","Amount":7}`)
	product := w.create("Product2", `{"Name":"P","ProductCode":"P-1","IsActive":true}`)
	standard := w.query("SELECT Id FROM Pricebook2 WHERE IsStandard = true")[0]["Id"].(string)
	special := w.create("Pricebook2", `{"Name":"Special","IsActive":true}`)
	price := func(book string) string {
		return `{"Pricebook2Id":"` + book + `","Product2Id":"` + product + `","UnitPrice":10,"IsActive":true}`
	}
	if code := w.api("POST", "/sobjects/PricebookEntry", price(special)).want(400).code(); code != "STANDARD_PRICE_NOT_DEFINED" {
		t.Errorf("a special price first gives %s", code)
	}
	entry := w.create("PricebookEntry", price(standard))
	other := w.create("PricebookEntry", price(special))
	if code := w.api("POST", "/sobjects/PricebookEntry", price(standard)).want(400).code(); code != "DUPLICATE_VALUE" {
		t.Errorf("a second price gives %s", code)
	}
	line := w.create("OpportunityLineItem", `{"OpportunityId":"`+deal+`","PricebookEntryId":"`+entry+`","Quantity":3}`)
	w.create("OpportunityLineItem", `{"OpportunityId":"`+deal+`","PricebookEntryId":"`+entry+`","Quantity":2,"TotalPrice":50}`)
	amount := func() any { return w.query("SELECT Amount FROM Opportunity")[0]["Amount"] }
	if got := amount(); got != 80.0 {
		t.Errorf("amount %v", got)
	}
	w.api("PATCH", "/sobjects/Opportunity/"+deal, `{"Amount":1,"NextStep":"call"}`).want(204)
	if got := w.query("SELECT Amount, NextStep, HasOpportunityLineItem, Pricebook2Id, (SELECT UnitPrice, ProductCode FROM OpportunityLineItems ORDER BY UnitPrice) FROM Opportunity")[0]; got["Amount"] != 80.0 || got["NextStep"] != "call" || got["HasOpportunityLineItem"] != true || got["Pricebook2Id"] != standard || !strings.Contains(compactValue(t, got), `"UnitPrice":25`) {
		t.Error(got)
	}
	if code := w.api("POST", "/sobjects/OpportunityLineItem", `{"OpportunityId":"`+deal+`","PricebookEntryId":"`+other+`","Quantity":1}`).want(400).code(); code != "FIELD_INTEGRITY_EXCEPTION" {
		t.Errorf("a price of another book gives %s", code)
	}
	w.api("DELETE", "/sobjects/OpportunityLineItem/"+line, "").want(204)
	if got := amount(); got != 50.0 {
		t.Errorf("amount after a line went: %v", got)
	}
}

// A quantity alone keeps the sum and makes another price of it; the price book stays while an
// opportunity has products, and a deleted one is in the log of deletions alone.
func TestLineItemsKeepTheirSum(t *testing.T) {
	w := newWire(t)
	standard := w.query("SELECT Id FROM Pricebook2 WHERE IsStandard = true")[0]["Id"].(string)
	special := w.create("Pricebook2", `{"Name":"Special","IsActive":true}`)
	product := w.create("Product2", `{"Name":"P","IsActive":true}`)
	entry := func(book string) string {
		return w.create("PricebookEntry", `{"Pricebook2Id":"`+book+`","Product2Id":"`+product+`","UnitPrice":10,"IsActive":true}`)
	}
	general, own := entry(standard), entry(special)
	deal := w.create("Opportunity", `{"Name":"D","StageName":"Prospecting","CloseDate":"2026-04-01"}`)
	line := func(entry, more string) string {
		return `{"OpportunityId":"` + deal + `","PricebookEntryId":"` + entry + `","Quantity":4` + more + `}`
	}
	w.api("PATCH", "/sobjects/Pricebook2/"+standard, `{"IsActive":false}`).want(204)
	w.api("POST", "/sobjects/OpportunityLineItem", line(general, "")).want(400)
	id := w.create("OpportunityLineItem", line(own, `,"Discount":50`))
	for _, tt := range []struct {
		body        string
		price, left float64
	}{{`{"Description":"x"}`, 10, 20}, {`{"Quantity":8}`, 5, 20}, {`{"Quantity":2,"UnitPrice":10}`, 10, 10}, {`{"Discount":0}`, 10, 20}} {
		w.api("PATCH", "/sobjects/OpportunityLineItem/"+id, tt.body).want(204)
		if got := w.query("SELECT UnitPrice, TotalPrice FROM OpportunityLineItem")[0]; got["UnitPrice"] != tt.price || got["TotalPrice"] != tt.left {
			t.Errorf("after %s: %v, want %v and %v", tt.body, got, tt.price, tt.left)
		}
	}
	for body, path := range map[string]string{`{"Quantity":1,"Discount":1}`: "OpportunityLineItem/" + id, `{"UnitPrice":1,"TotalPrice":1}`: "OpportunityLineItem/" + id, `{"Pricebook2Id":"` + standard + `"}`: "Opportunity/" + deal} {
		w.api("PATCH", "/sobjects/"+path, body).want(400)
	}
	w.api("DELETE", "/sobjects/OpportunityLineItem/"+id, "").want(204)
	w.api("PATCH", "/sobjects/Opportunity/"+deal, `{"Pricebook2Id":"`+standard+`"}`).want(204)
}
