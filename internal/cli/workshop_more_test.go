package cli

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"tandem/internal/config"
	"tandem/internal/core"
)

// withActivities switches tasks and campaigns on, both ways.
func withActivities(c *config.Connection) {
	c.Activities.Tasks.FromSalesforce, c.Activities.Tasks.FromHubSpot = true, true
	c.Campaigns.Sync, c.Campaigns.FromHubSpot = true, "both"
}

// mates are the ids of HubSpot by those of Salesforce, of a pair's links.
func (w *workshop) mates(p core.Pair) map[string]string {
	w.t.Helper()
	out := map[string]string{}
	for _, l := range w.linked(p) {
		out[l.Salesforce] = l.HubSpot[strings.LastIndex(l.HubSpot, "-")+1:]
	}
	return out
}

// orgRows are rows of the org as a person sees them.
func (w *workshop) orgRows(query string) []map[string]any {
	w.t.Helper()
	rows, err := w.sims.org.As("admin").Query(query)
	if err != nil {
		w.t.Fatal(err)
	}
	return rows
}

// taskStates and taskRanks are Salesforce's words for those of HubSpot, as persons read them.
var (
	taskStates = map[string]string{"NOT_STARTED": "Not Started", "IN_PROGRESS": "In Progress", "COMPLETED": "Completed", "WAITING": "Waiting on someone else", "DEFERRED": "Deferred"}
	taskRanks  = map[string]string{"HIGH": "High", "MEDIUM": "Normal", "LOW": "Low"}
)

// tasksInStep compares every task of the org with its partner: what it says, when it is due,
// and the person that it is about. One about nobody who syncs has none, and explain says so.
func (w *workshop) tasksInStep(when string) {
	w.t.Helper()
	mates, people := w.mates(core.ActivityPair), w.mates(core.ContactPair)
	compared := 0
	for _, row := range w.orgRows("SELECT Id, Subject, Description, ActivityDate, Status, Priority, WhoId FROM Task") {
		id, who := text(row["Id"]), text(row["WhoId"])
		hs, there := w.sims.portal.As("").Get(string(core.Tasks), mates[id])
		if !there {
			if _, out, _ := w.run("explain", "task", id); people[who] != "" || !strings.Contains(out, "ACT-4") {
				w.t.Errorf("%s: task %s of %s has no partner: %s", when, id, who, out)
			}
			continue
		}
		got := []string{hs["hs_task_subject"], strings.ReplaceAll(hs["hs_task_body"], "<br>", "\n"), day(hs["hs_timestamp"]), taskStates[hs["hs_task_status"]], taskRanks[hs["hs_task_priority"]]}
		for i, field := range []string{"Subject", "Description", "ActivityDate", "Status", "Priority"} {
			compared++
			if bare(got[i]) != bare(text(row[field])) {
				w.t.Errorf("%s: task %s.%s is %q, its partner says %q", when, id, field, text(row[field]), got[i])
			}
		}
		if with := w.sims.portal.As("").Associated(string(core.Tasks), mates[id], string(core.Contacts)); !slices.Equal(with, []string{people[who]}) {
			w.t.Errorf("%s: task %s is about %s, its partner about %v, want %s", when, id, who, with, people[who])
		}
	}
	w.t.Logf("%s: %d fields of %d tasks compared", when, compared, len(mates))
	if len(mates) == 0 {
		w.t.Errorf("%s: no tasks are linked", when)
	}
}

// tiesInStep compares whom records belong to, and what tasks are about, with the
// associations of their partners.
func (w *workshop) tiesInStep(when string) {
	w.t.Helper()
	mates := map[core.Object]map[string]string{core.Companies: w.mates(core.CompanyPair), core.Contacts: w.mates(core.ContactPair), core.Deals: w.mates(core.DealPair), core.Tickets: w.mates(core.TicketPair), core.Tasks: w.mates(core.ActivityPair)}
	objects := map[string]core.Object{"001": core.Companies, "003": core.Contacts, "006": core.Deals, "500": core.Tickets}
	for _, tie := range []struct {
		from          core.Object
		object, field string
	}{{core.Contacts, "Contact", "AccountId"}, {core.Deals, "Opportunity", "AccountId"}, {core.Tickets, "Case", "AccountId"}, {core.Tickets, "Case", "ContactId"}, {core.Tasks, "Task", "WhatId"}} {
		compared := 0
		for _, row := range w.orgRows("SELECT Id, " + tie.field + " FROM " + tie.object + " WHERE " + tie.field + " != null") {
			id, named := text(row["Id"]), text(row[tie.field])
			to := objects[named[:3]]
			if mates[tie.from][id] == "" || mates[to][named] == "" {
				continue
			}
			compared++
			if with := w.tied(tie.from, mates[tie.from][id], to); !slices.Equal(with, []string{mates[to][named]}) {
				w.t.Errorf("%s: %s %s.%s names %s, its partner %v, want %s", when, tie.object, id, tie.field, named, with, mates[to][named])
			}
		}
		w.t.Logf("%s: %d of %s.%s compared", when, compared, tie.object, tie.field)
	}
}

// primary are the associations with the company that stands for the account; others of a record
// stay beside it.
var primary = map[core.Object]float64{core.Contacts: 1, core.Deals: 5, core.Tickets: 26}

