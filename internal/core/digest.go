package core

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// digestLimit is the longest value, in bytes, that a base keeps as it is.
const digestLimit = 64

// digestMark starts every hashed digest. A value that starts with it is always
// hashed, so that no value can pass for the digest of another.
const digestMark = "\x1f"

// Digest is the form in which a canonical value is compared and kept in a base:
// the value itself up to 64 bytes, else its length and a 128-bit hash. Values
// that differ only in Unicode normal form have one digest, so that a side that
// composes accents starts no ping-pong. Values no database stores as text (NUL,
// broken UTF-8) are hashed at any length.
func Digest(v string) string {
	v = norm.NFC.String(v)
	if len(v) <= digestLimit && !strings.HasPrefix(v, digestMark) && storable(v) {
		return v
	}
	sum := sha256.Sum256([]byte(v))
	return digestMark + strconv.Itoa(len(v)) + ":" + hex.EncodeToString(sum[:16])
}

// Legible is the value of a digest that is the value itself, blank for any other.
func Legible(digest string) string {
	if strings.HasPrefix(digest, digestMark) {
		return ""
	}
	return digest
}

func storable(v string) bool {
	return utf8.ValidString(v) && strings.IndexByte(v, 0) < 0
}

// Same reports whether two canonical values are the same value.
func Same(a, b string) bool { return a == b || Digest(a) == Digest(b) }
