package engine

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// consents is what a batch knows of the opt-outs of its people.
type consents struct {
	voices map[string]*voice // by address
	stored map[string]core.Consent
	asked  time.Time // when HubSpot was first asked for the batch
	ticks  map[core.Ref]store.OptOutTick
	of     map[core.Ref]map[string]bool // whose tick each ticked box is, where that is known
	// inherited are the ticks of contacts' boxes that a conversion ticked, as their leads
	// had them; looked are the boxes whose leads were asked for.
	inherited map[core.Ref]store.OptOutTick
	heirOf    map[core.Ref]core.Ref // the lead whose tick it was
	looked    map[core.Ref]bool
	// beside are the boxes that were found to stand for another connection of the org alone;
	// held are those that another one has to stay ticked, of the boxes that were to be cleared.
	beside, held map[core.Ref]bool
	// kept are the records for which one of the batch was given up, by the latter.
	kept map[core.Ref]*core.Record
	// converted are the contacts that a conversion made of the lead whose place they took.
	converted map[core.Ref]bool
	status    map[string]core.ConsentStatus
	unread    *connector.Error // why the statuses could not be read
	answers   map[string]policy.ConsentAnswer
}

// voice is everybody who has one address.
type voice struct {
	address string
	it      *item // the first of the batch that has it
	boxes   map[core.Ref]*core.Record
	gone    map[core.Ref]bool // those of them that nobody can write any more
	contact *core.Record      // HubSpot's
	// ask says that HubSpot is to be asked: the contact that had the address is gone from it.
	ask bool
	// further is the HubSpot contact that has it beside its first one.
	further *core.Record
	// comes says that a HubSpot contact with the address is about to be made.
	comes bool
	// writes says that a box of it is on a record that is about to be written.
	writes bool
	// was are the other addresses of the same person whose opt-out is this one's: the one that it
	// replaces on a HubSpot contact which meets its partner, where nobody changed an address, or
	// on a record of Salesforce, and those that merges brought together.
	was []*voice
}

// consent decides what the opt-outs of a batch of people ask for, outside the mapped
// fields: it reads what the records do not show, stores what was learnt ahead of any
// call, and adds the writes.
func (e *Engine) consent(ctx context.Context, b *batch) error {
	if b.pair != core.ContactPair || !b.conn.SyncsPeople() {
		return nil
	}
	b.consents = &consents{voices: map[string]*voice{}, status: map[string]core.ConsentStatus{}, answers: map[string]policy.ConsentAnswer{},
		inherited: map[core.Ref]store.OptOutTick{}, heirOf: map[core.Ref]core.Ref{}, looked: map[core.Ref]bool{}, beside: map[core.Ref]bool{}}
	if err := e.loadConverted(ctx, b); err != nil {
		return err
	}
	if err := e.loadKept(ctx, b); err != nil {
		return err
	}
	for _, it := range b.items {
		b.hear(it)
	}
	b.hearOthers()
	err := e.loadConsents(ctx, b)
	open := b.unsettled()
	if err != nil || len(open) == 0 {
		return err
	}
	ctx = connector.WithPriority(ctx, room.PriorityOf(b.reasons()))
	if err := e.readVoices(ctx, b, open); err != nil {
		return err
	}
	if err := e.askConsents(ctx, b, open); err != nil {
		return err
	}
	b.answerConsents(open)
	if open, err = e.askBeforeClear(ctx, b, open); err != nil {
		return err
	}
	if err := e.askBeside(ctx, b, open); err != nil {
		return err
	}
	b.addConsentOps(open)
	if b.dry {
		return nil
	}
	for _, v := range open {
		b.awaitProperty(v)
	}
	return e.Update(ctx, func(tx *store.Tx) error {
		if err := b.saveConsents(tx); err != nil {
			return err
		}
		return b.noteTicks(tx)
	})
}

// answerConsents decides about each address, and then once more about those that take
// the place of one that is opted out.
func (b *batch) answerConsents(open []*voice) {
	for _, v := range open {
		b.consents.answers[v.address] = policy.Consent(b.consentFacts(v))
	}
	for range open { // the opt-out of one may be another's, and that one's a third's
		if !b.answerKin(open) {
			return
		}
	}
}

