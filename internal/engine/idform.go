package engine

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
)

// CheckID refuses an id that no record of an object pair can have, with CodeUsage:
// Salesforce's have 15 or 18 characters whose first three name the object, HubSpot's
// are numbers.
func CheckID(pairs core.PairSet, p core.Pair, id string) error {
	switch {
	case id != "" && allDigits(id), p == core.ActivityPair && !conn.ActivityNamed(id).IsZero():
		return nil
	case len(id) != 15 && len(id) != 18 || strings.Trim(id, idCharacters) != "":
		return &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("%q has the form of no id", id),
			Mend: "a Salesforce id has 15 or 18 letters and digits, a HubSpot id is a number"}
	}
	if _, fits := core.SalesforceID(id); !fits {
		return &room.Error{Code: room.CodeUsage, Message: id + " is no id: its last three characters do not fit the others, as where upper and lower case were changed",
			Mend: "copy the id again, for example from the address of the record's page in Salesforce"}
	}
	object, known := keyPrefixes[id[:3]]
	other, _ := pairs.Of(core.Salesforce, object)
	switch {
	case begins(id, objectOf(pairs, p, id)):
		return nil
	case !known:
		return &room.Error{Code: room.CodeUsage, Message: id + " is the id of another object of Salesforce: it begins with " + id[:3],
			Mend: prefixesOf(pairs.Objects(p)[core.Salesforce])}
	case other == "":
		return &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("%s is the id of a Salesforce %s, which does not sync", id, object),
			Mend: prefixesOf(pairs.Objects(p)[core.Salesforce])}
	}
	return &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("%s is the id of a Salesforce %s, which is no %s", id, object, p),
		Mend: "write " + string(other) + " in place of " + string(p)}
}

// begins reports that an id of Salesforce may be one of an object: with the characters that
// name it, or, where the org alone knows them, as for custom objects, with none that name
// another one.
func begins(id string, object core.Object) bool {
	named, known := keyPrefixes[id[:3]]
	return named == object || !known && !slices.Contains(slices.Collect(maps.Values(keyPrefixes)), object)
}

// prefixesOf says how the ids of objects begin.
func prefixesOf(objects []core.Object) string {
	var out []string
	for _, o := range objects {
		for _, prefix := range slices.Sorted(maps.Keys(keyPrefixes)) {
			if keyPrefixes[prefix] == o {
				out = append(out, fmt.Sprintf("ids of %s begin with %s", o, prefix))
			}
		}
	}
	return cmp.Or(strings.Join(out, ", "), "look the id up in Salesforce, where the address of the record's page holds it")
}

const idCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
