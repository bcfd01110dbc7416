package store

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strconv"
	"testing"

	"tandem/internal/core"
	"tandem/internal/fuzzseed"
)

// FuzzBase demands that stored bytes, damaged behind the checksum's back, are refused
// as such or are a base that is written alike.
func FuzzBase(f *testing.F) {
	number := func(s string) (int64, error) { return strconv.ParseInt(s, 10, 63) }
	whole, err := encodeBase(core.Base{"1": {"a", "a"}, "200": {"Ä", ""}, "70000": {"", "long enough to be more"}}, number)
	if err != nil {
		f.Fatal(err)
	}
	fuzzseed.Add(f, string(whole[:len(whole)-checksumSize]), "")
	f.Fuzz(func(t *testing.T, body string) {
		stored := binary.LittleEndian.AppendUint32([]byte(body), crc32.Checksum([]byte(body), checksums))
		base, err := decodeBase(stored, func(n int64) (string, error) { return strconv.FormatInt(n, 10), nil })
		var e *Error
		if err != nil && (!errors.As(err, &e) || e.Code != Corrupt) {
			t.Fatalf("%x: %v", body, err)
		}
		if err != nil {
			return
		}
		if _, err := encodeBase(base, number); err != nil {
			t.Fatalf("%x reads as %v, which cannot be written: %v", body, base, err)
		}
	})
}
