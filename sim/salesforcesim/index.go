package salesforcesim

import (
	"hash/maphash"
	"slices"
)

// slotIndex leads from texts to the rows that hold them. It keeps hashes of the
// texts only, so a look-up gives candidates, and who asks compares the texts.
type slotIndex struct {
	seed maphash.Seed
	one  map[uint64]int32   // where one row has the hash
	many map[uint64][]int32 // where several have it; slots rise
}

func newSlotIndex() *slotIndex {
	return &slotIndex{seed: maphash.MakeSeed(), one: map[uint64]int32{}, many: map[uint64][]int32{}}
}

// candidates lists the slots whose text may be this one, in rising order.
func (x *slotIndex) candidates(text string) []int32 {
	if x == nil || text == "" {
		return nil
	}
	h := maphash.String(x.seed, text)
	if slot, ok := x.one[h]; ok {
		return []int32{slot}
	}
	return x.many[h]
}

// count is how many rows may have the text.
func (x *slotIndex) count(text string) int {
	if x == nil || text == "" {
		return 0
	}
	h := maphash.String(x.seed, text)
	if _, ok := x.one[h]; ok {
		return 1
	}
	return len(x.many[h])
}

func (x *slotIndex) add(text string, slot int32) {
	h := maphash.String(x.seed, text)
	slots, several := x.many[h]
	if first, ok := x.one[h]; ok {
		slots = []int32{first}
	} else if !several {
		x.one[h] = slot
		return
	}
	at, have := slices.BinarySearch(slots, slot)
	if have {
		return
	}
	delete(x.one, h)
	x.many[h] = slices.Insert(slots, at, slot)
}

func (x *slotIndex) remove(text string, slot int32) {
	h := maphash.String(x.seed, text)
	if only, ok := x.one[h]; ok && only == slot {
		delete(x.one, h)
		return
	}
	slots := x.many[h]
	at, have := slices.BinarySearch(slots, slot)
	switch {
	case !have:
	case len(slots) == 2:
		x.one[h] = slots[1-at]
		delete(x.many, h)
	default:
		x.many[h] = slices.Delete(slots, at, at+1)
	}
}
