package salesforcesim

import (
	"encoding/binary"
	"iter"
	"math"
	"time"

	"tandem/sim/salesforcesim/soql"
)

// cell is one stored value of a record.
type cell struct {
	idx int32
	v   value
}

// cells are the stored values of a record in one piece of memory, by field
// number, nulls left out. An org may hold a million records, and apart every
// value would cost more than what it says. Each value is the field's number and
// the kind, then a length and text, or eight bytes of a number.
type cells string

// packCells takes values in the order of their numbers.
func packCells(list []cell) cells {
	size := 0
	for i := range list {
		size += 12 + len(list[i].v.Str())
	}
	out := make([]byte, 0, size)
	for _, c := range list {
		if !c.v.IsNull() {
			out = appendPacked(out, c)
		}
	}
	return cells(out)
}

func appendPacked(out []byte, c cell) []byte {
	out = binary.AppendUvarint(out, uint64(c.idx))
	out = append(out, byte(c.v.Kind()))
	switch c.v.Kind() {
	case soql.KindNumber:
		return binary.LittleEndian.AppendUint64(out, math.Float64bits(c.v.Num()))
	case soql.KindDateTime:
		return binary.LittleEndian.AppendUint64(out, uint64(c.v.Time().UnixMilli()))
	case soql.KindBool:
		if c.v.Bool() {
			return append(out, 1)
		}
		return append(out, 0)
	}
	out = binary.AppendUvarint(out, uint64(len(c.v.Str())))
	return append(out, c.v.Str()...)
}

// cut takes the first value off; what it gives shares the memory of all.
func (s cells) cut() (idx int32, kind soql.Kind, payload, rest cells) {
	n, used := s.uvarint()
	kind, s = soql.Kind(s[used]), s[used+1:]
	size := 8
	switch kind {
	case soql.KindNumber, soql.KindDateTime:
	case soql.KindBool:
		size = 1
	default:
		length, used := s.uvarint()
		s, size = s[used:], int(length)
	}
	return int32(n), kind, s[:size], s[size:]
}

func (s cells) uvarint() (n uint64, used int) {
	for shift := 0; ; shift += 7 {
		b := s[used]
		used++
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n, used
		}
	}
}

func (s cells) uint64() uint64 {
	var n uint64
	for i := range 8 {
		n |= uint64(s[i]) << (8 * i)
	}
	return n
}

func unpack(kind soql.Kind, payload cells) value {
	switch kind {
	case soql.KindNumber:
		return soql.Number(math.Float64frombits(payload.uint64()))
	case soql.KindDateTime:
		return soql.DateTime(time.UnixMilli(int64(payload.uint64())))
	case soql.KindBool:
		return soql.Bool(payload[0] == 1)
	case soql.KindDate:
		return soql.Date(string(payload))
	case soql.KindTime:
		return soql.TimeOfDay(string(payload))
	case soql.KindRaw:
		return soql.Raw(string(payload))
	}
	return soql.Text(string(payload))
}

// at gives the value of a field, null when there is none.
func (s cells) at(field int) value {
	for len(s) > 0 {
		idx, kind, payload, rest := s.cut()
		switch {
		case int(idx) == field:
			return unpack(kind, payload)
		case int(idx) > field:
			return value{}
		}
		s = rest
	}
	return value{}
}

// all goes through the values in the order of their numbers.
func (s cells) all() iter.Seq2[int, value] {
	return func(yield func(int, value) bool) {
		for len(s) > 0 {
			idx, kind, payload, rest := s.cut()
			if !yield(int(idx), unpack(kind, payload)) {
				return
			}
			s = rest
		}
	}
}

// list spells the values out, with room for some more.
func (s cells) list(room int) []cell {
	out := make([]cell, 0, 16+room)
	for idx, v := range s.all() {
		out = append(out, cell{int32(idx), v})
	}
	return out
}
