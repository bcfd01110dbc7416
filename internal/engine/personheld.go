package engine

import (
	"slices"

	"tandem/internal/core"
	"tandem/internal/policy"
)

// mayMeetPersons reports that two people who are the same may be linked, and written: one
// of them is new, or was imported, edited or asked for (CON-1). Whoever was merely met,
// as a colleague of somebody or by a sweep, stays away. While contact sync is off only
// accounts pass, and everybody may meet.
func (b *batch) mayMeetPersons(l *core.Link) bool {
	if !b.conn.SyncsPeople() {
		return true
	}
	for _, r := range l.Refs {
		if since := b.conn.SwitchedOn(r); !since.IsZero() && !b.folk.recs[r].Created.Before(since) {
			return true
		}
	}
	return slices.ContainsFunc(b.items, func(it *item) bool {
		return b.pair == core.ContactPair && policy.BringsPerson(it.reasons) && slices.ContainsFunc(it.refs(), func(r core.Ref) bool { return l.Refs[r.Side] == r })
	})
}

// decideHeld leaves a person alone who is the same as somebody and was neither imported
// nor edited.
func (b *batch) decideHeld(it *item) bool {
	rec := it.recs[it.from]
	if rec == nil || b.folk.held[rec.Ref] == nil {
		return false
	}
	it.marks = append(it.marks, b.parentMarks(it)...)
	it.say(OutOfScope, policy.StaysAway(b.folk.held[rec.Ref].Partner(rec.Ref.Side)))
	return true
}
