package pubsub

import (
	"slices"
	"strings"
)

// allChanges is the channel of every selected entity.
const allChanges = "/data/ChangeEvents"

// topic is a view of the log.
type topic struct {
	name    string
	entity  string                   // the one entity it shows; empty for channels of several
	accepts func(entity string) bool // which events belong to it
	publish bool                     // clients may publish to it
	tag     uint16
}

// topic resolves a name, which is case-sensitive; false if there is no such topic.
func (b *Bus) topic(name string) (*topic, bool) {
	t := &topic{name: name, tag: tagOf(b.opt.OrgID(), name)}
	if event, ok := strings.CutPrefix(name, "/event/"); ok && isPlatformEvent(event) {
		return b.entityTopic(t, event, true)
	}
	channel, ok := strings.CutPrefix(name, "/data/")
	switch {
	case !ok:
		return nil, false
	case name == allChanges:
		t.accepts = func(entity string) bool { return !isPlatformEvent(entity) }
		return t, true
	case strings.HasSuffix(channel, "__chn"):
		return b.customChannel(t, channel)
	case strings.HasSuffix(channel, "ChangeEvent"):
		return b.entityTopic(t, entityOfEvent(channel), false)
	}
	return nil, false
}

func (b *Bus) entityTopic(t *topic, entity string, publish bool) (*topic, bool) {
	e, ok := b.opt.Entity(entity)
	if !ok || e.Name != entity {
		return nil, false
	}
	t.entity, t.publish = entity, publish
	t.accepts = func(other string) bool { return other == entity }
	return t, true
}

func (b *Bus) customChannel(t *topic, channel string) (*topic, bool) {
	if b.opt.Channel == nil {
		return nil, false
	}
	members, ok := b.opt.Channel(channel)
	members = slices.Clone(members)
	t.accepts = func(entity string) bool { return slices.Contains(members, entity) }
	return t, ok
}
