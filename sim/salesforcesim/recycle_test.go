package salesforcesim

import (
	"strings"
	"testing"
	"time"
)

func (w *wire) deal(account, stage string) string {
	return w.create("Opportunity", `{"Name":"Deal `+stage+`","CloseDate":"2026-12-01","StageName":"`+stage+`","AccountId":"`+account+`"}`)
}

// What stands against the deletion of an account or a contact is named, and
// nothing is deleted.
func TestWhatCannotBeDeleted(t *testing.T) {
	for name, c := range map[string]struct {
		arrange func(w *wire, account, contact string)
		object  string
		want    string
	}{
		"account with a case": {func(w *wire, account, _ string) { w.create("Case", `{"AccountId":"`+account+`"}`) }, "Account",
			"Your attempt to delete A could not be completed because it is associated with the following cases.: 00000001\n"},
		"contact with a case": {func(w *wire, _, contact string) { w.create("Case", `{"ContactId":"`+contact+`"}`) }, "Contact",
			"Your attempt to delete L could not be completed because it is associated with the following cases.: 00000001\n"},
		"account of a contact with a case of its own": {func(w *wire, _, contact string) {
			other := w.create("Account", `{"Name":"Other"}`)
			w.create("Case", `{"ContactId":"`+contact+`","AccountId":"`+other+`"}`)
		}, "Account", "Your attempt to delete L could not be completed because it is associated with the following cases.: 00000001\n"},
		"account with a won deal": {func(w *wire, account, _ string) { w.deal(account, "Closed Won") }, "Account",
			"Your attempt to delete A could not be completed because some opportunities in that account were closed won. The opportunities that could not be deleted are shown below.: Deal Closed Won\n"},
		"account with another's deal": {func(w *wire, account, _ string) { w.asAdmin().deal(account, "Prospecting") }, "Account",
			"Your attempt to delete A could not be completed because some opportunities in that account are owned by other users. The opportunities that could not be deleted are shown below.: Deal Prospecting\n"},
		"account with open and lost deals": {func(w *wire, account, _ string) { w.deal(account, "Prospecting"); w.deal(account, "Closed Lost") }, "Account", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t)
			account := w.create("Account", `{"Name":"A"}`)
			contact := w.create("Contact", `{"LastName":"L","AccountId":"`+account+`"}`)
			c.arrange(w, account, contact)
			id := map[string]string{"Account": account, "Contact": contact}[c.object]
			if c.want == "" {
				w.api("DELETE", "/sobjects/"+c.object+"/"+id, "").want(204)
				if n := len(w.query("SELECT Id FROM Opportunity")) + len(w.query("SELECT Id FROM Contact")); n != 0 {
					t.Errorf("%d records stayed", n)
				}
				return
			}
			got := w.api("DELETE", "/sobjects/"+c.object+"/"+id, "").want(400)
			if e := got.list()[0]; e["errorCode"] != "DELETE_FAILED" || e["message"] != c.want {
				t.Errorf("%v", e)
			}
			if len(w.query("SELECT Id FROM Account WHERE Name = 'A'")) != 1 || len(w.query("SELECT Id FROM Contact")) != 1 || len(w.org.bins) != 0 {
				t.Error("something was deleted")
			}
		})
	}
}

