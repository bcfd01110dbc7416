package salesforcesim

import (
	"math/rand/v2"
	"strings"
)

// Record ids are 15 case-sensitive characters, three of them the key prefix
// of the object, plus a three-character checksum of the letter cases
// (Salesforce Object Reference, "ID Field Type").

const (
	base62        = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	checksumChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
)

// checksum gives the three characters that make a 15-character id safe in
// places that fold case.
func checksum(id15 string) string {
	var out [3]byte
	for group := range 3 {
		bits := 0
		for i := range 5 {
			if c := id15[group*5+i]; c >= 'A' && c <= 'Z' {
				bits |= 1 << i
			}
		}
		out[group] = checksumChars[bits]
	}
	return string(out[:])
}

// canonicalID turns a 15- or 18-character id into its 18-character form.
// It refuses other lengths, foreign characters and a checksum that does not
// fit, which is how an id with folded case shows itself.
func canonicalID(id string) (string, bool) {
	if len(id) != 15 && len(id) != 18 {
		return "", false
	}
	for i := range len(id) {
		if !isAlnum(id[i]) {
			return "", false
		}
	}
	full := id[:15] + checksum(id)
	if len(id) == 18 && !strings.EqualFold(full[15:], id[15:]) {
		return "", false
	}
	return full, true
}

func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// idMaker hands out ids in rising order for each key prefix.
type idMaker struct {
	pod  string
	next map[string]uint64
}

func newIDMaker(rng *rand.Rand) *idMaker {
	letters := base62[10:]
	pod := string([]byte{letters[rng.IntN(26)+26], letters[rng.IntN(26)+26], '0'})
	return &idMaker{pod: pod, next: map[string]uint64{}}
}

// make returns a new 18-character id. Numbering starts above zero in every
// org so that ids look like those of an org with a past.
func (m *idMaker) make(prefix string) string {
	n := m.next[prefix]
	if n == 0 {
		n = 62*62*62*62 + 1
	}
	m.next[prefix] = n + 1
	var digits [9]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = base62[n%62]
		n /= 62
	}
	id := prefix + m.pod + string(digits[:])
	return id + checksum(id)
}
