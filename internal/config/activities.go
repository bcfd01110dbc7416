package config

import (
	"fmt"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/policy"
)

// Activities are the settings of the activity pair: Task and Event ⇄ tasks, calls,
// e-mails, meetings and notes, a block for each of HubSpot's types (SET-9).
type Activities struct {
	Tasks    Activity `yaml:"tasks,omitempty"`
	Calls    Activity `yaml:"calls,omitempty"`
	Emails   Activity `yaml:"emails,omitempty"`
	Meetings Activity `yaml:"meetings,omitempty"`
	Notes    Activity `yaml:"notes,omitempty"`
	// Timeline is what people had to do with in HubSpot and is no record there.
	Timeline Timeline `yaml:"timeline,omitempty"`
}

// Activity are the settings of one type of activities.
type Activity struct {
	// The switches of the two directions (ACT-1, ACT-4). With both on, edits pass both
	// ways (ACT-6).
	FromSalesforce bool `yaml:"from_salesforce,omitempty"`
	FromHubSpot    bool `yaml:"from_hubspot,omitempty"`
	// Subject is the form of the subject of the tasks that are made in Salesforce, with
	// {title} for HubSpot's own; Type and Status are what else they say (AMB-11).
	Subject string `yaml:"subject,omitempty"`
	Type    string `yaml:"type,omitempty"`
	Status  string `yaml:"status,omitempty"`
	// What follows a deletion: nothing, flag (in HubSpot only), archive or delete (ACT-9).
	WhenSalesforceDeleted string `yaml:"when_salesforce_deleted,omitempty"`
	WhenHubSpotDeleted    string `yaml:"when_hubspot_deleted,omitempty"`
	Filter                Filter `yaml:"filter,omitempty"`
}

// ActivityLists are the names of the lists of mappings of each type.
var ActivityLists = map[core.Object]string{core.Tasks: "task", core.Calls: "call", core.Emails: "email", core.Meetings: "meeting", core.Notes: "note"}

// activityLists are those names in the order of the types.
func activityLists() (out []string) {
	for _, o := range core.StandardPairs.Objects(core.ActivityPair)[core.HubSpot] {
		out = append(out, ActivityLists[o])
	}
	return out
}

// TitlePlace is where the subject of a task has HubSpot's title.
const TitlePlace = "{title}"

// On reports that the type syncs in some direction.
func (a *Activity) On() bool { return a.FromSalesforce || a.FromHubSpot }

// From is the switch of the direction that begins at a side.
func (a *Activity) From(side core.Side) bool {
	if side == core.Salesforce {
		return a.FromSalesforce
	}
	return a.FromHubSpot
}

// Deletion is what follows a deletion that is seen on a side.
func (a *Activity) Deletion(side core.Side) string {
	if side == core.Salesforce {
		return a.WhenSalesforceDeleted
	}
	return a.WhenHubSpotDeleted
}

// Of are the settings of a type by HubSpot's name of the object; blank ones for another
// object.
func (a *Activities) Of(object core.Object) *Activity {
	switch object {
	case core.Tasks:
		return &a.Tasks
	case core.Calls:
		return &a.Calls
	case core.Emails:
		return &a.Emails
	case core.Meetings:
		return &a.Meetings
	case core.Notes:
		return &a.Notes
	}
	return &Activity{}
}

// On reports that some activity syncs, so that tasks carry fields of ours.
func (a *Activities) On() bool { return a.Syncs() || a.Timeline.On() }

// Syncs reports that some type of activities that are records on both sides does.
func (a *Activities) Syncs() bool { return len(a.objects(core.HubSpot)) > 0 }

// objects are the objects of a side that the switched types look at. HubSpot's meetings
// become tasks; Salesforce's come from events.
func (a *Activities) objects(side core.Side) (out []core.Object) {
	for _, o := range core.StandardPairs.Objects(core.ActivityPair)[core.HubSpot] {
		if a.Of(o).On() {
			out = append(out, o)
		}
	}
	if side == core.HubSpot || len(out) == 0 {
		return out
	}
	if out = []core.Object{core.Task}; a.Meetings.FromSalesforce {
		out = append(out, core.Event)
	}
	return out
}

// complete fills in the defaults: what was done is completed, and says what it was.
func (a *Activities) complete() {
	set(&a.Tasks.Subject, TitlePlace)
	set(&a.Calls.Subject, "Call: "+TitlePlace)
	set(&a.Emails.Subject, "Email: "+TitlePlace)
	set(&a.Meetings.Subject, "Meeting: "+TitlePlace)
	set(&a.Notes.Subject, "Note")
	for _, o := range []core.Object{core.Calls, core.Emails, core.Meetings, core.Notes} {
		set(&a.Of(o).Status, "Completed")
	}
	for _, o := range core.StandardPairs.Objects(core.ActivityPair)[core.HubSpot] {
		set(&a.Of(o).WhenSalesforceDeleted, nothing)
		set(&a.Of(o).WhenHubSpotDeleted, nothing)
	}
}

// MapsActivityOwners reports that the owner of some type of activities that syncs is mapped:
// the lists of their mappings are proposed where the settings have none, and name it.
func (c *Connection) MapsActivityOwners() bool {
	for o, list := range ActivityLists {
		maps := c.Mappings[list]
		if c.Activities.Of(o).On() && (len(maps) == 0 || slices.ContainsFunc(maps, func(m Mapping) bool { return strings.EqualFold(m.HubSpot, "hubspot_owner_id") })) {
			return true
		}
	}
	return false
}

// checkActivities refuses what no type can do.
func (c *Connection) checkActivities(at finder) error {
	at = at.under(".activities")
	a := &c.Activities
	if a.Notes.FromSalesforce {
		return at.refuse(".notes.from_salesforce", "no task or event of Salesforce becomes a note (ACT-4)", "take the key out; notes.from_hubspot makes tasks of notes")
	}
	if a.Syncs() && !c.Companies.Sync && !c.Contacts.Sync {
		return at.refuse("", "an activity passes with the person, the company or the deal that it is about, and none of them syncs", "set contacts.sync: true or companies.sync: true")
	}
	for _, o := range core.StandardPairs.Objects(core.ActivityPair)[core.HubSpot] {
		if err := a.Of(o).check(at.under("." + string(o))); err != nil {
			return err
		}
	}
	return nil
}

func (a *Activity) check(at finder) error {
	if strings.Count(a.Subject, TitlePlace) > 1 {
		return at.refuse(".subject", fmt.Sprintf("%q names the title twice", a.Subject), "write it once, such as \"Call: "+TitlePlace+"\"")
	}
	if err := oneOf(at, ".when_salesforce_deleted", a.WhenSalesforceDeleted, deletions...); err != nil {
		return err
	}
	if err := oneOf(at, ".when_hubspot_deleted", a.WhenHubSpotDeleted, nothing, policy.Archive, policy.Delete); err != nil { // tasks and events have no field for a mark
		return err
	}
	return a.Filter.check(at)
}
