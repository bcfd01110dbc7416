package console

import (
	"regexp"
	"slices"
	"strings"
)

var entryIndex = regexp.MustCompile(`\[\d+\]`)

// listOf is a path without the numbers of entries, as the tables here have it.
func listOf(path string) string { return entryIndex.ReplaceAllString(path, "[]") }

// label is what a setting is called: by the longest end of its path that has a name.
func label(path string) string {
	for rest := listOf(path); ; {
		if name, ok := settingNames[rest]; ok {
			return name
		}
		i := strings.IndexByte(rest, '.')
		if i < 0 {
			return keyWords(rest)
		}
		rest = rest[i+1:]
	}
}

var entryName = regexp.MustCompile(`\[[^\]]*\]`)

// settingCalled is what a key of the settings file is called, with the tab that it stands on;
// blank for one that no form has.
func settingCalled(key string) string {
	path := entryName.ReplaceAllString(key, "[]")
	if !inForms()[path] {
		return ""
	}
	block, _, _ := strings.Cut(path, ".")
	block, _, _ = strings.Cut(block, "[")
	for _, t := range tabs {
		if slices.Contains(t.shows(), block) {
			return t.title + ": " + label(path)
		}
	}
	return label(path)
}

// valueCalled is what the form of a setting calls a value of the settings file.
func valueCalled(key, value string) string {
	for _, of := range []string{key[strings.LastIndexByte(key, '.')+1:] + " " + value, value} {
		if words, ok := choiceNames[of]; ok && settingCalled(key) != "" {
			return words
		}
	}
	return value
}

var keyNames = strings.NewReplacer("_", " ", "salesforce", "Salesforce", "hubspot", "HubSpot", "api", "API", "sla", "SLA")

// keyWords are a key as words.
func keyWords(key string) string {
	words := keyNames.Replace(strings.TrimSuffix(key, "[]"))
	return strings.ToUpper(words[:1]) + words[1:]
}

// choiceWords are a choice of a setting as words: by the setting's last key and the choice,
// or by the choice alone.
func choiceWords(path, choice string) string {
	key := path[strings.LastIndexByte(path, '.')+1:]
	for _, of := range []string{key + " " + choice, choice} {
		if words, ok := choiceNames[of]; ok {
			return words
		}
	}
	return keyWords(choice)
}

