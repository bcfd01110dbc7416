package salesforcesim

import (
	"testing"
	"time"
)

func TestMergeMovesChildrenAndMarksLosers(t *testing.T) {
	w := newWire(t)
	door := w.org.As("admin")
	a, b, c := w.create("Account", `{"Name":"A"}`), w.create("Account", `{"Name":"B"}`), w.create("Account", `{"Name":"C","ParentId":null}`)
	contact := w.create("Contact", `{"LastName":"L","AccountId":"`+b+`"}`)
	child := w.create("Account", `{"Name":"D","ParentId":"`+c+`"}`)
	w.clock.move(time.Minute)
	ok(t, door.MergeWith("Account", a, map[string]any{"Phone": "1"}, b, c))
	if got := door.Get("Contact", contact); got["AccountId"] != a || got["SystemModstamp"] != w.clock.now() {
		t.Error(got["AccountId"], got["SystemModstamp"])
	}
	if door.Get("Account", child)["ParentId"] != a || door.Get("Account", a)["Phone"] != "1" {
		t.Error("child or master")
	}
	got := w.api("GET", "/queryAll?q=SELECT+Id,MasterRecordId+FROM+Account+WHERE+IsDeleted=true+AND+MasterRecordId!=null+ORDER+BY+Name", "").want(200).object()["records"].([]any)
	if len(got) != 2 || got[0].(map[string]any)["MasterRecordId"] != a || got[1].(map[string]any)["Id"] != c {
		t.Fatal(got)
	}
	if err := door.Merge("Account", a, a); err == nil {
		t.Error("merged with itself")
	}
	if err := door.Merge("Account", a, b); err == nil {
		t.Error("merged a deleted record")
	}
	if err := door.Merge("Opportunity", a, b); err == nil {
		t.Error("merged opportunities")
	}
}

func TestConvertLead(t *testing.T) {
	w := newWire(t)
	door := w.org.As("admin")
	lead := w.create("Lead", `{"FirstName":"Jo","LastName":"Ba","Company":"Acme","Email":"jo@acme.example","City":"Bonn","HasOptedOutOfEmail":true}`)
	task := w.create("Task", `{"WhoId":"`+lead+`","Subject":"Call"}`)
	made := must[Converted](t)(door.ConvertLead(lead, Convert{}))
	l := door.Get("Lead", lead)
	if l["IsConverted"] != true || l["Status"] != "Closed - Converted" || l["ConvertedDate"] != "2026-03-02" || l["ConvertedAccountId"] != made.AccountID ||
		l["ConvertedContactId"] != made.ContactID || l["ConvertedOpportunityId"] != made.OpportunityID {
		t.Fatal(l)
	}
	if a, c := door.Get("Account", made.AccountID), door.Get("Contact", made.ContactID); a["Name"] != "Acme" || a["BillingCity"] != "Bonn" || c["AccountId"] != made.AccountID || c["HasOptedOutOfEmail"] != true {
		t.Error(a, c)
	}
	if o := door.Get("Opportunity", made.OpportunityID); o["Name"] != "Acme-" || o["CloseDate"] != "2026-03-31" || o["StageName"] != "Prospecting" {
		t.Error(o)
	}
	if door.Get("Task", task)["WhoId"] != made.ContactID {
		t.Error("the task stayed with the lead")
	}
	if c := w.api("PATCH", "/sobjects/Lead/"+lead, `{"Phone":"1"}`).want(400).code(); c != "CANNOT_UPDATE_CONVERTED_LEAD" {
		t.Error(c)
	}
	if _, err := door.ConvertLead(lead, Convert{}); err == nil {
		t.Error("converted twice")
	}
}

// What hangs on a lead follows it: activities go to the contact and the
// opportunity, or the account where there is none; memberships are the contact's too.
func TestWhatFollowsAConvertedLead(t *testing.T) {
	for _, none := range []bool{false, true} {
		w := newWire(t)
		door := w.org.As("admin")
		lead := w.create("Lead", `{"LastName":"Ba","Company":"Acme"}`)
		task := w.create("Task", `{"WhoId":"`+lead+`","Subject":"Call"}`)
		event := w.create("Event", `{"WhoId":"`+lead+`","Subject":"Meet","StartDateTime":"2026-03-02T20:00:00Z","DurationInMinutes":30}`)
		campaign := w.create("Campaign", `{"Name":"C"}`)
		member := w.create("CampaignMember", `{"CampaignId":"`+campaign+`","LeadId":"`+lead+`"}`)
		made := must[Converted](t)(door.ConvertLead(lead, Convert{NoOpportunity: none}))
		what := made.OpportunityID
		if none {
			what = made.AccountID
		}
		for object, id := range map[string]string{"Task": task, "Event": event} {
			if got := door.Get(object, id); got["WhoId"] != made.ContactID || got["WhatId"] != what || got["AccountId"] != made.AccountID {
				t.Errorf("%s: %v %v %v", object, got["WhoId"], got["WhatId"], got["AccountId"])
			}
		}
		if got := door.Get("CampaignMember", member); got["LeadId"] != lead || got["ContactId"] != made.ContactID || got["Type"] != "Contact" {
			t.Error(got["LeadId"], got["ContactId"], got["Type"])
		}
	}
}

// An existing contact and account get only what they lack.
func TestConvertIntoExistingRecords(t *testing.T) {
	w := newWire(t)
	door := w.org.As("admin")
	a := w.create("Account", `{"Name":"Old","Phone":"1"}`)
	c := w.create("Contact", `{"LastName":"Old","AccountId":"`+a+`"}`)
	lead := w.create("Lead", `{"LastName":"New","Company":"New","Phone":"2","Website":"w.example","Email":"n@w.example","DoNotCall":true}`)
	made := must[Converted](t)(door.ConvertLead(lead, Convert{AccountID: a, ContactID: c, NoOpportunity: true}))
	acc, con := door.Get("Account", a), door.Get("Contact", c)
	if made.OpportunityID != "" || acc["Name"] != "Old" || acc["Phone"] != "1" || acc["Website"] != "w.example" || con["LastName"] != "Old" || con["Email"] != "n@w.example" || con["DoNotCall"] != false {
		t.Fatal(made, acc, con)
	}
}

func TestDeleteCascadesAndUndeleteRestores(t *testing.T) {
	w := newWire(t)
	door := w.org.As("admin")
	a := w.create("Account", `{"Name":"A"}`)
	c := w.create("Contact", `{"LastName":"L","AccountId":"`+a+`"}`)
	alone := w.create("Contact", `{"LastName":"M","AccountId":"`+a+`"}`)
	ok(t, door.Delete("Contact", alone))
	w.api("DELETE", "/sobjects/Account/"+a, "").want(204)
	if door.Get("Contact", c) != nil {
		t.Fatal("the contact outlived its account")
	}
	w.clock.move(time.Minute)
	ok(t, door.Undelete("Account", a))
	if got := door.Get("Contact", c); got == nil || got["SystemModstamp"] != w.clock.now() {
		t.Fatal(got)
	}
	if door.Get("Contact", alone) != nil {
		t.Error("undelete brought back what was deleted before")
	}
	if err := door.Undelete("Account", a); err == nil {
		t.Error("undeleted twice")
	}
}
