package pubsub

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
	Overflow bool // it becomes an overflow event of its entity, as after a transaction that changed too much
	Copies   int  // it appears that many times more, each with a replay id of its own
	HoldBack int  // it appears only after that many later events have
	Cut      bool // every stream that is open when it is published breaks with UNAVAILABLE after delivering it
}

// SetFault installs the function that spoils events as they are published; nil ends it and releases what is held back. The
// function runs on the publisher's goroutine and must not call the bus.
func (b *Bus) SetFault(f func(EventInfo) Verdict) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault = f
	if f == nil {
		b.releaseAll()
		b.wake()
	}
}

// heldEvent waits until so many later events have been appended.
type heldEvent struct {
	wait  int
	event *stored
}

// draft is an event on its way into the log.
type draft struct {
	event *stored
	info  EventInfo
	gap   func(ChangeType) []byte // the payload of the gap event of a type that may take its place
}

// appendAll puts events into the log, spoiled as the fault says.
func (b *Bus) appendAll(drafts []draft) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forgetOld()
	for _, d := range drafts {
		b.appendSpoiled(d)
	}
	b.wake()
}

func (b *Bus) appendSpoiled(d draft) {
	var v Verdict
	if b.fault != nil {
		v = b.fault(d.info)
	}
	switch {
	case d.info.Type >= GapCreate || d.gap == nil:
	case v.Overflow:
		d.event.payload = d.gap(GapOverflow)
	case v.Gap:
		d.event.payload = d.gap(d.info.Type + GapCreate)
	}
	switch {
	case v.Drop:
	case v.HoldBack > 0:
		b.held = append(b.held, heldEvent{wait: v.HoldBack, event: d.event})
	default:
		for range 1 + v.Copies {
			b.appendOne(d.event, v.Cut)
		}
		b.releaseDue()
	}
}

// appendOne gives the event its place and, the first time, its id; a copy has the same id.
func (b *Bus) appendOne(e *stored, cut bool) uint64 {
	if e.id == "" {
		e.id = b.uuid()
	}
	return b.log.append(entry{at: b.opt.Now(), event: e, cut: cut}, b.random.Uint64N(maxGap))
}

// releaseDue counts one more event and appends those that have waited long enough.
func (b *Bus) releaseDue() {
	keep := b.held[:0]
	for _, h := range b.held {
		if h.wait--; h.wait > 0 {
			keep = append(keep, h)
			continue
		}
		b.appendOne(h.event, false)
	}
	b.held = keep
}

func (b *Bus) releaseAll() {
	for _, h := range b.held {
		b.appendOne(h.event, false)
	}
	b.held = nil
}

// wake tells every subscriber that there may be something new; the caller holds mu.
func (b *Bus) wake() {
	close(b.changed)
	b.changed = make(chan struct{})
}