// answerKin decides about the addresses that are not opted out and take the opt-out of
// another one, and reports whether there were any.
func (b *batch) answerKin(open []*voice) (some bool) {
	for _, v := range open {
		if b.consents.after(v.address).State == core.OptedOut {
			continue
		}
		for _, was := range v.was {
			if b.consents.after(was.address).State != core.OptedOut || b.cameBackSince(v, was) {
				continue
			}
			f := b.consentFacts(v)
			f.Replaces, some = b.consents.after(was.address), true
			b.consents.answers[v.address] = policy.Consent(f)
			break
		}
	}
	return some
}

// everywhere says that opt-outs pass for every known pair and address, whatever the
// lists and filters say (LIM-12); otherwise once the pair syncs (OPT-4).
func (c *Conn) everywhere() bool { return c.Settings.Profile != config.Classic }

// hear notes the addresses of an item and who has them.
func (b *batch) hear(it *item) {
	b.hearGone(it)
	if !b.conn.everywhere() && it.results == nil {
		return
	}
	sf, hs := it.person(core.Salesforce), it.person(core.HubSpot)
	for _, rec := range []*core.Record{sf, hs} {
		if rec == nil || conn.EmailOf(rec) == "" {
			continue
		}
		v := b.voice(conn.EmailOf(rec), it)
		v.comes = v.comes || it.creates(core.HubSpot)
		v.writes = v.writes || it.ops[core.Salesforce] != nil
		if sf != nil && (rec == sf || !b.strange(it)) {
			v.boxes[sf.Ref] = sf
		}
		if rec == hs {
			v.contact = hs
		}
	}
	b.hearFurther(it, hs)
	b.hearMeeting(it, sf, hs)
	b.hearRenamed(it, sf)
}

// hearFurther notes the further addresses of a HubSpot contact. Consent belongs to an
// address, whichever contact has it, and what becomes of these is shown by no property.
func (b *batch) hearFurther(it *item, hs *core.Record) {
	if hs == nil {
		return
	}
	for _, address := range conn.FurtherEmails(hs) {
		b.voice(address, it).further = hs
	}
}

// hearMeeting notes that a HubSpot contact is about to be given another address, and which
// one it had where nobody changed an address.
func (b *batch) hearMeeting(it *item, sf, hs *core.Record) {
	if sf == nil || hs == nil || it.ops[core.HubSpot] == nil {
		return
	}
	address := core.FoldAddress(it.ops[core.HubSpot].Fields[conn.AddressField[core.HubSpot]])
	if address == "" || address == conn.EmailOf(hs) || b.consents.voices[address] == nil {
		return
	}
	v := b.consents.voices[address]
	v.comes = true
	if first, entrant := b.meets(it); (first || entrant && !b.consents.converted[sf.Ref]) && conn.EmailOf(hs) != "" {
		v.takes(b.voice(conn.EmailOf(hs), it))
	}
}

// hearRenamed notes the address that a record of Salesforce is about to be given: its box
// goes with it, also where this very write ticks it for the address that it had.
func (b *batch) hearRenamed(it *item, sf *core.Record) {
	if sf == nil || !b.conn.everywhere() || conn.EmailOf(sf) == "" {
		return
	}
	was := conn.EmailOf(sf)
	if v := b.consents.voices[it.addressAfter(core.Salesforce, was)]; v != nil && len(v.was) == 0 && v.address != was {
		v.takes(b.voice(was, it))
	}
}

// meets reports what brings the two addresses of an item together where nobody changed one:
// its records have not met before, or that of Salesforce took the place of another.
func (b *batch) meets(it *item) (first, entrant bool) {
	if it.results == nil {
		return false, false
	}
	for i, f := range b.mapping(it).Synced() {
		if f.Names[core.HubSpot] == conn.AddressField[core.HubSpot] {
			return it.results[i].Case == core.FirstMeetingDiffer, it.inputs[i].Heir[core.Salesforce]
		}
	}
	return false, false
}

// hearOthers notes people outside the batch that were read because they have one of the
// addresses.
func (b *batch) hearOthers() {
	if !b.conn.everywhere() {
		return
	}
	for _, r := range b.folk.sorted() {
		rec := b.folk.recs[r]
		v := b.consents.voices[conn.EmailOf(rec)]
		switch {
		case v == nil:
		case r.Side == core.HubSpot && v.contact == nil:
			v.contact = rec
		case r.Side == core.Salesforce && v.boxes[r] == nil && conn.ConvertedTo(rec) == "":
			v.boxes[r] = rec
		}
	}
}

// person is the item's live record of a side; a converted lead can never be written.
func (it *item) person(side core.Side) *core.Record {
	if !it.live(side) || conn.ConvertedTo(it.recs[side]) != "" {
		return nil
	}
	return it.recs[side]
}