// Look-ups to a deleted record are cleared, and come back with it where the
// vendor restores them.
func TestLookupsOfDeletedParents(t *testing.T) {
	for name, c := range map[string]struct {
		parent, child, field string
		restored             bool
	}{
		"parent account":  {`Account {"Name":"P"}`, `Account {"Name":"C","ParentId":"%"}`, "ParentId", true},
		"manager":         {`Contact {"LastName":"P"}`, `Contact {"LastName":"C","ReportsToId":"%"}`, "ReportsToId", true},
		"parent case":     {`Case {}`, `Case {"ParentId":"%"}`, "ParentId", true},
		"parent campaign": {`Campaign {"Name":"P"}`, `Campaign {"Name":"C","ParentId":"%"}`, "ParentId", false},
		"campaign":        {`Campaign {"Name":"P"}`, `Opportunity {"Name":"O","StageName":"Prospecting","CloseDate":"2026-12-01","CampaignId":"%"}`, "CampaignId", false},
		"custom look-up":  {`Account {"Name":"P"}`, `Contact {"LastName":"C","Site__c":"%"}`, "Site__c", true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWire(t)
			ok(t, w.org.AddField(FieldSpec{Object: "Contact", Name: "Site", Type: "Lookup", ReferenceTo: "Account", Children: "SiteContacts"}))
			add := func(spec, parent string) (string, string) {
				object, body, _ := strings.Cut(spec, " ")
				return object, w.create(object, strings.ReplaceAll(body, "%", parent))
			}
			parentObject, parent := add(c.parent, "")
			object, child := add(c.child, parent)
			created := w.clock.now()
			w.clock.move(time.Minute)
			w.api("DELETE", "/sobjects/"+parentObject+"/"+parent, "").want(204)
			got := w.org.As("admin").Get(object, child)
			if got[c.field] != nil || got["SystemModstamp"] != w.clock.now() || got["LastModifiedDate"] != created {
				t.Fatal(got[c.field], got["SystemModstamp"], got["LastModifiedDate"])
			}
			ok(t, w.org.As("admin").Undelete(parentObject, parent))
			if got := w.org.As("admin").Get(object, child)[c.field]; (got == parent) != c.restored {
				t.Errorf("after the undelete: %v", got)
			}
		})
	}
}

// A look-up that was filled again keeps its new value.
func TestReplacedLookupsAreNotRestored(t *testing.T) {
	w := newWire(t)
	door := w.org.As("admin")
	a, b := w.create("Account", `{"Name":"A"}`), w.create("Account", `{"Name":"B"}`)
	child := w.create("Account", `{"Name":"C","ParentId":"`+a+`"}`)
	ok(t, door.Delete("Account", a))
	ok(t, door.Update("Account", child, map[string]any{"ParentId": b}))
	ok(t, door.Undelete("Account", a))
	if got := door.Get("Account", child)["ParentId"]; got != b {
		t.Error(got)
	}
}

// everything is what queryAll shows of an object, as text.
func (w *wire) everything(object string) string {
	w.t.Helper()
	return string(w.api("GET", "/queryAll?q=SELECT+Id+FROM+"+object, "").want(200).body)
}

// Emptying the recycle bin takes what went with the record along; queryAll shows
// it for a day, getDeleted for longer.
func TestEmptyingTheRecycleBin(t *testing.T) {
	w := newWire(t)
	account := w.create("Account", `{"Name":"A"}`)
	contact := w.create("Contact", `{"LastName":"L","AccountId":"`+account+`"}`)
	w.api("DELETE", "/sobjects/Account/"+account, "").want(204)
	w.soap("65.0", `<emptyRecycleBin><ids>`+contact+`</ids></emptyRecycleBin>`).has("<success>false</success>")
	w.soap("65.0", `<emptyRecycleBin><ids>`+account+`</ids></emptyRecycleBin>`).has("<success>true</success>")
	for range 2 {
		w.soap("65.0", `<undelete><ids>`+account+`</ids></undelete>`).has("<statusCode>UNDELETE_FAILED</statusCode>")
		w.soap("65.0", `<emptyRecycleBin><ids>`+account+`</ids></emptyRecycleBin>`).has("<success>false</success>")
		for object, id := range map[string]string{"Account": account, "Contact": contact} {
			if !strings.Contains(w.everything(object), id) {
				t.Errorf("queryAll does not show the %s", object)
			}
		}
		w.org.Advance(11 * time.Hour)
		w.token = w.integrationToken()
	}
	w.org.Advance(3 * time.Hour)
	w.token = w.integrationToken()
	for object, id := range map[string]string{"Account": account, "Contact": contact} {
		if strings.Contains(w.everything(object), id) {
			t.Errorf("queryAll still shows the %s", object)
		}
	}
}

