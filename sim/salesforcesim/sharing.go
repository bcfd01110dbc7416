package salesforcesim

import (
	"fmt"
	"slices"
	"strings"
)

// Hidden changes what sharing lets everyone but administrators do with single
// records: hidden ones are not there for them, and those for reading only are
// refused to be written.
type Hidden struct {
	Hide     []string `json:"hide"`
	ReadOnly []string `json:"read_only"`
	Show     []string `json:"show"` // as at first: seen and written by all who have the rights
}

// SetHidden hides records, protects them, and opens them again.
func (o *Org) SetHidden(s Hidden) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := slices.Concat(s.Hide, s.ReadOnly, s.Show)
	full := make([]string, len(all))
	for i, id := range all {
		var ok bool
		if full[i], ok = canonicalID(id); !ok || o.find(full[i]) == nil {
			return fmt.Errorf("change sharing: no record %q", id)
		}
	}
	for i, id := range full {
		delete(o.hidden, id)
		delete(o.guarded, id)
		switch {
		case i < len(s.Hide):
			o.hidden[id] = true
		case i < len(s.Hide)+len(s.ReadOnly):
			o.guarded[id] = true
		}
	}
	return nil
}

// hiddenFrom reports that sharing keeps a record from a user.
func (o *Org) hiddenFrom(a *access, id string) bool {
	return a != nil && o.hidden[id] && !a.system[permModifyAll]
}

// guardedFrom reports that sharing lets a user only read a record.
func (o *Org) guardedFrom(a *access, id string) bool {
	return a != nil && o.guarded[id] && !a.system[permModifyAll]
}

func readOnly() rowErrors {
	return rowErrors{{code: "INSUFFICIENT_ACCESS_OR_READONLY", message: "insufficient access rights on object id", fields: []string{}}}
}

// checkReach refuses a reference to a record that the writer does not see and,
// where the parent owns its details, one that the writer cannot change.
func (t *tx) checkReach(f *field, parent *record) rowErrors {
	a := t.by.access
	if t.by.system || a == nil {
		return nil
	}
	detail := f.cascade && f.required
	if t.o.hiddenFrom(a, parent.id) || !a.may(parent.object, mayRead) || detail && t.o.guardedFrom(a, parent.id) {
		return rowErrors{{code: "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", message: "insufficient access rights on cross-reference id: " + parent.id[:15], fields: []string{}}}
	}
	return nil
}

// checkOwner looks at a change of owner: there must be one, active, who may read
// the object's records, or a queue of the object.
func (t *tx) checkOwner(r *record, f *field, owner *record) rowErrors {
	switch {
	case owner.object.name == "Group" && !t.o.queueOwns(owner.id, r.object.name):
		return refuse("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", f.name)
	case owner.object.name == "Group":
		return nil
	case !owner.named("IsActive").Bool():
		return refuse("INACTIVE_OWNER_OR_USER", "operation performed with inactive user ["+owner.id[:15]+"] as owner of "+strings.ToLower(r.object.name))
	case !t.by.system && owner.id != t.by.userID && !t.o.accessOf(owner.id).may(r.object, mayRead):
		return refuse("TRANSFER_REQUIRES_READ", "The new owner must have read permission", f.name)
	}
	return nil
}

// checkOwned refuses to take the owner from a record.
func checkOwned(before, after *record) rowErrors {
	f := after.object.byName["ownerid"]
	if f == nil || before == nil || !after.at(f).IsNull() || before.at(f).IsNull() {
		return nil
	}
	return refuse("INVALID_CROSS_REFERENCE_KEY", f.label+": owner cannot be blank", f.name)
}
