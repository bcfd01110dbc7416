package engine

import (
	"fmt"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine/room"
)

// CheckID refuses an id that no record of an object pair can have, with CodeUsage:
// Salesforce's have 15 or 18 characters whose first three name the object, HubSpot's
// are numbers.
func CheckID(p core.Pair, id string) error {
	switch {
	case id != "" && allDigits(id):
		return nil
	case len(id) != 15 && len(id) != 18 || strings.Trim(id, idCharacters) != "":
		return &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("%q has the form of no id", id),
			Mend: "a Salesforce id has 15 or 18 letters and digits, a HubSpot id is a number"}
	}
	object, known := keyPrefixes[id[:3]]
	switch {
	case !known:
		return &room.Error{Code: room.CodeUsage, Message: id + " is the id of another object of Salesforce: it begins with " + id[:3],
			Mend: "accounts begin with 001, contacts with 003, leads with 00Q"}
	case slices.Contains(p.Objects()[core.Salesforce], object):
		return nil
	}
	other, _ := core.PairOf(core.Salesforce, object)
	return &room.Error{Code: room.CodeUsage, Message: fmt.Sprintf("%s is the id of a Salesforce %s, which is no %s", id, object, p),
		Mend: "write " + string(other) + " in place of " + string(p)}
}

const idCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
