package store

import (
	"encoding/binary"
	"hash/crc32"
	"slices"

	"tandem/internal/core"
)

// The stored form of a Base: the form's number, then per field, in the order of
// the names' numbers, the field's number times two plus one where the sides
// differ, and one value or two with their lengths; at last a checksum. Numbers
// are varints. A field name takes one or two bytes, an agreed value its own
// length and one.
const baseForm = 1

const checksumSize = 4

var checksums = crc32.MakeTable(crc32.Castagnoli)

type baseField struct {
	key    int64
	agreed core.Agreed
}

// encodeBase numbers the field names by nameID.
func encodeBase(base core.Base, nameID func(string) (int64, error)) ([]byte, error) {
	if len(base) == 0 {
		return []byte{}, nil
	}
	fields := make([]baseField, 0, len(base))
	for key, agreed := range base {
		id, err := nameID(key)
		if err != nil {
			return nil, err
		}
		fields = append(fields, baseField{id, agreed})
	}
	slices.SortFunc(fields, func(a, b baseField) int { return int(a.key - b.key) })
	out := []byte{baseForm}
	for _, f := range fields {
		out = f.append(out)
	}
	return binary.LittleEndian.AppendUint32(out, crc32.Checksum(out, checksums)), nil
}

func (f baseField) append(out []byte) []byte {
	sf, hs := f.agreed[core.Salesforce], f.agreed[core.HubSpot]
	differ := uint64(flag(sf != hs))
	out = binary.AppendUvarint(out, uint64(f.key)<<1|differ)
	out = appendText(out, sf)
	if differ == 1 {
		out = appendText(out, hs)
	}
	return out
}

func appendText(out []byte, s string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}

// decodeBase is the reverse of encodeBase. It answers Corrupt for bytes that it
// did not write: a wrong base would lead to wrong writes.
func decodeBase(stored []byte, nameText func(int64) (string, error)) (core.Base, error) {
	base := core.Base{}
	if len(stored) == 0 {
		return base, nil
	}
	body := len(stored) - checksumSize
	if body < 1 || stored[0] != baseForm || binary.LittleEndian.Uint32(stored[body:]) != crc32.Checksum(stored[:body], checksums) {
		return nil, errorf(Corrupt, "a link's base does not pass its check: restore the store from a backup")
	}
	for rest := stored[1:body]; len(rest) > 0; {
		var f baseField
		var ok bool
		if f, rest, ok = cutField(rest); !ok {
			return nil, errorf(Corrupt, "a link's base ends early: restore the store from a backup")
		}
		key, err := nameText(f.key)
		if err != nil {
			return nil, err
		}
		base[key] = f.agreed
	}
	return base, nil
}

func cutField(b []byte) (f baseField, rest []byte, ok bool) {
	tag, n := binary.Uvarint(b)
	if n <= 0 {
		return f, nil, false
	}
	f.key = int64(tag >> 1)
	if f.agreed[core.Salesforce], rest, ok = cutText(b[n:]); !ok {
		return f, nil, false
	}
	f.agreed[core.HubSpot] = f.agreed[core.Salesforce]
	if tag&1 == 1 {
		f.agreed[core.HubSpot], rest, ok = cutText(rest)
	}
	return f, rest, ok
}

func cutText(b []byte) (text string, rest []byte, ok bool) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > uint64(len(b)-n) {
		return "", nil, false
	}
	end := n + int(size)
	return string(b[n:end]), b[end:], true
}
