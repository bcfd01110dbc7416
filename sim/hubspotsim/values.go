package hubspotsim

import (
	"encoding/binary"
	"iter"
	"slices"
)

// past is one earlier value of a property.
type past struct {
	text string
	at   int64
	by   *actor
}

// value is one property value of a record. The empty text is a cleared value.
type value struct {
	text  string
	at    int64 // ms
	by    *actor
	older []past // newest first
	prop  uint16
}

// bundle is the present values of a record in one piece of memory, by property.
// A portal may hold a million records, and apart every value would cost more than
// what it says. Each is the property, the place of its author in the version's
// crew, six bytes of time in ms, and the text after its length.
type bundle string

const timeBytes = 6

// history are the earlier values of one property, newest first.
type history struct {
	prop  uint16
	older []past
}

// newVersion packs values that are in the order of their properties. The crew
// of the version before is used again where it suffices.
func newVersion(list []value, crew []*actor) *version {
	v := &version{crew: crew}
	size := 0
	for i := range list {
		size += timeBytes + 6 + len(list[i].text)
	}
	out := make([]byte, 0, size)
	for i := range list {
		val := &list[i]
		out = binary.AppendUvarint(out, uint64(val.prop))
		out = binary.AppendUvarint(out, uint64(v.enlist(val.by)))
		out = append(out, byte(val.at>>40), byte(val.at>>32), byte(val.at>>24), byte(val.at>>16), byte(val.at>>8), byte(val.at))
		out = binary.AppendUvarint(out, uint64(len(val.text)))
		out = append(out, val.text...)
		if len(val.older) > 0 {
			v.past = append(v.past, history{val.prop, val.older})
		}
	}
	v.values = bundle(out)
	return v
}

// enlist gives the place of an author in the crew.
func (v *version) enlist(by *actor) int {
	if i := slices.Index(v.crew, by); i >= 0 {
		return i
	}
	v.crew = append(slices.Clip(v.crew), by)
	return len(v.crew) - 1
}

// packed is one value as it lies in memory.
type packed struct {
	prop uint16
	by   int
	at   bundle
	text string
}

func (s bundle) cut() (packed, bundle) {
	prop, used := s.uvarint()
	s = s[used:]
	by, used := s.uvarint()
	at := s[used : used+timeBytes]
	s = s[used+timeBytes:]
	length, used := s.uvarint()
	s = s[used:]
	return packed{uint16(prop), int(by), at, string(s[:length])}, s[length:]
}

func (s bundle) uvarint() (n uint64, used int) {
	for shift := 0; ; shift += 7 {
		b := s[used]
		used++
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n, used
		}
	}
}

func (s bundle) ms() int64 {
	var n int64
	for i := range timeBytes {
		n = n<<8 | int64(s[i])
	}
	return n
}

func (v *version) unpack(p packed) value {
	return value{text: p.text, at: p.at.ms(), by: v.crew[p.by], older: v.older(p.prop), prop: p.prop}
}

func (v *version) older(prop uint16) []past {
	for i := range v.past {
		if v.past[i].prop == prop {
			return v.past[i].older
		}
	}
	return nil
}

// all goes through the values in the order of their properties.
func (v *version) all() iter.Seq[value] {
	return func(yield func(value) bool) {
		for rest := v.values; len(rest) > 0; {
			var p packed
			if p, rest = rest.cut(); !yield(v.unpack(p)) {
				return
			}
		}
	}
}

// lookUp finds a value where it lies.
func (v *version) lookUp(prop uint16) (packed, bool) {
	for rest := v.values; len(rest) > 0; {
		var p packed
		p, rest = rest.cut()
		if p.prop >= prop {
			return p, p.prop == prop
		}
	}
	return packed{}, false
}

// find gives a value with its time, author and history.
func (v *version) find(prop uint16) (value, bool) {
	p, ok := v.lookUp(prop)
	if !ok {
		return value{}, false
	}
	return v.unpack(p), true
}

// text gives a value alone, empty when there is none.
func (v *version) text(prop uint16) string {
	p, ok := v.lookUp(prop)
	if !ok {
		return ""
	}
	return p.text
}