// tied are the records that one of the portal is associated with, of companies the primary one.
func (w *workshop) tied(from core.Object, id string, to core.Object) (out []string) {
	w.t.Helper()
	if primary[from] == 0 || to != core.Companies {
		return w.sims.portal.As("").Associated(string(from), id, string(to))
	}
	for _, one := range w.portalCall(http.MethodGet, "/crm/v4/objects/"+string(from)+"/"+id+"/associations/companies", nil)["results"].([]any) {
		row := one.(map[string]any)
		if slices.ContainsFunc(row["associationTypes"].([]any), func(t any) bool { return t.(map[string]any)["typeId"] == primary[from] }) {
			out = append(out, strconv.FormatFloat(row["toObjectId"].(float64), 'f', -1, 64))
		}
	}
	return out
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// day is the day of a moment that a day was made to: its beginning west of Greenwich.
func day(moment string) string {
	if t, ok := instantOf(moment); ok {
		return t.UTC().Format("2006-01-02")
	}
	return moment
}

// campaignsInStep compares the memberships of every linked person with the list in HubSpot.
func (w *workshop) campaignsInStep(when string) {
	w.t.Helper()
	people, want, n := w.mates(core.ContactPair), map[string][]string{}, 0
	for _, row := range w.orgRows("SELECT CampaignId, LeadOrContactId FROM CampaignMember") {
		if hs := people[text(row["LeadOrContactId"])]; hs != "" {
			want[hs] = append(want[hs], text(row["CampaignId"]))
			n++
		}
	}
	for _, hs := range people {
		got, _ := w.sims.portal.As("").Get(string(core.Contacts), hs)
		shown := strings.FieldsFunc(got["salesforcecampaignids"], func(r rune) bool { return r == ';' })
		slices.Sort(shown)
		slices.Sort(want[hs])
		if !slices.Equal(shown, want[hs]) {
			w.t.Errorf("%s: contact %s lists the campaigns %v, want %v", when, hs, shown, want[hs])
		}
	}
	w.t.Logf("%s: %d memberships compared", when, n)
	if n < 40 {
		w.t.Errorf("%s: %d memberships of linked people", when, n)
	}
}

// editTasks edits a field of every linked task, in turn on either side.
func (w *workshop) editTasks() {
	w.t.Helper()
	for i, l := range w.linked(core.ActivityPair) {
		var err error
		value, hs := fmt.Sprintf("Edited %d", i), l.HubSpot[strings.LastIndex(l.HubSpot, "-")+1:]
		if i%2 == 0 {
			err = w.sims.org.As("admin").Update(string(core.Task), l.Salesforce, map[string]any{"Subject": value, "Status": "Completed", "Priority": "High", "ActivityDate": "2031-02-28"})
		} else {
			err = w.sims.portal.As("").Update(string(core.Tasks), hs, map[string]string{"hs_task_subject": value, "hs_task_body": "One & two<br>three", "hs_task_status": "IN_PROGRESS", "hs_task_priority": "LOW", "hs_timestamp": "2032-02-29T20:00:00Z"})
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
}

// editCampaigns takes a member out in Salesforce, and has HubSpot give one more campaign to
// somebody and take one from somebody. It gives back who those two are and which campaign.
func (w *workshop) editCampaigns() (campaign, joins, leaves string) {
	w.t.Helper()
	people := w.mates(core.ContactPair)
	rows := slices.DeleteFunc(w.orgRows("SELECT Id, CampaignId, ContactId FROM CampaignMember WHERE ContactId != null ORDER BY Id"), func(r map[string]any) bool { return people[text(r["ContactId"])] == "" })
	campaign = text(rows[0]["CampaignId"])
	member := map[string]bool{}
	for _, r := range rows {
		member[text(r["ContactId"])] = member[text(r["ContactId"])] || text(r["CampaignId"]) == campaign
	}
	at := slices.IndexFunc(rows, func(r map[string]any) bool { return !member[text(r["ContactId"])] })
	joins, leaves = text(rows[at]["ContactId"]), text(rows[0]["ContactId"])
	org := w.sims.org.As("admin")
	for _, err := range []error{org.Update("Campaign", campaign, map[string]any{"IsActive": true}), org.Delete("CampaignMember", text(rows[len(rows)-1]["Id"])),
		w.relist(people[joins], func(ids []string) []string { return append(ids, campaign) }),
		w.relist(people[leaves], func(ids []string) []string {
			return slices.DeleteFunc(ids, func(id string) bool { return id == campaign })
		})} {
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return campaign, joins, leaves
}

// relist edits the list of campaigns of a HubSpot contact, as a person does.
func (w *workshop) relist(contact string, edit func([]string) []string) error {
	got, _ := w.sims.portal.As("").Get(string(core.Contacts), contact)
	ids := strings.FieldsFunc(got["salesforcecampaignids"], func(r rune) bool { return r == ';' })
	return w.sims.portal.As("").Update(string(core.Contacts), contact, map[string]string{"salesforcecampaignids": strings.Join(edit(ids), ";")})
}

// wantMember fails where a contact is not as often a member of a campaign as wanted.
func (w *workshop) wantMember(campaign, contact string, times int) {
	w.t.Helper()
	if n := len(w.orgRows("SELECT Id FROM CampaignMember WHERE CampaignId = '" + campaign + "' AND ContactId = '" + contact + "'")); n != times {
		w.t.Errorf("%s is %d times a member of %s, want %d", contact, n, campaign, times)
	}
}
