package mapping

import (
	"slices"
	"strconv"
	"strings"

	"tandem/internal/core"
)

// The fields of activities that their sync sets by itself.
const (
	SubjectField   = "Subject"
	SubtypeField   = "TaskSubtype"
	TypeOfTask     = "Type"
	StatusField    = "Status"
	DueField       = "ActivityDate"
	MomentProperty = "hs_timestamp"
	MeetingStart   = "hs_meeting_start_time"
)

// ActivityTitle is the property that says what an activity of a type is about; blank for
// notes, which have none.
var ActivityTitle = map[core.Object]string{core.Tasks: "hs_task_subject", core.Calls: "hs_call_title", core.Emails: "hs_email_subject", core.Meetings: "hs_meeting_title"}

// activityBody is the property that holds the text of an activity of a type.
var activityBody = map[core.Object]string{core.Tasks: "hs_task_body", core.Calls: "hs_call_body", core.Emails: "hs_email_html", core.Meetings: "hs_meeting_body", core.Notes: "hs_note_body"}

// ActivityMaps are the mappings of a type of activities, by HubSpot's object, where the
// settings name none: subject, text, due date or time, status and priority, owner
// (ACT-5). The first object of Salesforce that has a field takes it. Salesforce's own
// lists say what HubSpot calls otherwise.
func ActivityMaps(of core.Object) []FieldMap {
	two := func(sf, hs string) FieldMap { return FieldMap{Salesforce: sf, HubSpot: hs, Rule: core.TwoWay} }
	var out []FieldMap
	if title := ActivityTitle[of]; title != "" {
		out = append(out, two(SubjectField, title))
	}
	out = append(out, two("Description", activityBody[of]), two("OwnerId", "hubspot_owner_id"))
	switch of {
	case core.Tasks:
		status, priority := two(StatusField, "hs_task_status"), two("Priority", "hs_task_priority")
		status.Values = map[string]string{"Not Started": "NOT_STARTED", "In Progress": "IN_PROGRESS", "Completed": "COMPLETED", "Waiting on someone else": "WAITING", "Deferred": "DEFERRED"}
		priority.Transform = [2]string{core.Salesforce: `value == "HIGH" ? "High" : value == "LOW" ? "Low" : "Normal"`, core.HubSpot: `value == "High" ? "HIGH" : value == "Low" ? "LOW" : "MEDIUM"`}
		return append(out, two(DueField, MomentProperty), status, priority)
	case core.Calls:
		direction, length := two("CallType", "hs_call_direction"), two("CallDurationInSeconds", "hs_call_duration")
		direction.Transform = [2]string{core.Salesforce: `value == "INBOUND" ? "Inbound" : "Outbound"`, core.HubSpot: `value == "Inbound" ? "INBOUND" : value == "Outbound" ? "OUTBOUND" : ""`}
		length.Transform = [2]string{core.Salesforce: "floor(value / 1000)", core.HubSpot: "value * 1000"} // HubSpot counts milliseconds
		return append(out, two(DueField, MomentProperty), direction, length)
	case core.Meetings:
		return append(out, two("StartDateTime", MeetingStart), two("EndDateTime", "hs_meeting_end_time"), two("Location", "hs_meeting_location"), two(DueField, MeetingStart))
	}
	return append(out, two(DueField, MomentProperty))
}

// WholeDays are the mappings of events of whole days: their day takes the place of the moment
// at which others begin, and no moment ends them.
func WholeDays(maps []FieldMap) (out []FieldMap) {
	const start = "StartDateTime"
	starts := slices.ContainsFunc(maps, func(m FieldMap) bool { return m.Salesforce == start })
	for _, m := range maps {
		switch {
		case m.Salesforce == DueField && starts, m.Salesforce == "EndDateTime":
			continue
		case m.Salesforce == start:
			m.Salesforce = DueField
		}
		out = append(out, m)
	}
	return out
}

// CompileActivity is Compile for one type of activities with one object of Salesforce: one
// list of mappings serves tasks and events, each field where the object has it. What is
// not of the settings is left out where a side lacks it. Subject is the form of the subject
// of what was made of HubSpot's; blank for others.
func CompileActivity(maps []FieldMap, proposed bool, subject string, sf, hs []FieldDef) (*Mapping, []Problem) {
	known, shown := index(sf), index(hs)
	var fit []FieldMap
	taken := map[string]bool{}
	for _, m := range maps {
		if known[m.Salesforce] == nil || proposed && (shown[m.HubSpot] == nil || taken[m.HubSpot]) {
			continue
		}
		if m.Salesforce == SubjectField && subject != "" && m.Transform == [2]string{} {
			m.Transform = subjectTransform(subject)
		}
		taken[m.HubSpot] = true
		fit = append(fit, m)
	}
	return Compile(core.ActivityPair, fit, sf, hs)
}

// subjectTransform puts the title into the form of a subject, and takes it out again.
func subjectTransform(form string) [2]string {
	before, after, found := strings.Cut(form, titlePlace)
	if !found || before+after == "" {
		return [2]string{}
	}
	b, a := strconv.Quote(before), strconv.Quote(after)
	return [2]string{core.Salesforce: b + " + value + " + a, core.HubSpot: "trimSuffix(trimPrefix(value, " + b + "), " + a + ")"}
}

// titlePlace stands for the title in the form of a subject.
const titlePlace = "{title}"

// SubjectOf is the subject of a task that is made of an activity with a title: the form
// without what separates a title that is not there.
func SubjectOf(form, title string) string {
	if title == "" {
		return strings.TrimRight(strings.TrimSpace(strings.Replace(form, titlePlace, "", 1)), ":- ")
	}
	return strings.Replace(form, titlePlace, title, 1)
}