// creates reports that the item makes a record on a side.
func (it *item) creates(side core.Side) bool {
	return it.ops[side] != nil && it.ops[side].Kind == core.OpCreate
}

func (b *batch) voice(address string, it *item) *voice {
	v := b.consents.voices[address]
	if v == nil {
		v = &voice{address: address, it: it, boxes: map[core.Ref]*core.Record{}}
		b.consents.voices[address] = v
	}
	return v
}

func (e *Engine) loadConsents(ctx context.Context, b *batch) error {
	err := e.View(ctx, func(tx *store.Tx) (err error) {
		if b.consents.stored, err = tx.Consents(b.conn.ID, room.SortedKeys(b.consents.voices)); err != nil {
			return err
		}
		return b.loadTicks(tx)
	})
	if err != nil {
		return err
	}
	return e.inheritTicks(ctx, b)
}

func ticked(rec *core.Record) bool { return rec.Values[conn.OptOutField[core.Salesforce]] == "true" }

func (v *voice) hint() bool {
	return v.contact != nil && v.contact.Values[conn.OptOutField[core.HubSpot]] == "true"
}

// inHubSpot reports that HubSpot is to know what the address says.
func (v *voice) inHubSpot(stored core.Consent) bool {
	return v.contact != nil || v.further != nil || v.comes || !stored.Known.IsZero()
}

// unsettled are the voices about whom something may be to do, by address.
func (b *batch) unsettled() (out []*voice) {
	for _, address := range room.SortedKeys(b.consents.voices) {
		if v := b.consents.voices[address]; !b.settledConsent(v) {
			out = append(out, v)
		}
	}
	return out
}

// settledConsent reports that all that speak for an address say what is stored.
func (b *batch) settledConsent(v *voice) bool {
	if v.further != nil {
		return false // nobody announces it: it is asked
	}
	stored := b.consents.stored[v.address]
	some, all := false, true
	for r, rec := range v.boxes {
		some = some || ticked(rec) && !b.consents.other(r, v.address)
		all = all && (ticked(rec) || v.gone[r])
	}
	if stored.State != core.OptedOut {
		return !v.ask && !some && !v.hint() && !slices.ContainsFunc(v.was, func(was *voice) bool {
			return was.ask || was.hint() || b.consents.stored[was.address].State == core.OptedOut
		})
	}
	told := !v.inHubSpot(stored) || !stored.Known.IsZero() && (v.contact == nil || v.hint())
	return told && all && !v.it.creates(core.Salesforce) && !(some && v.writes)
}

// readVoices reads the leads and contacts of Salesforce that have the addresses, synced
// or not: each has a box of its own.
func (e *Engine) readVoices(ctx context.Context, b *batch, open []*voice) error {
	if !b.conn.everywhere() {
		return nil
	}
	var addresses []string
	for _, v := range open {
		addresses = append(addresses, v.address)
	}
	for _, object := range core.StandardPairs.Objects(core.ContactPair)[core.Salesforce] {
		if _, visible := b.conn.Schemas[core.Salesforce][object]; !visible {
			continue
		}
		q := connector.Query{Object: object, By: conn.AddressField[core.Salesforce], Values: addresses, Fields: b.conn.ReadFields(core.Salesforce, object)}
		recs, err := b.conn.Sides[core.Salesforce].Read(ctx, q)
		if err != nil {
			return err
		}
		for i := range recs {
			v := b.consents.voices[conn.EmailOf(&recs[i])]
			if v != nil && recs[i].Presence == core.Live && conn.ConvertedTo(&recs[i]) == "" && v.boxes[recs[i].Ref] == nil {
				v.boxes[recs[i].Ref] = &recs[i]
			}
		}
	}
	err := e.View(ctx, func(tx *store.Tx) error { return b.loadTicks(tx) })
	if err != nil {
		return err
	}
	return e.inheritTicks(ctx, b)
}

// askConsents asks HubSpot about the addresses whose opt-out it showed or knew before.
// The first word of Salesforce needs no asking: it only tightens.
func (e *Engine) askConsents(ctx context.Context, b *batch, open []*voice) error {
	var ask []string
	for _, v := range open {
		if v.ask || v.hint() || v.further != nil || b.consents.stored[v.address].State != "" {
			ask = append(ask, v.address)
		}
	}
	return e.askAddresses(ctx, b, ask)
}

