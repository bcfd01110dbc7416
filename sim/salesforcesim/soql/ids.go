package soql

// idAlphabet maps five case bits to a checksum character (object reference, "Field Types", ID).
const idAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

// fullID gives the 18-character form of an id of 15 or 18 characters; false if it is neither or its checksum is wrong.
func fullID(id string) (string, bool) {
	if len(id) != 15 && len(id) != 18 {
		return "", false
	}
	var sum [3]byte
	for i := range 15 {
		c := id[i]
		if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'z') {
			return "", false
		}
		if c >= 'A' && c <= 'Z' {
			sum[i/5] |= 1 << (i % 5)
		}
	}
	for i, bits := range sum {
		sum[i] = idAlphabet[bits]
	}
	full := id[:15] + string(sum[:])
	return full, len(id) == 15 || id == full
}
