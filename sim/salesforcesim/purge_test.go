package salesforcesim

import (
	"strings"
	"testing"
	"time"
)

// deletedIDs is what getDeleted tells of the last hour and the next minute.
func (w *wire) deletedIDs(object string) string {
	w.t.Helper()
	at := func(d time.Duration) string { return w.clock.now().Add(d).Format("2006-01-02T15:04:05Z") }
	return string(w.api("GET", "/sobjects/"+object+"/deleted/?start="+at(-time.Hour)+"&end="+at(time.Minute), "").want(200).body)
}

// Members of campaigns and contact roles are gone at once when they are deleted
// themselves; with their parent they go to the recycle bin and come back.
func TestSomeDeletesArePhysical(t *testing.T) {
	w := newWire(t)
	ok(t, w.org.SelectEntities("CampaignMember", "OpportunityContactRole"))
	contact := w.create("Contact", `{"LastName":"L"}`)
	campaign := w.create("Campaign", `{"Name":"C"}`)
	deal := w.create("Opportunity", `{"Name":"O","StageName":"Prospecting","CloseDate":"2026-12-01"}`)
	for object, body := range map[string]string{"CampaignMember": `{"CampaignId":"` + campaign + `","ContactId":"` + contact + `"}`,
		"OpportunityContactRole": `{"OpportunityId":"` + deal + `","ContactId":"` + contact + `"}`} {
		id := w.create(object, body)
		w.api("DELETE", "/sobjects/"+object+"/"+id, "").want(204)
		if s := string(w.api("GET", "/queryAll?q=SELECT+Id+FROM+"+object, "").want(200).body); strings.Contains(s, id) {
			t.Error(object, s)
		}
		if !strings.Contains(w.deletedIDs(object), id) {
			t.Errorf("getDeleted does not list the %s", object)
		}
		if err := w.org.As("admin").Undelete(object, id); err == nil {
			t.Errorf("a %s came back", object)
		}
		w.create(object, body)
	}
	l, last := w.listen(w.org.Events().Conn()), ""
	for range 6 {
		h, _ := l.next()
		last += strs(h["changeType"]) + " "
	}
	if last != "CREATE DELETE CREATE CREATE DELETE CREATE " {
		t.Error(last)
	}
	for parent, id := range map[string]string{"Campaign": campaign, "Opportunity": deal} {
		w.api("DELETE", "/sobjects/"+parent+"/"+id, "").want(204)
		ok(t, w.org.As("admin").Undelete(parent, id))
	}
	if n, m := len(w.query("SELECT Id FROM CampaignMember")), len(w.query("SELECT Id FROM OpportunityContactRole")); n != 1 || m != 1 {
		t.Errorf("%d members and %d roles after the undelete", n, m)
	}
}

func TestBulkHardDelete(t *testing.T) {
	w := newWire(t)
	ok(t, w.org.SelectEntities("Account"))
	id := w.create("Account", `{"Name":"A"}`)
	c := w.create("Contact", `{"LastName":"L","AccountId":"`+id+`"}`)
	if got := w.api("POST", "/jobs/ingest", `{"object":"Account","operation":"hardDelete"}`).want(400).code(); got != "FEATURENOTENABLED" {
		t.Error(got)
	}
	ok(t, w.org.SetRight(Right{System: "PermissionsBulkApiHardDelete", Edit: true}))
	job, info := w.ingest(`{"object":"Account","operation":"hardDelete"}`, "Id\n"+id+"\n001000000000000AAA\n")
	if info["state"] != "JobComplete" || info["numberRecordsFailed"] != 1.0 || !strings.Contains(w.results(job, "successfulResults"), id) {
		t.Fatal(info)
	}
	for object, gone := range map[string]string{"Account": id, "Contact": c} {
		if s := string(w.api("GET", "/queryAll?q=SELECT+Id+FROM+"+object, "").want(200).body); strings.Contains(s, gone) {
			t.Error(s)
		}
		if !strings.Contains(w.deletedIDs(object), gone) {
			t.Errorf("getDeleted does not list the %s", object)
		}
	}
	if err := w.org.As("admin").Undelete("Account", id); err == nil {
		t.Error("it came back")
	}
	l := w.listen(w.org.Events().Conn())
	l.next()
	if h, _ := l.next(); h["changeType"] != "DELETE" || strs(h["recordIds"]) != "["+id+"]" {
		t.Error(h)
	}
}
