package salesforcesim

import (
	"strings"
	"time"

	"tandem/sim/salesforcesim/soql"
)

// activity is the object that custom fields of tasks and events are defined on: both have
// each of them (Metadata API Developer Guide, "CustomObject", Activity). It has no
// records.
const activity = "Activity"

var activityObjects = []string{"Task", "Event"}

// homesOf are the objects that show the custom fields of a definition's object; none where
// there is no such object.
func (o *Org) homesOf(definedOn string) (out []*object) {
	names := []string{definedOn}
	if strings.EqualFold(definedOn, activity) {
		names = activityObjects
	}
	for _, name := range names {
		if ob := o.objects[strings.ToLower(name)]; ob != nil {
			out = append(out, ob)
		}
	}
	return out
}

// definedOn is the object whose definitions make the custom fields of an object.
func definedOn(object string) string {
	for _, name := range activityObjects {
		if strings.EqualFold(object, name) {
			return activity
		}
	}
	return object
}

// tableOf names the object of a definition in the API's spelling.
func tableOf(name string, ob *object) string {
	if strings.EqualFold(name, activity) {
		return activity
	}
	return ob.name
}

// shownOn are the objects that have the custom fields of one, itself among them.
func shownOn(object string) []string {
	if definedOn(object) == activity {
		return activityObjects
	}
	return []string{object}
}

// archiveAfter is how long an activity is over before the org archives it: a closed task
// counts from its due date, or from its creation without one, an event from its end
// (Salesforce Help, "Archived Activities").
const archiveAfter = 365 * 24 * time.Hour

// archivedFlag tells an archived activity. Queries leave it out, but for queryAll.
var archivedFlag = computed(flag("IsArchived", "Archived").fixed().silent(), func(o *Org, r *record) value { return soql.Bool(o.archived[r.id]) })

// ArchiveActivities archives what is over for long enough, as the org does by itself from
// time to time, and says how many that were.
func (o *Org) ArchiveActivities() (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	edge := o.now().Add(-archiveAfter)
	for _, name := range activityObjects {
		for _, r := range o.objects[strings.ToLower(name)].records.rows {
			if r != nil && !r.deleted && !o.archived[r.id] && o.overBefore(r, edge) {
				if o.archived == nil {
					o.archived = map[string]bool{}
				}
				o.archived[r.id] = true
				n++
			}
		}
	}
	return n
}

func (o *Org) overBefore(r *record, edge time.Time) bool {
	if r.object.name == "Event" {
		return r.named("EndDateTime").Time().Before(edge)
	}
	over, err := time.Parse(time.DateOnly, r.named("ActivityDate").Str())
	if err != nil {
		over = time.Unix(r.created, 0)
	}
	return o.value(r, r.object.field("IsClosed")).Bool() && over.Before(edge)
}