// What was taken along comes back with its parent only, and what was deleted
// before it not before the parent is there.
func TestUndeleteNeedsTheParent(t *testing.T) {
	w := newWire(t)
	door := w.org.As("admin")
	account := w.create("Account", `{"Name":"A"}`)
	along := w.create("Contact", `{"LastName":"Along","AccountId":"`+account+`"}`)
	before := w.create("Contact", `{"LastName":"Before","AccountId":"`+account+`"}`)
	ok(t, door.Delete("Contact", before))
	ok(t, door.Delete("Account", account))
	for _, id := range []string{along, before} {
		if err := door.Undelete("Contact", id); err == nil || !strings.Contains(err.Error(), "UNDELETE_FAILED") {
			t.Errorf("%s: %v", id, err)
		}
	}
	ok(t, door.Undelete("Account", account))
	if door.Get("Contact", along) == nil || door.Get("Contact", before) != nil {
		t.Error("the wrong contact came back")
	}
	ok(t, door.Delete("Contact", along))
	ok(t, door.Delete("Account", account))
	ok(t, door.Undelete("Account", account))
	if door.Get("Contact", along) != nil {
		t.Error("a contact deleted by itself came back with its account")
	}
	ok(t, door.Undelete("Contact", along))
}

// Activities go to the recycle bin with what they are about, and come back with it.
func TestActivitiesGoWithWhatTheyAreAbout(t *testing.T) {
	for parent, reference := range map[string]string{"Account": "WhatId", "Opportunity": "WhatId", "Contact": "WhoId", "Lead": "WhoId"} {
		w := newWire(t)
		ok(t, w.org.SelectEntities("Task", "Event"))
		id := w.create(parent, map[string]string{"Account": `{"Name":"A"}`, "Contact": `{"LastName":"L"}`, "Lead": `{"LastName":"L","Company":"C"}`,
			"Opportunity": `{"Name":"O","StageName":"Prospecting","CloseDate":"2026-12-01"}`}[parent])
		about := `"` + reference + `":"` + id + `"`
		task := w.create("Task", `{"Subject":"T",`+about+`}`)
		event := w.create("Event", `{"Subject":"E","StartDateTime":"2026-03-02T20:00:00Z","DurationInMinutes":30,`+about+`}`)
		w.create("Task", `{"Subject":"about nothing"}`)
		w.api("DELETE", "/sobjects/"+parent+"/"+id, "").want(204)
		if tasks, events := len(w.query("SELECT Id FROM Task")), len(w.query("SELECT Id FROM Event")); tasks != 1 || events != 0 {
			t.Errorf("%s: %d tasks and %d events stayed", parent, tasks, events)
		}
		if !strings.Contains(w.deletedIDs("Task"), task) || !strings.Contains(w.deletedIDs("Event"), event) {
			t.Errorf("%s: getDeleted does not list its activities", parent)
		}
		ok(t, w.org.As("admin").Undelete(parent, id))
		if door := w.org.As("admin"); door.Get("Task", task)[reference] != id || door.Get("Event", event)[reference] != id {
			t.Errorf("%s: its activities did not come back", parent)
		}
	}
}

// A custom look-up may hold its parent, or go with it, instead of being cleared.
func TestDeleteConstraints(t *testing.T) {
	for constraint, want := range map[string]string{"": "cleared", "SetNull": "cleared", "Restrict": "DELETE_FAILED", "Cascade": "gone"} {
		w := newWire(t, func(o *Options) { o.Objects = []CustomObject{{Name: "Invoice", Plural: "Invoices"}} })
		meta := `{"FullName":"Invoice__c.Payer__c","Metadata":{"type":"Lookup","label":"Payer","referenceTo":"Account","relationshipName":"Invoices","deleteConstraint":"` + constraint + `"}}`
		w.asAdmin().api("POST", "/tooling/sobjects/CustomField", meta).want(201)
		ok(t, w.org.SetRight(Right{Object: "Invoice__c", Field: "Payer__c", Read: true, Edit: true}))
		account := w.create("Account", `{"Name":"A"}`)
		w.create("Invoice__c", `{"Name":"I-1","Payer__c":"`+account+`"}`)
		got := "cleared"
		if res := w.api("DELETE", "/sobjects/Account/"+account, ""); res.status != 204 {
			got = res.code()
		} else if rows := w.query("SELECT Payer__c FROM Invoice__c"); len(rows) == 0 {
			got = "gone"
		} else if rows[0]["Payer__c"] != nil {
			got = "kept"
		}
		if got != want {
			t.Errorf("%q: %s instead of %s", constraint, got, want)
		}
	}
}
