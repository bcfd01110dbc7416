package salesforcesim

import (
	"slices"
	"strings"

	"tandem/sim/salesforcesim/pubsub"
	"tandem/sim/salesforcesim/soql"
)

// checkHook runs what an object checks beyond its columns. Set-up objects
// fill their read-only columns here.
func (t *tx) checkHook(before, after *record) rowErrors {
	switch after.object.name {
	case "CustomField":
		return t.checkCustomField(before, after)
	case "PlatformEventChannelMember":
		return t.checkMember(before, after)
	case "PlatformEventChannel":
		return t.checkChannel(after)
	case "ManagedEventSubscription":
		return t.checkManaged(before, after)
	case "FieldPermissions":
		return t.checkFieldPermission(before, after)
	case "ObjectPermissions":
		return t.checkObjectPermission(before, after)
	case "RecordType":
		return t.checkRecordType(after)
	case "Task":
		return append(checkSeries(before, after), t.checkActivity(before, after)...)
	case "Event":
		return slices.Concat(checkEvent(after), checkSeries(before, after), t.checkChild(before, after), t.checkActivity(before, after))
	case "TaskRelation":
		return t.checkRelation(after)
	case "CampaignMember":
		return t.checkMemberOf(before, after)
	case "PricebookEntry":
		return t.checkPrice(before, after)
	case "OpportunityLineItem":
		return t.checkLine(before, after)
	case "Opportunity":
		return t.checkBook(before, after)
	}
	return nil
}

// applySetup makes a committed change of a set-up object take effect.
func (o *Org) applySetup(c change) {
	switch c.object().name {
	case "CustomField":
		o.applyCustomField(c)
	case "RecordType":
		o.applyRecordType(c)
	case "PlatformEventChannelMember", "PlatformEventChannel":
		o.snapshotEvents()
	case "ManagedEventSubscription":
		o.snapshotManaged()
	}
}

// touchSchema notes that an object's description changed.
func (o *Org) touchSchema(ob *object) {
	ob.changed = o.now().Unix()
	ob.masks = slices.ContainsFunc(ob.fields, func(f *field) bool { return f.mask != nil })
	o.rules++
	o.snapshotEvents()
}

// snapshotEvents publishes to the event bus, without a lock, what it asks
// for: the entities and which of them each channel selects.
func (o *Org) snapshotEvents() {
	entities := map[string]pubsub.Entity{}
	for _, ob := range o.objects {
		if ob.triggerable {
			entities[ob.name] = o.entity(ob)
		}
	}
	for _, ob := range o.events {
		entities[ob.name] = o.entity(ob)
	}
	o.entities.Store(&entities)
	selected := map[string][]string{}
	for _, r := range o.objects["platformeventchannel"].records.rows {
		if r != nil {
			selected[r.named("FullName").Str()] = nil
		}
	}
	for _, r := range o.objects["platformeventchannelmember"].records.rows {
		if r != nil {
			channel := r.named("EventChannel").Str()
			selected[channel] = append(selected[channel], entityOfEvent(r.named("SelectedEntity").Str()))
		}
	}
	o.selected.Store(&selected)
}

func (o *Org) eventEntity(name string) (pubsub.Entity, bool) {
	e, ok := (*o.entities.Load())[name]
	return e, ok
}

func (o *Org) isSelected(entity string) bool {
	for _, members := range *o.selected.Load() {
		for _, m := range members {
			if m == entity {
				return true
			}
		}
	}
	return false
}

func (o *Org) channel(name string) ([]string, bool) {
	members, ok := (*o.selected.Load())[name]
	return members, ok
}

// standardChannel takes the entities selected for /data/ChangeEvents.
const standardChannel = "ChangeEvents"

// maxSelected is how many entities may be selected without the add-on
// (Change Data Capture Guide, "Change Data Capture Allocations").
const maxSelected = 5

// entityOfEvent turns AccountChangeEvent into Account, Foo__ChangeEvent into
// Foo__c.
func entityOfEvent(event string) string {
	if base, ok := strings.CutSuffix(event, "__ChangeEvent"); ok {
		return base + "__c"
	}
	return strings.TrimSuffix(event, "ChangeEvent")
}

func eventOfEntity(entity string) string {
	if base, ok := strings.CutSuffix(entity, "__c"); ok {
		return base + "__ChangeEvent"
	}
	return entity + "ChangeEvent"
}

