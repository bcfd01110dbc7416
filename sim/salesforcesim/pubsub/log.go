package pubsub

import (
	"encoding/binary"
	"hash/fnv"
	"slices"
	"sort"
	"time"
)

// stored is one event as it is kept: its bytes exist once, however many topics show it.
type stored struct {
	id       string // of the event, a UUID
	entity   string
	schemaID string
	payload  []byte
}

// entry is a place in the log. A place without an event only keeps a quiet stream's position valid.
type entry struct {
	serial uint64
	at     time.Time // when it was appended, by the org's clock
	event  *stored
	cut    bool // streams break after it
}

// log is the org's events in order. All topics are views of it.
type log struct {
	entries []entry
	serial  uint64
}

// firstSerial begins the replay ids of every org away from zero.
const firstSerial = 1_000_000

func (l *log) append(e entry, gap uint64) uint64 {
	l.serial += 1 + gap
	e.serial = l.serial
	l.entries = append(l.entries, e)
	return e.serial
}

// after is the index of the first entry beyond a serial.
func (l *log) after(serial uint64) int {
	return sort.Search(len(l.entries), func(i int) bool { return l.entries[i].serial > serial })
}

func (l *log) has(serial uint64) bool {
	i := l.after(serial)
	return i > 0 && l.entries[i-1].serial == serial
}

// forget drops what was appended before t. The memory is given back when half of it is free.
func (l *log) forget(t time.Time) {
	n := 0
	for n < len(l.entries) && l.entries[n].at.Before(t) {
		n++
	}
	clear(l.entries[:n])
	l.entries = l.entries[n:]
	if cap(l.entries) > 2*len(l.entries)+64 || n > len(l.entries) {
		l.entries = slices.Clone(l.entries)
	}
}

func (l *log) newest() (entry, bool) {
	if len(l.entries) == 0 {
		return entry{}, false
	}
	return l.entries[len(l.entries)-1], true
}

// A replay id is eight bytes, big endian: the serial above a tag of 16 bits that belongs to one topic of one org, so that an id
// from elsewhere is told apart. It stays below 2^53, because clients decode it into a double.
const tagBits = 16

func tagOf(orgID, topic string) uint16 {
	h := fnv.New32a()
	h.Write([]byte(orgID + "\x00" + topic))
	sum := h.Sum32()
	return uint16(sum>>16) ^ uint16(sum)
}

func replayID(serial uint64, tag uint16) []byte {
	return binary.BigEndian.AppendUint64(nil, serial<<tagBits|uint64(tag))
}

func splitReplayID(id []byte) (serial uint64, tag uint16) {
	n := binary.BigEndian.Uint64(id)
	return n >> tagBits, uint16(n)
}
