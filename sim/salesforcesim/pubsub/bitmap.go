package pubsub

import (
	"fmt"
	"slices"
)

// fieldSet collects fields of a schema: bits over the top-level fields, and bits over the parts of each compound.
type fieldSet struct {
	top   []int // Avro indexes
	parts map[int][]int
}

func (s *fieldSet) add(schema *eventSchema, p place) {
	index := schema.avroIndex(p.top)
	if p.part < 0 {
		s.top = append(s.top, index)
		return
	}
	if s.parts == nil {
		s.parts = map[int][]int{}
	}
	s.parts[index] = append(s.parts[index], p.part)
}

// bitmaps renders the set as the header's field lists hold it: first the top-level bitmap, then one "parent-bitmap" for each
// compound of which parts are set (Pub/Sub API guide, "Event Deserialization Considerations").
func (s *fieldSet) bitmaps() []string {
	var all []string
	if len(s.top) > 0 {
		all = append(all, bitmap(s.top))
	}
	var parents []int
	for parent := range s.parts {
		parents = append(parents, parent)
	}
	slices.Sort(parents)
	for _, parent := range parents {
		all = append(all, fmt.Sprintf("%d-%s", parent, bitmap(s.parts[parent])))
	}
	return all
}

// bitmap is the big-endian hexadecimal form of a set of bits, in as few whole bytes as will do.
func bitmap(bits []int) string {
	bytes := make([]byte, slices.Max(bits)/8+1)
	for _, bit := range bits {
		bytes[len(bytes)-1-bit/8] |= 1 << (bit % 8)
	}
	return fmt.Sprintf("0x%X", bytes)
}