func (t *tx) checkMember(before, after *record) rowErrors {
	meta := metadataOf(after)
	channel, event := meta.text("eventChannel"), meta.text("selectedEntity")
	if before != nil {
		return refuse("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "a channel member cannot be changed; delete it and create another")
	}
	entity := t.o.objects[strings.ToLower(entityOfEvent(event))]
	if entity == nil || !entity.triggerable || eventOfEntity(entity.name) != event {
		return refuse("INVALID_FIELD", "Select a valid entity for Change Data Capture: "+event+" is none", "selectedEntity")
	}
	if _, known := t.o.channel(channel); channel != standardChannel && !known {
		return refuse("INVALID_FIELD", "The event channel "+channel+" does not exist", "eventChannel")
	}
	if errs := t.checkSelection(channel, event); errs != nil {
		return errs
	}
	ob := after.object
	name, _, _ := strings.Cut(after.named("FullName").Str(), ".")
	if name == "" {
		name = channel + "_" + event
	}
	after.put(ob.field("DeveloperName"), soql.Text(name))
	after.put(ob.field("MasterLabel"), soql.Text(name))
	after.put(ob.field("EventChannel"), soql.Text(channel))
	after.put(ob.field("SelectedEntity"), soql.Text(event))
	return nil
}

func (t *tx) checkSelection(channel, event string) rowErrors {
	distinct := map[string]bool{event: true}
	for _, r := range t.o.objects["platformeventchannelmember"].records.rows {
		if r == nil {
			continue
		}
		if r.named("EventChannel").Str() == channel && r.named("SelectedEntity").Str() == event {
			return refuse("DUPLICATE_DEVELOPER_NAME", "The entity "+event+" is already selected in the channel "+channel)
		}
		distinct[r.named("SelectedEntity").Str()] = true
	}
	if len(distinct) > maxSelected {
		return refuse("LIMIT_EXCEEDED", "The limit of 5 selected entities for Change Data Capture is reached: deselect one or get the add-on")
	}
	return nil
}

func (t *tx) checkChannel(after *record) rowErrors {
	name := after.named("FullName").Str()
	if !strings.HasSuffix(name, "__chn") {
		return refuse("INVALID_FIELD", "The name of a custom channel ends in __chn: "+name, "FullName")
	}
	meta := metadataOf(after)
	after.put(after.object.field("DeveloperName"), soql.Text(strings.TrimSuffix(name, "__chn")))
	after.put(after.object.field("MasterLabel"), soql.Text(meta.text("label")))
	after.put(after.object.field("ChannelType"), soql.Text(meta.text("channelType")))
	return nil
}

func (t *tx) checkFieldPermission(before, after *record) rowErrors {
	full, read, edit := after.named("Field").Str(), after.named("PermissionsRead").Bool(), after.named("PermissionsEdit").Bool()
	f := t.o.fieldNamed(full)
	switch {
	case f == nil || f.object.name != after.named("SobjectType").Str():
		return refuse("INVALID_CROSS_REFERENCE_KEY", "Could not find field: "+full, "Field")
	case !f.permissionable:
		return refuse("FIELD_INTEGRITY_EXCEPTION", "You cannot set field permissions for "+full, "Field")
	case edit && !read:
		return refuse("FIELD_INTEGRITY_EXCEPTION", "Permission Edit Field depends on permission Read Field", "PermissionsEdit")
	case edit && f.formula != nil:
		return refuse("FIELD_INTEGRITY_EXCEPTION", "You cannot edit the formula field "+full, "PermissionsEdit")
	case before == nil && t.has(after, "Field", "ParentId"): // a permission set has a row for each field of the org
		return refuse("DUPLICATE_VALUE", "duplicate value found: <unknown> duplicates value on record with id: <unknown>")
	}
	return nil
}

func (t *tx) checkObjectPermission(before, after *record) rowErrors {
	ob := t.o.sobject(after.named("SobjectType").Str())
	if ob == nil || ob.setup {
		return refuse("INVALID_TYPE", "You cannot set object permissions for "+after.named("SobjectType").Str(), "SobjectType")
	}
	if before == nil && t.has(after, "ParentId", "SobjectType") {
		return refuse("DUPLICATE_VALUE", "duplicate value found: <unknown> duplicates value on record with id: <unknown>")
	}
	return nil
}

// has reports another row that agrees in an indexed and a further column.
func (t *tx) has(r *record, indexed, other string) bool {
	f := r.object.field(indexed)
	for _, have := range r.object.records.withValue(f, fold(r.at(f))) {
		if strings.EqualFold(have.named(other).Str(), r.named(other).Str()) {
			return true
		}
	}
	return false
}
