package pubsub

import "time"

// EventInfo is what a fault decides on.
type EventInfo struct {
	Topic       string // the event's own topic, /data/AccountChangeEvent
	Entity      string
	IDs         []string
	Type        ChangeType
	Transaction string
}

// Verdict says what goes wrong with one event; the zero Verdict is nothing.
type Verdict struct {
	Drop     bool // it never appears
	Gap      bool // it becomes a gap event of its kind
	Copies   int  // it appears that many times more, each with a replay id of its own
	HoldBack int  // it appears only after that many later events have
	Cut      bool // every stream that has delivered it breaks with UNAVAILABLE
}

// SetFault installs the function that spoils events as they are published; nil ends it and releases what is held back.
func (b *Bus) SetFault(f func(EventInfo) Verdict) {}

// Disconnect breaks every open stream with UNAVAILABLE.
func (b *Bus) Disconnect() {}

// Expire forgets the events committed before t, as if retention had passed.
func (b *Bus) Expire(t time.Time) {}