func (e *Engine) askAddresses(ctx context.Context, b *batch, ask []string) error {
	keeper, ok := b.conn.Sides[core.HubSpot].(connector.ConsentKeeper)
	if len(ask) == 0 || !ok {
		return nil
	}
	if b.consents.asked.IsZero() {
		b.consents.asked = e.Now()
	}
	said, err := keeper.Consents(ctx, ask)
	var ce *connector.Error
	if errors.As(err, &ce) && ce.Class == core.ClassRejected {
		b.consents.unread = ce
		return nil
	}
	maps.Copy(b.consents.status, said)
	return err
}

func (b *batch) consentFacts(v *voice) policy.ConsentFacts {
	f := policy.ConsentFacts{Address: v.address, Stored: b.consents.stored[v.address], Hint: v.hint()}
	f.InHubSpot = v.inHubSpot(f.Stored)
	if hs := cmp.Or(v.contact, v.further); hs != nil {
		f.Contact = hs.Ref
	}
	if s, asked := b.consents.status[v.address]; asked {
		f.Status = &s
	}
	refs := slices.Collect(maps.Keys(v.boxes))
	slices.SortFunc(refs, core.Ref.Compare)
	for _, r := range refs {
		_, shown := v.boxes[r].Get(conn.OptOutField[core.Salesforce])
		f.Boxes = append(f.Boxes, policy.OptOutBox{Ref: r, Ticked: ticked(v.boxes[r]), Shown: shown, Until: b.tickedUntil(v.boxes[r]), Gone: v.gone[r],
			Held: b.consents.held[r], Beside: b.consents.ticks[r].IsBeside(), Other: b.consents.other(r, v.address)})
	}
	return f
}

// tickedUntil is the latest moment, in HubSpot's clock, at which a record can have got
// the values it shows: its stamp has whole seconds, and two clocks are compared.
func (b *batch) tickedUntil(rec *core.Record) time.Time {
	c := b.conn
	return rec.Stamp.Add(c.Sides[core.Salesforce].Caps().StampUnit + conn.ClockDoubt - c.Offsets[core.Salesforce] + c.Offsets[core.HubSpot])
}

// propertyLag is how long the opt-out property of a contact may stay behind its address
// before the address is asked again.
const propertyLag = 10 * time.Minute

// awaitProperty looks again, ever later, until the contact shows that its address is
// opted out: somebody who comes back before it does is announced by nobody. Nor is what
// becomes of a contact's further addresses.
func (b *batch) awaitProperty(v *voice) {
	if b.consents.answers[v.address].Next.State == core.OptedOut && v.contact != nil && !v.hint() {
		b.hearAgain(v.it, v.contact.Ref, propertyLag<<min(v.it.tries(), 7))
	}
	if slices.ContainsFunc(slices.Collect(maps.Keys(v.boxes)), b.keptBeside) {
		b.hearAgain(v.it, v.it.ref(), propertyLag<<min(v.it.tries(), 7)) // the other connection may have heard the same at the same time
	}
	if v.further != nil && len(v.boxes) > 0 {
		b.hearAgain(v.it, v.further.Ref, furtherLook)
	}
}

// hearAgain asks for another look at who has an address. What an undo puts back is done with
// this one: the next look is no part of it, else the undo decides whatever comes to the record
// until then.
func (b *batch) hearAgain(it *item, who core.Ref, wait time.Duration) {
	if it.undo == nil {
		it.later(b.at.Add(wait))
		return
	}
	it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, []core.Ref{who}, core.ReasonRetry, 0, b.at.Add(wait))...)
}

// furtherLook is how often an address that somebody of Salesforce has is asked that is not
// the first one of its HubSpot contact.
const furtherLook = 24 * time.Hour

// saveConsents stores what was decided, ahead of the calls that follow from it: a stop
// between them loses no opt-out. Who was erased on request stays unnamed.
func (b *batch) saveConsents(tx *store.Tx) error {
	cs, conn := b.consents, b.conn.ID
	changed := map[string]core.Consent{}
	var gone []string
	for address, a := range cs.answers {
		switch {
		case a.Next == cs.stored[address]:
		case a.Next.State == "":
			gone = append(gone, address)
		default:
			if !b.folk.erased[address].IsZero() {
				a.Next.Address = ""
			}
			changed[address] = a.Next
		}
	}
	if len(gone) > 0 {
		slices.Sort(gone)
		if err := tx.ConsentDrop(conn, gone...); err != nil {
			return err
		}
	}
	return tx.ConsentPut(conn, changed)
}
