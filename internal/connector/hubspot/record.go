package hubspot

import (
	"cmp"
	"slices"

	"tandem/internal/core"
)

// record turns a wire record into ours.
func (w *wireRecord) record(object core.Object) core.Record {
	t := typeOf(object)
	r := core.Record{Ref: ref(object, string(w.ID)), Values: w.Properties}
	r.Stamp = parseTime(cmp.Or(r.Values[t.stamp], w.UpdatedAt))
	r.Created = parseTime(cmp.Or(w.CreatedAt, r.Values[t.created]))
	r.Aliases = splitList(r.Values[mergedIDs])
	if w.Archived {
		r.Presence = core.Deleted
		if at := parseTime(w.ArchivedAt); at.After(r.Stamp) {
			r.Stamp = at
		}
	}
	return r
}

func ref(object core.Object, id string) core.Ref {
	return core.Ref{Side: core.HubSpot, Object: object, ID: id}
}

func absent(object core.Object, id string) core.Record {
	return core.Record{Ref: ref(object, id), Presence: core.Absent}
}

// alsoKnownAs notes that the portal answered with this record for id.
func alsoKnownAs(r core.Record, id string) core.Record {
	if r.Ref.ID != id && !slices.Contains(r.Aliases, id) {
		r.Aliases = append(slices.Clone(r.Aliases), id)
	}
	return r
}

// byID orders record ids as the portal does, by number.
func byID(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }
