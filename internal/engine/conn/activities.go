package conn

import (
	"slices"
	"strings"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/mapping"
	"tandem/internal/policy"
)

// WhoKey and WhatKey are the fields in which an activity of Salesforce says which person
// and which other record it is about, and the keys under which a link's base keeps what
// both sides agreed on.
const (
	WhoKey  = "WhoId"
	WhatKey = "WhatId"
)

// WhoCount is the field that tells how many people an activity is about, in orgs that share
// activities.
const WhoCount = "WhoCount"

// SyncsActivities reports that some type of activities syncs.
func (c *Known) SyncsActivities() bool { return c.Settings.Activities.Syncs() }

// FollowedOf are the objects of a pair on a side whose records are looked at: of
// activities those of the types that sync.
func (c *Known) FollowedOf(p core.Pair, side core.Side) []core.Object {
	followed := c.Settings.FollowedObjects(side)
	return slices.DeleteFunc(c.Pairs.Objects(p)[side], func(o core.Object) bool { return p == core.ActivityPair && !slices.Contains(followed, o) })
}

// ActivityTypes are the types that sync in some direction, by HubSpot's objects.
func (c *Known) ActivityTypes() []core.Object {
	return slices.DeleteFunc(c.Pairs.Objects(core.ActivityPair)[core.HubSpot], func(o core.Object) bool { return !c.Settings.Activities.Of(o).On() })
}

// ActivitySwitch is under what the moment is kept at which a type of activities was
// switched on in the direction that begins at a side (ACT-4).
func ActivitySwitch(object core.Object, from core.Side) core.Pair {
	return core.Pair(string(core.ActivityPair) + "/" + string(object) + "/" + from.String())
}

// ActivitySwitchedOn is when a type was switched on in the direction that begins at a
// side, in the clock of that side.
func (c *Known) ActivitySwitchedOn(object core.Object, from core.Side) time.Time {
	return c.switchedOn(ActivitySwitch(object, from), from)
}

