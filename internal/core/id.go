package core

import "strings"

// idChecksum is the alphabet of the three characters by which Salesforce makes
// an id safe against case folding.
const idChecksum = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// SalesforceID is the 18-character form of a Salesforce record id given with 15
// or 18 characters; ok is false for anything else, and for an 18-character id
// whose letters lost their case.
func SalesforceID(id string) (full string, ok bool) {
	if len(id) != 15 && len(id) != 18 {
		return "", false
	}
	full = id[:15]
	for group := 0; group < 15; group += 5 {
		bits := 0
		for i, c := range []byte(id[group : group+5]) {
			if !alphanumeric(c) {
				return "", false
			}
			if c >= 'A' && c <= 'Z' {
				bits |= 1 << i
			}
		}
		full += idChecksum[bits : bits+1]
	}
	return full, len(id) == 15 || strings.EqualFold(full[15:], id[15:])
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// ID18 is SalesforceID for ids known to be good: it gives back unchanged what is
// no id.
func ID18(id string) string {
	if full, ok := SalesforceID(id); ok {
		return full
	}
	return id
}