// settingNames are settings in the words of those who know the original's settings page, by
// their path or its end.
var settingNames = map[string]string{
	"profile": "Behaves as", "paused": "Pause all syncing", "poll_every": "Ask both sides for changes every", "sweep_every": "Compare all records every",
	"formula_reread": "Compare formula fields every", "time_zone": "Time zone of dates",
	"allocated_calls": "API calls allocated to Tandem", "allocated_calls.salesforce": "Salesforce calls in 24 hours", "allocated_calls.hubspot": "HubSpot calls in 24 hours",
	"retry": "Retries", "retry.every": "Retry records with errors every", "stop_at_share": "Stop retrying at this share of the allocated calls",
	"brakes": "Brakes", "brakes.deletes": "Many deletions", "brakes.changed": "Many changes", "brakes.scope": "Many records leaving the scope",
	"at_least": "Number of records", "share": "Share of the linked records",

	"companies.sync": "Sync companies", "contacts.sync": "Sync contacts", "deals.sync": "Sync deals", "tickets.sync": "Sync tickets",
	"products.sync": "Sync products", "line_items.sync": "Sync line items", "custom_objects[].sync": "Sync this object", "campaigns.sync": "Sync campaigns",

	"contacts.from_salesforce": "When a Salesforce lead or contact is created or updated", "contacts.from_hubspot": "When a HubSpot contact is created or updated",
	"contacts.from_hubspot.rules": "Lead or contact by rules", "rules[].when": "For contacts of which this holds", "rules[].create": "Create or update the",
	"tickets.from_salesforce": "When a Salesforce case is created or updated", "tickets.from_hubspot": "When a HubSpot ticket is created or updated",
	"from_salesforce": "When a Salesforce record is created or updated", "from_hubspot": "When a HubSpot record is created or updated",
	"create_account": "When a HubSpot company gets a Salesforce account",

	"when_salesforce_contact_deleted": "When a Salesforce contact is deleted", "when_salesforce_lead_deleted": "When a Salesforce lead is deleted",
	"contacts.when_hubspot_deleted": "When a HubSpot contact is deleted", "companies.when_salesforce_deleted": "When a Salesforce account is deleted",
	"companies.when_hubspot_deleted": "When a HubSpot company is deleted", "deals.when_salesforce_deleted": "When a Salesforce opportunity is deleted",
	"deals.when_hubspot_deleted": "When a HubSpot deal is deleted", "tickets.when_salesforce_deleted": "When a Salesforce case is deleted",
	"tickets.when_hubspot_deleted": "When a HubSpot ticket is deleted", "when_salesforce_deleted": "When it is deleted in Salesforce",
	"when_hubspot_deleted": "When it is deleted in HubSpot",

	"match": "Match records by", "on_several": "When several records match", "similar": "When records are only similar", "external_key": "Key of a third system",
	"external_key.salesforce": "Salesforce field", "external_key.hubspot": "HubSpot property",
	"inclusion_list": "Inclusion list", "list_every": "Look who joined or left the list every", "filter": "Filters",
	"filter.from_salesforce": "From Salesforce to HubSpot, only where", "filter.from_hubspot": "From HubSpot to Salesforce, only where",
	"person_accounts": "A person account syncs with", "person_record_type": "Record type of new person accounts",

	"deals.currency": "Currency of the org", "deals.pipelines": "Pipelines", "pipelines[].record_type": "Salesforce record type", "pipelines[].pipeline": "HubSpot pipeline", "pipelines[].stages": "Stages",
	"associate_company": "Associate tickets with companies", "associate_contact": "Associate tickets with contacts",
	"price_book": "Price book", "deal_amount": "Amount of a deal with line items",

	"custom_objects": "Custom objects", "custom_objects[].name": "Name", "custom_objects[].salesforce": "Salesforce object", "custom_objects[].hubspot": "HubSpot custom object",
	"on_conflict": "Resolve sync conflict", "associations": "Associations", "associations[].field": "Salesforce lookup field", "associations[].to": "Associate with", "associations[].label": "Label of the association",

	"activities.tasks.from_salesforce": "Sync Salesforce tasks to HubSpot", "activities.calls.from_salesforce": "Sync Salesforce calls to HubSpot",
	"activities.emails.from_salesforce": "Sync Salesforce e-mails to HubSpot", "activities.meetings.from_salesforce": "Sync Salesforce meetings to HubSpot",
	"activities.notes.from_salesforce": "Sync Salesforce notes to HubSpot", "activities.tasks.from_hubspot": "HubSpot tasks to Salesforce tasks",
	"activities.calls.from_hubspot": "HubSpot calls to Salesforce tasks", "activities.emails.from_hubspot": "HubSpot e-mails to Salesforce tasks",
	"activities.meetings.from_hubspot": "HubSpot meetings to Salesforce", "activities.notes.from_hubspot": "HubSpot notes to Salesforce tasks",
	"activities": "Activities", "emails": "E-mails",
	"subject": "Subject of the Salesforce task", "type": "Type of the Salesforce task", "status": "Status of the Salesforce task", "fields": "Further fields of the Salesforce task",
	"timeline": "HubSpot activities to Salesforce tasks", "email_sends": "Marketing e-mails sent", "email_opens": "Marketing e-mails opened",
	"email_clicks": "Marketing e-mails clicked", "form_submissions": "Form submissions", "timeline.events": "Further events",
	"email_sends.sync": "Sync marketing e-mails sent", "email_opens.sync": "Sync marketing e-mails opened", "email_clicks.sync": "Sync marketing e-mails clicked", "form_submissions.sync": "Sync form submissions",
	"email_sends.filter": "Only where", "email_opens.filter": "Only where", "email_clicks.filter": "Only where", "form_submissions.filter": "Only where", "events[].filter": "Only where",
	"events[].event": "Event", "events[].properties": "Properties to use", "events[].same": "Properties that make two events the same",
	"repeats": "Repeated opens and clicks", "bots": "Opens and clicks by machines", "wait": "Wait for the contact to be linked for", "forms_every": "Ask for form submissions every", "tasks_a_day": "Most tasks in 24 hours",

	"owners.match": "Match owners by", "owners.map": "Owners that do not match by themselves", "fallback": "Owner where there is no match",
	"automatic_transitions": "Automatic lifecycle stage transitions", "company_follows_contact": "The company takes the stage of its contacts",
	"contacts_follow_company": "Contacts take the stage of their company", "lifecycle": "Lifecycle stages", "lifecycle.stages": "Stages by lead status or opportunity stage",
	"stages[].lead_status": "Lead status", "stages[].opportunity_stage": "Opportunity stage", "stages[].stage": "Lifecycle stage", "stages[].from": "Stages that may be left for it", "stages[].move": "Moves",

	"campaigns.from_hubspot": "When campaigns of a HubSpot contact are edited", "campaigns.status": "Member status of those who join", "reconcile": "Notice removals in Salesforce",
	"campaigns.members": "Members by a property", "members[].campaign": "Campaign", "members[].property": "HubSpot property", "members[].values": "Member status by value", "members[].back": "Pass changes of the status back", "members[].remove": "Clearing the property ends the membership",
}