// firstActivitySwitch is the earliest switch by which a record of an object may sync.
func (c *Known) firstActivitySwitch(r core.Ref) (first time.Time) {
	for _, o := range c.Pairs.Objects(core.ActivityPair)[core.HubSpot] {
		at := c.ActivitySwitchedOn(o, r.Side)
		if (r.Side == core.Salesforce || o == r.Object) && !at.IsZero() && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	return first
}

// activityKey names the mapping of a type of activities with an object of Salesforce.
func activityKey(sf, hs core.Object, fromHubSpot, wholeDay bool) core.Object {
	key := string(sf) + "/" + string(hs)
	if fromHubSpot {
		key += "/" + core.HubSpot.String()
	}
	if wholeDay {
		key += "/day"
	}
	return core.Object(key)
}

// ActivityMapping maps the fields of an activity of Salesforce and one of HubSpot. What was
// made of HubSpot's has a subject of a form of its own, and an event of whole days a day
// where others have a moment.
func (c *Known) ActivityMapping(sf, hs core.Object, fromHubSpot, wholeDay bool) *mapping.Mapping {
	return c.Mappings[activityKey(sf, hs, fromHubSpot, wholeDay && sf == core.Event)]
}

// wholeDay says of an event that it is of whole days.
const wholeDay = "IsAllDayEvent"

// WholeDay reports an event of whole days, which Salesforce stores from midnight UTC
// whatever anybody's zone (Object Reference, "Event").
func WholeDay(rec *core.Record) bool {
	if rec == nil || rec.Ref.Object != core.Event {
		return false
	}
	v, _ := rec.Get(wholeDay)
	return v == "true"
}

func (c *Known) activityMappings(side core.Side, object core.Object) (out []*mapping.Mapping) {
	of := c.Pairs.Objects(core.ActivityPair)
	for _, sf := range of[core.Salesforce] {
		for _, hs := range of[core.HubSpot] {
			if side == core.Salesforce && sf != object || side == core.HubSpot && hs != object {
				continue
			}
			for _, made := range []bool{false, true} {
				for _, day := range []bool{false, true} {
					if m := c.Mappings[activityKey(sf, hs, made, day)]; m != nil {
						out = append(out, m)
					}
				}
			}
		}
	}
	return out
}

// compileActivities makes the mappings and filters of each type that syncs ready.
func (c *Known) compileActivities() error {
	for _, hs := range c.ActivityTypes() {
		set := c.Settings.Activities.Of(hs)
		maps, proposed := c.activityMaps(hs)
		objects := []core.Object{core.Task}
		if _, shown := c.Defs[core.Salesforce][core.Event]; shown && hs == core.Meetings {
			objects = append(objects, core.Event)
		}
		for _, sf := range objects {
			for subject, made := range map[string]bool{"": false, set.Subject: true} {
				m, problems := mapping.CompileActivity(maps, proposed, subject, c.Defs[core.Salesforce][sf], c.Defs[core.HubSpot][hs])
				c.Mappings[activityKey(sf, hs, made, false)] = m
				if sf == core.Event {
					c.Mappings[activityKey(sf, hs, made, true)], _ = mapping.CompileActivity(mapping.WholeDays(maps), proposed, subject, c.Defs[core.Salesforce][sf], c.Defs[core.HubSpot][hs])
				}
				if !made {
					c.Problems = append(c.Problems, problems...)
				}
			}
		}
		if err := c.compileActivityFilters(hs, set); err != nil {
			return err
		}
	}
	return nil
}

// activityMaps are the mappings of a type: those of the settings, or else the proposed
// ones.
func (c *Known) activityMaps(of core.Object) (maps []mapping.FieldMap, proposed bool) {
	zone := Zone(c.Settings, c.Accounts[core.Salesforce])
	if own := c.Settings.Mappings[config.ActivityLists[of]]; len(own) > 0 {
		return c.withOwners(FieldMaps(own, zone)), false
	}
	maps = mapping.ActivityMaps(of)
	for i := range maps {
		maps[i].Zone = zone
	}
	return c.withOwners(maps), true
}

// compileActivityFilters compiles the filters of a type. Those of Salesforce's side are
// kept by the type, since its tasks are of several.
func (c *Known) compileActivityFilters(hs core.Object, set *config.Activity) (err error) {
	sf := core.Task
	if hs == core.Meetings {
		sf = core.Event
	}
	key := "activities." + string(hs) + ".filter.from_"
	if c.Filters[filterKey(hs)], err = Predicate(set.Filter.FromSalesforce, c.Defs[core.Salesforce][sf]); err != nil {
		return Misfit(key+"salesforce", core.Salesforce, sf, err)
	}
	if c.Filters[hs], err = Predicate(set.Filter.FromHubSpot, c.Defs[core.HubSpot][hs]); err != nil {
		return Misfit(key+"hubspot", core.HubSpot, hs, err)
	}
	return nil
}

// filterKey is under what the filter of the tasks or events that become a type is kept.
func filterKey(hs core.Object) core.Object { return "Salesforce/" + hs }

// FilterOf is the filter that a record must pass, of an activity of Salesforce that of its
// type; nil for none.
func (c *Known) FilterOf(rec *core.Record, hs core.Object) *mapping.Predicate {
	if pair, _ := c.Pairs.Of(rec.Ref.Side, rec.Ref.Object); pair == core.ActivityPair && rec.Ref.Side == core.Salesforce {
		return c.Filters[filterKey(hs)]
	}
	return c.Filters[rec.Ref.Object]
}

// activityFilterFields are what the filters of all types look at on an object of
// Salesforce.
func (c *Known) activityFilterFields(object core.Object) (out []string) {
	for _, hs := range c.ActivityTypes() {
		if p := c.Filters[filterKey(hs)]; p != nil && (hs == core.Meetings) == (object == core.Event) {
			out = append(out, p.Fields()...)
		}
	}
	return out
}

// ActivityOf is the type of HubSpot's that an activity of Salesforce becomes: events are
// meetings, and tasks what their subtype says (ACT-4).
func ActivityOf(rec *core.Record) core.Object {
	switch subtype, _ := rec.Get(mapping.SubtypeField); {
	case rec.Ref.Object == core.Event:
		return core.Meetings
	case subtype == "Call":
		return core.Calls
	case subtype == "Email":
		return core.Emails
	}
	return core.Tasks
}

// SubtypeOf is the subtype of the task that is made of an activity of HubSpot's.
func SubtypeOf(of core.Object) string {
	switch of {
	case core.Calls:
		return "Call"
	case core.Emails:
		return "Email"
	}
	return "Task"
}

// StaysHere says why an activity of Salesforce stays where it is whatever the switches
// say; blank for others. The copies of an event that its invitees have, and a series beside its
// occurrences, would be second ones of the same thing.
func (c *Known) StaysHere(rec *core.Record) string {
	is := func(field string) bool { v, _ := rec.Get(field); return v == "true" }
	_, told := c.Field(rec.Ref.Object, "IsPrivate")
	switch {
	case rec.Ref.Side == core.HubSpot:
		return ""
	case is("IsPrivate"):
		return "the event is private"
	case rec.Ref.Object == core.Event && !told:
		return "it cannot be seen whether the event is private: give the integration read access to the field Private of events"
	case is("IsChild"):
		return "the event is an invitee's copy of another one"
	case is("IsRecurrence"):
		return "it stands for a series, whose occurrences sync by themselves"
	case c.OfHappening(rec):
		return "it was made of an event in HubSpot that is no activity there"
	}
	return ""
}

// OfHappening reports a task that was made of what a person did in HubSpot, where no record
// stands for that: it has no partner, and is to have none.
func (c *Known) OfHappening(rec *core.Record) bool {
	if rec.Ref.Side != core.Salesforce {
		return false
	}
	key, _ := rec.Get(c.KeyField(core.Salesforce, rec.Ref.Object))
	return key != "" && c.StoredRef(rec).IsZero()
}

// KeyValue is what our unique key field on the other side holds for a record: its id. An
// id of HubSpot's is unique within a type of activities only, so that the type stands
// before it.
func (c *Known) KeyValue(r core.Ref) string {
	if word := config.ActivityLists[r.Object]; word != "" && r.Side == core.HubSpot {
		return word + "-" + r.ID
	}
	return r.ID
}

// ActivityNamed reads what KeyValue writes of an activity of HubSpot's; zero for anything
// else.
func ActivityNamed(value string) core.Ref {
	word, id, _ := strings.Cut(value, "-")
	for object, list := range config.ActivityLists {
		if word == list && id != "" {
			return core.Ref{Side: core.HubSpot, Object: object, ID: id}
		}
	}
	return core.Ref{}
}

// eventPrefix begins the ids of events.
const eventPrefix = "00U"

// activitySpecs are the fields that activities need: on Salesforce one definition serves
// tasks and events, and whatever becomes a task.
func (c *Known) activitySpecs(side core.Side) (out []ObjectFields) {
	for _, o := range c.Settings.FollowedObjects(side) {
		if pair, _ := c.Pairs.Of(side, o); pair == core.ActivityPair {
			out = append(out, ObjectFields{Object: o, Specs: c.specsOf(side, o, core.Task)})
		}
	}
	if side == core.Salesforce && len(out) == 0 && c.Settings.Activities.On() {
		out = append(out, ObjectFields{Object: core.Task, Specs: c.specsOf(side, core.Task, core.Task)})
	}
	return out
}

// aboutPrefixes are the key prefixes of the records that an activity may be about.
var aboutPrefixes = map[string]core.Object{"001": core.Account, "003": core.Contact, "00Q": core.Lead, "006": core.Opportunity, "500": core.SupportCase}

// AboutRef is the record that an id in WhoId or WhatId names, where its object syncs; zero
// for others.
func (c *Known) AboutRef(id string) core.Ref {
	if len(id) < 15 {
		return core.Ref{}
	}
	object, standard := aboutPrefixes[id[:3]]
	if !standard {
		object = c.ownObject(id[:3])
	}
	if pair, _ := c.Pairs.Of(core.Salesforce, object); !c.Follows(pair) {
		return core.Ref{}
	}
	return core.Ref{Side: core.Salesforce, Object: object, ID: core.ID18(id)}
}

// ownObject is the object of Salesforce, of a pair that the settings declare, whose ids
// begin with a prefix; blank for none. The org alone knows these prefixes.
func (c *Known) ownObject(prefix string) core.Object {
	for _, d := range c.Pairs {
		if o := d.Objects[core.Salesforce][0]; d.Custom && c.Schemas[core.Salesforce][o].Prefix == prefix {
			return o
		}
	}
	return ""
}

// IsOwn reports that the settings declare the pair of an object of HubSpot.
func (c *Known) IsOwn(o core.Object) bool { return c.defOf(core.HubSpot, o).Custom }

// AboutObjects are the objects of HubSpot that an activity may be associated with, the
// most telling one first: what a person is part of says less.
func (c *Known) AboutObjects() (out []core.Object) {
	all := []core.Object{core.Contacts, core.Deals, core.Tickets}
	for _, d := range c.Pairs {
		if d.Custom {
			all = append(all, d.Objects[core.HubSpot][0])
		}
	}
	for _, o := range append(all, core.Companies) {
		if pair, _ := c.Pairs.Of(core.HubSpot, o); c.Follows(pair) {
			out = append(out, o)
		}
	}
	return out
}

// activityFields are what the decision about an activity looks at besides its mapped
// fields.
func (c *Known) activityFields(side core.Side, object core.Object) []string {
	if side == core.HubSpot {
		return append([]string{mapping.MomentProperty, mapping.ActivityTitle[object]}, c.KeyField(side, core.Task), c.OriginField(side))
	}
	return []string{mapping.SubjectField, mapping.SubtypeField, WhoKey, WhatKey, "IsClosed", "IsPrivate", wholeDay, "IsChild", "IsRecurrence", "IsDeleted", WhoCount, c.KeyField(side, object), c.OriginField(side)}
}

// ActivityScope fills in the facts of a type's switches.
func (c *Known) ActivityScope(f *policy.ActivityFacts, of core.Object) {
	set := c.Settings.Activities.Of(of)
	f.Type, f.On = string(of), [2]bool{set.FromSalesforce, set.FromHubSpot}
}

// sameAbout reports that what an activity of Salesforce is about, where rec answers it, is
// what both sides agreed on.
func sameAbout(l *core.Link, rec *core.Record) bool {
	for _, key := range []string{WhoKey, WhatKey} {
		id, told := rec.Get(key)
		if _, _, agreed := l.Base.Of(key); told && (agreed || id != "") && !l.Base.Holds(core.Salesforce, key, core.ID18(id)) {
			return false
		}
	}
	return true
}
