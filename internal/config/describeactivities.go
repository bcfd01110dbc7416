package config

import "strings"

// TYPE stands in the paths below for each type of activities.
const anyType = "TYPE"

// describedActivities has a row for every key that each type of activities has.
var describedActivities = map[string]about{
	"connections[].activities":                              {"SET-9", "What syncs between tasks and events of Salesforce and activities of HubSpot, a block for each type, and what else people do in HubSpot (`timeline`). docs/activities.md tells more."},
	"connections[].activities.TYPE":                         {"SET-9, ACT-1, ACT-4", "The type of activities that HubSpot calls so."},
	"connections[].activities.TYPE.from_salesforce":         {"SET-9, ACT-4, ACT-6", "Whether those of Salesforce are made in HubSpot: tasks; tasks whose subtype is Call; tasks whose subtype is Email; events. None becomes a note. Those that exist already stay away until they are imported or edited. With both directions on, edits pass both ways."},
	"connections[].activities.TYPE.from_hubspot":            {"SET-9, ACT-1, ACT-6", "Whether those of HubSpot become tasks in Salesforce. Those that exist already stay away until they are imported or edited."},
	"connections[].activities.TYPE.subject":                 {"AMB-11", "Subject of the tasks that are made in Salesforce, with `{title}` for HubSpot's title. Left out, `{title}` for tasks, `Call: {title}`, `Email: {title}`, `Meeting: {title}` and `Note`. An edit of the title changes what stands in its place."},
	"connections[].activities.TYPE.type":                    {"AMB-11", "Type of those tasks, where the org shows that field. Left out, Salesforce's own. Their subtype says Call, Email or Task in any case."},
	"connections[].activities.TYPE.status":                  {"AMB-11", "Status of those tasks where HubSpot tells none. Left out, `Completed`; tasks have their own."},
	"connections[].activities.TYPE.when_salesforce_deleted": {"ACT-9, AMB-22, LIM-16", "What a deleted task or event does to its activity in HubSpot: `nothing`, `flag`, `archive`, `delete`."},
	"connections[].activities.TYPE.when_hubspot_deleted":    {"ACT-9, AMB-22, LIM-16", "What a deleted activity of HubSpot does to its task or event: `nothing`, `archive`, `delete`."},
	"connections[].activities.TYPE.filter":                  {"LIM-8, LIM-11", "Which activities may sync, evaluated on their new values."},
	"connections[].activities.TYPE.filter.from_salesforce":  {"LIM-8, LIM-11", "Expression over the fields of the task, of meetings over those of the event."},
	"connections[].activities.TYPE.filter.from_hubspot":     {"LIM-8, LIM-11", "Expression over the properties of the activity."},
	"connections[].mappings.TYPE[]":                         {"MAP-1, LIM-8, ACT-8", "Pairs of fields of the type. Left out, subject, text, owner, due date or time, and what else both sides have of the type. Who and what an activity is about is kept by itself."},
	"connections[].mappings.TYPE[].hubspot":                 {"MAP-1", "Internal name of the property."},
	"connections[].mappings.TYPE[].salesforce":              {"MAP-1", "API name of the field. A meeting syncs with an event, or becomes a task: each field applies where the object has it."},
	"connections[].mappings.TYPE[].rule":                    {"MAP-4 … MAP-7", "As for companies. Left out, `prefer_salesforce`."},
	"connections[].mappings.TYPE[].values":                  {"LIM-22", "Choices by their Salesforce value, with the HubSpot value of each. Quote numbers."},
	"connections[].mappings.TYPE[].reference":               {"MAP-13, AMB-8", "What a lookup field carries: `id` (also when left out) or `name`."},
	"connections[].mappings.TYPE[].to_salesforce":           {"", "Expression over `value` that makes the Salesforce value."},
	"connections[].mappings.TYPE[].to_hubspot":              {"", "Expression over `value` that makes the HubSpot value."},
}

// describe is what is said of a key.
func describe(path string) (about, bool) {
	if a, ok := described[path]; ok {
		return a, true
	}
	for object, list := range ActivityLists {
		of := strings.Replace(path, "activities."+string(object), "activities."+anyType, 1)
		of = strings.Replace(of, "mappings."+list+"[]", "mappings."+anyType+"[]", 1)
		if a, ok := describedActivities[of]; ok && (of != path || !strings.Contains(path, anyType)) {
			return a, true
		}
	}
	return about{}, false
}
