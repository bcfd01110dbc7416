package pubsub

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"unicode/utf8"
)

const (
	// maxPayload is the largest event in bytes; a larger change becomes a gap event.
	maxPayload = 1 << 20
	// maxChanges is how many changes one transaction may have, each changed field of an update counting; beyond it every entity
	// gets one overflow event (Change Data Capture guide, "Overflow Events").
	maxChanges = 100_000
	// maxGap is the largest gap between two serials.
	maxGap = 7
)

// Publish appends the events of a transaction and wakes the subscribers; it never waits for them. Neighbouring changes that
// do the same to several records of an entity are merged into one event. A change whose values do not fit its entity becomes
// a gap event, as an internal error does in Salesforce, and is reported in the error.
func (b *Bus) Publish(tx Transaction) error {
	if countChanges(tx) > maxChanges {
		return b.publishOverflow(tx)
	}
	var drafts []draft
	var failed []error
	sequence := 0
	for i := 0; i < len(tx.Changes); {
		c, n := mergeFrom(tx.Changes[i:])
		i += n
		sequence++
		d, err := b.encode(tx, c, sequence)
		if err != nil {
			failed = append(failed, err)
		}
		if d.event != nil {
			drafts = append(drafts, d)
		}
	}
	b.appendAll(drafts)
	return errors.Join(failed...)
}

func countChanges(tx Transaction) int {
	n := 0
	for _, c := range tx.Changes {
		n += len(c.IDs) * max(1, len(c.Changed))
	}
	return n
}

// mergeFrom joins the first change with the equal ones that follow it, and tells how many it took.
func mergeFrom(changes []Change) (Change, int) {
	first := changes[0]
	n := 1
	for n < len(changes) && mergeable(first, changes[n]) {
		n++
	}
	if n > 1 {
		first.IDs = slices.Clone(first.IDs)
		for _, c := range changes[1:n] {
			first.IDs = append(first.IDs, c.IDs...)
		}
	}
	return first, n
}

func mergeable(a, b Change) bool {
	if a.Entity != b.Entity || a.Type != b.Type || len(a.Before)+len(b.Before) > 0 {
		return false
	}
	return slices.Equal(a.Changed, b.Changed) && slices.Equal(a.Nulled, b.Nulled) && maps.EqualFunc(a.Values, b.Values, sameValue)
}

func sameValue(x, y any) bool { return reflect.DeepEqual(x, y) }

// encode makes the event of a change; a draft without an event if its entity is not selected or not known.
func (b *Bus) encode(tx Transaction, c Change, sequence int) (draft, error) {
	if b.opt.Selected != nil && !b.opt.Selected(c.Entity) {
		return draft{}, nil
	}
	entity, ok := b.opt.Entity(c.Entity)
	if !ok {
		return draft{}, fmt.Errorf("publish change of %s: no such entity", c.Entity)
	}
	schema := b.schemaOf(entity)
	h := &header{entity: c.Entity, ids: c.IDs, changeType: c.Type, origin: tx.Origin, key: tx.Key, sequence: sequence,
		time: tx.CommitTime, commit: tx.CommitNumber, user: tx.User}
	payload, err := schema.payload(h, schema.describe(h, c))
	if err != nil {
		err = fmt.Errorf("publish change of %s %v: %w", c.Entity, c.IDs, err)
	}
	if err != nil || len(payload) > maxPayload {
		payload = schema.gapPayload(h)
	}
	return draft{
		event: &stored{entity: c.Entity, schemaID: schema.id, payload: payload},
		info:  EventInfo{Topic: topicOfEntity(c.Entity), Entity: c.Entity, IDs: c.IDs, Type: h.changeType, Transaction: tx.Key},
		gap:   func(as ChangeType) []byte { h.changeType = as; return schema.gapPayload(h) },
	}, err
}

func (s *eventSchema) payload(h *header, values map[string]any) ([]byte, error) {
	return s.appendBody(h.append(nil), values)
}

// gapPayload turns the event into a gap: a header without field lists, and no values; an overflow names no record either.
func (s *eventSchema) gapPayload(h *header) []byte {
	if h.changeType < GapCreate {
		h.changeType += GapCreate
	}
	if h.changeType == GapOverflow {
		h.ids = nil
	}
	h.nulled, h.diffed, h.change = nil, nil, nil
	payload, err := s.payload(h, nil)
	if err != nil {
		panic("encode gap event: " + err.Error()) // no value can fail to fit
	}
	return payload
}

// describe fills the header's field lists and gives the values that the event carries.
func (s *eventSchema) describe(h *header, c Change) map[string]any {
	switch c.Type {
	case Create, Undelete:
		return c.Values
	case Update:
		return s.describeUpdate(h, c)
	}
	return nil
}

const lastModified = "LastModifiedDate"

// describeUpdate keeps the values of changed fields only; every other field of the event is null.
func (s *eventSchema) describeUpdate(h *header, c Change) map[string]any {
	var changed, nulled, diffed fieldSet
	body := map[string]any{}
	names := append(slices.Clone(c.Changed), c.Nulled...)
	if _, known := s.places[lastModified]; known {
		names = append(names, lastModified)
	}
	seen := map[string]bool{}
	for _, name := range names {
		p, ok := s.places[name]
		if !ok || seen[name] {
			continue
		}
		seen[name] = true
		changed.add(s, p)
		value := c.Values[name]
		if name == lastModified && value == nil {
			value = h.time
		}
		switch text, isText := value.(string); {
		case !present(value) || slices.Contains(c.Nulled, name):
			nulled.add(s, p)
		case isText && c.Before[name] != "" && utf8.RuneCountInString(text) >= diffLength:
			diffed.add(s, p)
			body[name] = unifiedDiff(c.Before[name], text)
		default:
			body[name] = value
		}
	}
	h.change, h.nulled, h.diffed = changed.bitmaps(), nulled.bitmaps(), diffed.bitmaps()
	return body
}

// publishOverflow tells each entity's subscribers only that much has changed.
func (b *Bus) publishOverflow(tx Transaction) error {
	var drafts []draft
	var failed []error
	seen := map[string]bool{}
	for _, c := range tx.Changes {
		if seen[c.Entity] {
			continue
		}
		seen[c.Entity] = true
		d, err := b.encode(tx, Change{Entity: c.Entity, Type: GapOverflow}, len(seen))
		if err != nil {
			failed = append(failed, err)
		}
		if d.event != nil {
			drafts = append(drafts, d)
		}
	}
	b.appendAll(drafts)
	return errors.Join(failed...)
}
