package core

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
)

// Base holds, per mapped field, the canonical values last observed on the two
// sides when they agreed, as digests (see Digest). The key is the mapping's own
// (mapping.Field.Key). A field without an entry was never agreed on. A Base is a
// value: its verbs return a new one.
type Base map[string]Agreed

// Agreed is the agreed value of one field: by side, since a side may store its
// own form (a normaliser, a rounding).
type Agreed [2]string

// Observed are the canonical values of one field as both sides showed them once
// they agreed: from a read-back, a change event or a read that found them equal,
// never from a plan.
type Observed struct {
	Key    string
	Values [2]string
}

// Advance is the base after the given observations.
func Advance(b Base, seen []Observed) Base {
	if len(seen) == 0 {
		return b
	}
	next := b.clone(len(seen))
	for _, o := range seen {
		next[o.Key] = Agreed{Digest(o.Values[Salesforce]), Digest(o.Values[HubSpot])}
	}
	return next
}

// AdvanceField is Advance for one field, given the canonical values observed on
// Salesforce and on HubSpot.
func AdvanceField(b Base, key, sf, hs string) Base {
	return Advance(b, []Observed{{Key: key, Values: [2]string{sf, hs}}})
}

// AdvanceSide is the base once a side was given back a value that it had before: it stands
// there knowingly, beside what the other side was last seen with. Where nothing was agreed
// that is other, the other side's value now.
func AdvanceSide(b Base, key string, side Side, value, other string) Base {
	next := b.clone(1)
	agreed, known := next[key]
	if !known {
		agreed[side.Other()] = Digest(other)
	}
	agreed[side] = Digest(value)
	next[key] = agreed
	return next
}

// Forget is the base without the given fields: they meet for the first time
// again, as after a change of their mapping.
func Forget(b Base, keys ...string) Base {
	next := b.clone(0)
	for _, key := range keys {
		delete(next, key)
	}
	return next
}

// heirMark precedes the digest of a value that another record agreed on, whose place
// the side's record has taken. No digest starts like it.
const heirMark = digestMark + "^"

// Inherit is the base where another record takes the place of the side's: by a merge
// or a conversion. What was agreed was agreed with its predecessor, so that what the
// heir shows instead is nobody's edit (see FieldInput.Heir). Observing a field of both
// records makes it the heir's own.
func Inherit(b Base, side Side) Base {
	next := b.clone(0)
	for key, agreed := range next {
		if !strings.HasPrefix(agreed[side], heirMark) {
			agreed[side] = heirMark + agreed[side]
			next[key] = agreed
		}
	}
	return next
}

// Of is what was agreed for a field, and on which sides by a predecessor of the record
// that the side has now.
func (b Base) Of(key string) (agreed Agreed, heir [2]bool, ok bool) {
	agreed, ok = b[key]
	for _, side := range Sides {
		agreed[side], heir[side] = strings.CutPrefix(agreed[side], heirMark)
	}
	return agreed, heir, ok
}

// Holds reports whether the side's canonical value is the one agreed on, so
// that an event that announces it tells nothing new.
func (b Base) Holds(side Side, key, value string) bool {
	agreed, _, ok := b.Of(key)
	return ok && agreed[side] == Digest(value)
}

func (b Base) clone(extra int) Base {
	next := make(Base, len(b)+extra)
	maps.Copy(next, b)
	return next
}

// MarshalJSON writes one string where both sides store the same form and a pair
// where they differ, which keeps a stored base small.
func (a Agreed) MarshalJSON() ([]byte, error) {
	if a[Salesforce] == a[HubSpot] {
		return json.Marshal(a[Salesforce])
	}
	return json.Marshal([2]string(a))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (a *Agreed) UnmarshalJSON(text []byte) error {
	var one string
	if err := json.Unmarshal(text, &one); err == nil {
		*a = Agreed{one, one}
		return nil
	}
	var two []string
	if err := json.Unmarshal(text, &two); err != nil || len(two) != 2 {
		return fmt.Errorf("read agreed value %.40q: neither a text nor a pair of texts", text)
	}
	*a = Agreed{two[Salesforce], two[HubSpot]}
	return nil
}
