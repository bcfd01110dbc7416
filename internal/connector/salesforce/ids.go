package salesforce

import "strings"

const checksumAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// ID18 is the 18-character form of a 15- or 18-character id, or "" when the
// text is no id: wrong length, foreign characters, or a checksum that does not
// fit because the case was changed. (SOAP API guide, "ID Field Type".)
func ID18(id string) string {
	if len(id) != 15 && len(id) != 18 {
		return ""
	}
	for i := range len(id) {
		if !alphanumeric(id[i]) {
			return ""
		}
	}
	full := id[:15] + checksum(id)
	if len(id) == 18 && !strings.EqualFold(full[15:], id[15:]) {
		return ""
	}
	return full
}

// checksum has one character for each group of five: bit i is set where the
// group's i-th character is an upper-case letter.
func checksum(id string) string {
	var out [3]byte
	for g := range out {
		bits := 0
		for i := range 5 {
			if ch := id[g*5+i]; ch >= 'A' && ch <= 'Z' {
				bits |= 1 << i
			}
		}
		out[g] = checksumAlphabet[bits]
	}
	return string(out[:])
}

func alphanumeric(ch byte) bool {
	return ch >= '0' && ch <= '9' || ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z'
}