// entryNames are what the entries of a list are called.
var entryNames = map[string]string{
	"custom_objects": "a custom object", "custom_objects[].associations": "an association", "deals.pipelines": "a pipeline", "lifecycle.stages": "a stage",
	"campaigns.members": "a property", "activities.timeline.events": "an event", "contacts.from_hubspot.rules": "a rule",
}

// choiceNames are choices as words, some of them for one setting.
var choiceNames = map[string]string{
	"nothing": "Do nothing", "create_or_update": "Create or update the record", "update_only": "Update linked records only", "true": "Yes", "false": "No",
	"flag": "Mark it, and keep it", "archive": "Archive it (it can be restored)", "delete": "Delete it", "off": "Nothing", "review": "Ask a person (Review)", "link": "Link those that are certain, ask about others",
	"from_hubspot lead": "Create or update the lead", "from_hubspot contact": "Create or update the contact", "from_hubspot person_account": "Create or update the person account",
	"from_hubspot add": "Whoever is given a campaign joins it", "from_hubspot both": "Whoever is given a campaign joins it, whoever loses it leaves",
	"person_accounts both": "A company and a contact", "person_accounts contact": "A contact", "person_accounts company": "A company",
	"on_conflict latest": "The most recent value wins", "on_conflict salesforce": "Salesforce wins", "on_conflict hubspot": "HubSpot wins",
	"deal_amount salesforce": "Follows Salesforce", "deal_amount hubspot": "Is left to HubSpot",
	"match name_and_email": "E-mail address", "match strict": "Name and e-mail address", "profile tandem": "Tandem", "profile classic": "Classic: as HubSpot's own integration",
	"repeats once": "One task of each kind", "repeats each": "A task every time", "bots leave_out": "Are left out", "bots take": "Are taken",
	"move forward": "Forward only", "move any": "Also back", "move fill": "Only where the stage is blank",
}

// pairHeads are the columns of a map.
var pairHeads = map[string][2]string{
	"deals.pipelines[].stages": {"Stage in Salesforce", "Stage in HubSpot"}, "owners.map": {"Salesforce user or queue", "HubSpot owner"},
	"campaigns.members[].values": {"Value of the property", "Member status"},
}

func pairHead(path string) [2]string {
	if heads, ok := pairHeads[listOf(path)]; ok {
		return heads
	}
	return [2]string{"Field of the task", "Value"}
}
