package pubsub

import (
	"fmt"
	"maps"
	"time"
)

// PlatformEvent is an event message that the org itself publishes, for a client of its other APIs.
type PlatformEvent struct {
	Entity    string         // Order__e
	Values    map[string]any // by API name; kinds as in Change. An empty text stays one.
	Created   time.Time
	CreatedBy string // id of the user
}

// Enqueue encodes a platform event and gives its id, a UUID, and what puts it into the log. It fails for an event that is not
// defined, for values that do not fit its fields and for more than 1 MB.
func (b *Bus) Enqueue(e PlatformEvent) (id string, publish func(), err error) {
	entity, ok := b.opt.Entity(e.Entity)
	if !ok || !isPlatformEvent(e.Entity) {
		return "", nil, fmt.Errorf("publish %s: no such platform event", e.Entity)
	}
	schema := b.schemaOf(entity)
	values := maps.Clone(e.Values)
	if values == nil {
		values = map[string]any{}
	}
	values["CreatedDate"], values["CreatedById"] = e.Created, e.CreatedBy
	payload, err := schema.appendBody(nil, values)
	if err != nil {
		return "", nil, fmt.Errorf("publish %s: %w", e.Entity, err)
	}
	if len(payload) > maxPayload {
		return "", nil, fmt.Errorf("publish %s: %d bytes are more than the %d that an event may have", e.Entity, len(payload), maxPayload)
	}
	event := &stored{id: b.newUUID(), entity: e.Entity, schemaID: schema.id, payload: payload}
	d := draft{event: event, info: EventInfo{Topic: topicOfEntity(e.Entity), Entity: e.Entity}}
	return event.id, func() { b.appendAll([]draft{d}) }, nil
}
