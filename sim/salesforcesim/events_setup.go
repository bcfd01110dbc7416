package salesforcesim

import (
	"tandem/sim/salesforcesim/pubsub"
	"tandem/sim/salesforcesim/soql"
)

// checkManaged checks a managed event subscription (Tooling API,
// ManagedEventSubscription).
func (t *tx) checkManaged(before, after *record) rowErrors {
	name, m := after.named("FullName").Str(), metadataOf(after)
	for _, key := range []string{"defaultReplay", "errorRecoveryReplay"} {
		if v := m.text(key); v != "" && v != "LATEST" && v != "EARLIEST" {
			return refuse("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", key+": bad value for restricted picklist field: "+v, key)
		}
	}
	if state := m.text("state"); state != "RUN" && state != "STOP" {
		return refuse("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "state: bad value for restricted picklist field: "+state, "state")
	}
	for _, r := range after.object.records.rows {
		if before == nil && r != nil && r.named("DeveloperName").Str() == name {
			return refuse("DUPLICATE_DEVELOPER_NAME", "The name "+name+" is already used on component ManagedEventSubscription")
		}
	}
	after.put(after.object.field("DeveloperName"), soql.Text(name))
	after.put(after.object.field("MasterLabel"), soql.Text(orElse(m.text("label"), name)))
	return nil
}

// snapshotManaged publishes the managed subscriptions to the event bus.
func (o *Org) snapshotManaged() {
	all := map[string]pubsub.ManagedSubscription{}
	for _, r := range o.objects["managedeventsubscription"].records.rows {
		if r == nil {
			continue
		}
		m := metadataOf(r)
		s := pubsub.ManagedSubscription{ID: r.id, Topic: m.text("topicName"), Running: m.text("state") == "RUN",
			Earliest: m.text("defaultReplay") == "EARLIEST", RecoverEarliest: m.text("errorRecoveryReplay") == "EARLIEST"}
		all[r.id], all[r.id[:15]], all[r.named("DeveloperName").Str()] = s, s, s
	}
	o.managed.Store(&all)
}

func (o *Org) managedSubscription(idOrName string) (pubsub.ManagedSubscription, bool) {
	m, ok := (*o.managed.Load())[idOrName]
	return m, ok
}
