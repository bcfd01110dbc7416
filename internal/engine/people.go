package engine

import (
	"cmp"
	"context"
	"slices"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// people are the persons around the unlinked companies and accounts of a batch:
// company identity comes from them (DEDUP-7), so they are read and matched
// before any company is decided.
type people struct {
	recs    map[core.Ref]*core.Record
	partner map[core.Ref]core.Ref // both ways, by stored and by proposed links
	links   map[core.Ref]*core.Link
	// held are those who are the same as somebody and stay away from each other: companies
	// are matched by them, and nothing of them is stored or written.
	held map[core.Ref]*core.Link
	// met are the rules by which couples met whose first writes are under way.
	met map[[2]core.Ref]string
	past
	// erased are the addresses of people erased on request, with since when.
	erased map[string]time.Time
	// called is the roll of recs, nil where somebody has joined since.
	called *roll
}

func newPeople() *people {
	return &people{recs: map[core.Ref]*core.Record{}, partner: map[core.Ref]core.Ref{}, links: map[core.Ref]*core.Link{}, held: map[core.Ref]*core.Link{}, erased: map[string]time.Time{}}
}

// readPeople reads the persons of every unlinked account and company and links
// those that share an e-mail address.
func (e *Engine) readPeople(ctx context.Context, b *batch) error {
	b.folk = newPeople()
	if err := e.readContactsOf(ctx, b, b.unlinked(core.Salesforce)); err != nil {
		return err
	}
	if err := e.personsOfCompanies(ctx, b); err != nil {
		return err
	}
	if len(b.folk.recs) == 0 {
		return nil
	}
	if err := e.linkedPersons(ctx, b); err != nil {
		return err
	}
	if err := e.matchPersons(ctx, b); err != nil {
		return err
	}
	return e.readHubSpotPersons(ctx, b, "", b.folk.inherit())
}

// inherit gives contacts without a partner that of the lead they were converted from,
// whose link is about to move (CON-5): the account of the conversion is known by them. It
// returns the partners' ids.
func (p *people) inherit() (ids []string) {
	for _, r := range p.sorted() {
		contact := core.Ref{Side: core.Salesforce, Object: core.Contact, ID: conn.ConvertedTo(p.recs[r])}
		l := p.links[r]
		if contact.ID == "" || l == nil || l.State != core.LinkActive || p.recs[contact] == nil || p.taken(contact) {
			continue
		}
		p.partner[contact] = l.Refs[core.HubSpot]
		ids = append(ids, l.Refs[core.HubSpot].ID)
	}
	return ids
}

// readContactsOf reads the contacts of accounts.
func (e *Engine) readContactsOf(ctx context.Context, b *batch, accounts []string) error {
	if _, visible := b.conn.Schemas[core.Salesforce][core.Contact]; len(accounts) == 0 || !visible {
		return nil
	}
	q := connector.Query{Object: core.Contact, By: "AccountId", Values: accounts, Fields: b.conn.ReadFields(core.Salesforce, core.Contact)}
	return b.folk.add(b.conn.Sides[core.Salesforce].Read(ctx, q))
}

func (e *Engine) personsOfCompanies(ctx context.Context, b *batch) error {
	var ids []string
	for _, it := range b.items {
		if it.unlinkedLive(core.HubSpot) {
			for _, r := range it.recs[core.HubSpot].Related[core.Contacts] {
				ids = append(ids, r.ID)
			}
		}
	}
	return e.readHubSpotPersons(ctx, b, "", ids)
}

// readHubSpotPersons reads contacts by id, or by e-mail address, but for those that
// the batch has read.
func (e *Engine) readHubSpotPersons(ctx context.Context, b *batch, by string, values []string) error {
	values = b.folk.unread(by, values)
	if _, visible := b.conn.Schemas[core.HubSpot][core.Contacts]; len(values) == 0 || !visible {
		return nil
	}
	q := connector.Query{Object: core.Contacts, By: by, Values: values, Fields: b.conn.ReadFields(core.HubSpot, core.Contacts), Related: []core.Object{core.Companies}}
	return b.folk.add(b.conn.Sides[core.HubSpot].Read(ctx, q))
}

// unread are the values, sorted and each once, that no HubSpot contact read so far
// has as its id or, with by, as its e-mail address: an address is one contact's.
func (p *people) unread(by string, values []string) []string {
	known := map[string]bool{}
	for r, rec := range p.recs {
		switch {
		case r.Side != core.HubSpot:
		case by == "":
			known[r.ID] = true
		default:
			known[conn.EmailOf(rec)] = true
		}
	}
	values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return known[v] })
	slices.Sort(values)
	return slices.Compact(values)
}

// add takes the live records of a read.
func (p *people) add(recs []core.Record, err error) error {
	for i := range recs {
		if recs[i].Presence == core.Live {
			p.put(&recs[i])
		}
	}
	return err
}

// linkedPersons reads the partners of persons that are linked already.
func (e *Engine) linkedPersons(ctx context.Context, b *batch) error {
	if err := e.loadPersonLinks(ctx, b); err != nil {
		return err
	}
	missing := map[core.Object][]string{}
	for r := range b.folk.recs {
		if p, ok := b.folk.partner[r]; ok && b.folk.recs[p] == nil {
			missing[p.Object] = append(missing[p.Object], p.ID)
		}
	}
	return e.readPersons(ctx, b, missing)
}

// readPersons reads people of both sides by id.
func (e *Engine) readPersons(ctx context.Context, b *batch, ids map[core.Object][]string) error {
	for _, o := range []core.Object{core.Contact, core.Lead} {
		if of := ids[o]; len(of) > 0 {
			slices.Sort(of)
			q := connector.Query{Object: o, Values: slices.Compact(of), Fields: b.conn.ReadFields(core.Salesforce, o)}
			if err := b.folk.add(b.conn.Sides[core.Salesforce].Read(ctx, q)); err != nil {
				return err
			}
		}
	}
	return e.readHubSpotPersons(ctx, b, "", ids[core.Contacts])
}

func (e *Engine) loadPersonLinks(ctx context.Context, b *batch) error {
	refs := sortedRefs(b.folk.recs)
	former := b.formerSelves()
	return e.View(ctx, func(tx *store.Tx) error {
		links, err := tx.LinksOf(b.conn.ID, refs)
		if err != nil {
			return err
		}
		for r, l := range links {
			b.folk.links[r] = l
			if l.State == core.LinkActive {
				b.folk.join(l)
			}
		}
		if err := awaitLinks(tx, b.conn.ID, refs, b.folk.recs, b.folk.links); err != nil {
			return err
		}
		return b.folk.remember(tx, b.conn.ID, refs, former)
	})
}

func (p *people) join(l *core.Link) {
	p.partner[l.Refs[0]], p.partner[l.Refs[1]] = l.Refs[1], l.Refs[0]
}

// matchPersons finds partners for persons without a link, on both sides, and proposes
// links where policy says so: key by key in the order of the settings.
func (e *Engine) matchPersons(ctx context.Context, b *batch) error {
	emails, err := e.barErased(ctx, b, slices.Concat(b.folk.unlinkedEmails(), b.doomedAddresses()))
	if err != nil {
		return err
	}
	if err := e.readNamesakes(ctx, b, emails); err != nil {
		return err
	}
	if b.conn.SyncsPeople() {
		if err := e.readStoredPersons(ctx, b, emails); err != nil {
			return err
		}
		if err := e.loadMeetings(ctx, b); err != nil {
			return err
		}
	}
	k, err := e.readKin(ctx, b, core.ContactPair, b.folk.strangers())
	for _, key := range b.conn.personKeys() {
		if err != nil {
			return err
		}
		switch key {
		case policy.KeyID:
			b.proposeStored()
		case policy.KeyEmail:
			for _, email := range emails {
				b.proposePerson(email, b.folk.named(email), "")
			}
			for _, email := range emails {
				b.proposePerson(email, b.folk.having(email), ruleKnownAddress)
			}
		default:
			err = e.proposeKeyed(ctx, b, k, key)
		}
	}
	return err
}

// readNamesakes reads everybody of either side who has one of the addresses, and in the
// same question the leads that contacts of the batch were converted from.
func (e *Engine) readNamesakes(ctx context.Context, b *batch, emails []string) error {
	fresh := b.freshContacts()
	if len(emails) == 0 && len(fresh) == 0 {
		return nil
	}
	var questions []connector.Query
	for _, o := range []core.Object{core.Contact, core.Lead} {
		if _, visible := b.conn.Schemas[core.Salesforce][o]; !visible {
			continue
		}
		q := connector.Query{Object: o, By: "Email", Values: emails, Fields: b.conn.ReadFields(core.Salesforce, o)}
		if o == core.Lead && len(fresh) > 0 {
			q.Or = []connector.Match{{By: "ConvertedContactId", Values: fresh}}
		}
		questions = append(questions, q)
	}
	answers, err := readEach(ctx, b.conn.Sides[core.Salesforce], questions)
	if err != nil {
		return err
	}
	for _, recs := range answers {
		if err := b.folk.add(b.sortLeads(recs, emails), nil); err != nil {
			return err
		}
	}
	if err := e.readHubSpotPersons(ctx, b, "email", emails); err != nil {
		return err
	}
	return e.loadPersonLinks(ctx, b)
}

// readEach asks a side several questions, where nobody waits for the answers by as few
// calls as that takes.
func readEach(ctx context.Context, side connector.Connector, questions []connector.Query) (out [][]core.Record, err error) {
	if asker, ok := side.(connector.Asker); ok && connector.PriorityOf(ctx) != connector.Live {
		return asker.ReadEach(ctx, questions)
	}
	for _, q := range questions {
		recs, err := side.Read(ctx, q)
		if err != nil {
			return nil, err
		}
		out = append(out, recs)
	}
	return out, nil
}

// proposePerson links the one HubSpot contact among those who have an address with the
// Salesforce person that policy picks, by a rule or, where that is blank, by policy's.
func (b *batch) proposePerson(email string, who []core.Ref, rule string) {
	var hs *core.Record
	var cands []policy.PersonCandidate
	for _, r := range who {
		rec := b.folk.recs[r]
		if b.folk.taken(r) || b.doubted(r) || b.leavesOut(rec) {
			continue
		}
		if r.Side == core.HubSpot {
			hs = rec
			continue
		}
		cands = append(cands, personCandidate(rec))
	}
	if hs == nil || len(cands) == 0 {
		return
	}
	pick, d := policy.LinkPerson(email, cands)
	if d.Outcome != policy.Link {
		return
	}
	b.propose(hs.Ref, pick.Ref, cmp.Or(rule, d.Rule))
}

func personCandidate(rec *core.Record) policy.PersonCandidate {
	converted, _ := rec.Get("IsConverted")
	return policy.PersonCandidate{Ref: rec.Ref, Created: rec.Created, Converted: converted == "true"}
}

// taken reports that a person has a link already, in any state but closed.
func (p *people) taken(r core.Ref) bool {
	l := p.links[r]
	return l != nil && l.State != core.LinkClosed
}

func (p *people) unlinkedEmails() []string {
	var out []string
	for r, rec := range p.recs {
		if p.taken(r) {
			continue
		}
		for _, email := range append(conn.FurtherEmails(rec), conn.EmailOf(rec)) {
			if email != "" {
				out = append(out, email)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// of are the HubSpot contacts of a company, as its own associations tell.
func (p *people) of(company *core.Record) []*core.Record {
	var out []*core.Record
	for _, rel := range company.Related[core.Contacts] {
		if rec := p.recs[core.Ref{Side: core.HubSpot, Object: core.Contacts, ID: rel.ID}]; rec != nil {
			out = append(out, rec)
		}
	}
	return out
}

// unlinked are the ids of a side's live records in the batch without a link.
func (b *batch) unlinked(side core.Side) []string {
	var out []string
	for _, it := range b.items {
		if it.unlinkedLive(side) {
			out = append(out, it.recs[side].Ref.ID)
		}
	}
	return out
}

func (it *item) unlinkedLive(side core.Side) bool {
	return it.from == side && it.live(side) && (it.link == nil || it.link.State == core.LinkClosed) && it.mergedAway().IsZero()
}

// holder is the person of the other side who has the same address and is linked
// with somebody else; nil for none.
func (p *people) holder(rec *core.Record) *core.Record {
	for _, r := range p.named(conn.EmailOf(rec)) {
		if r.Side != rec.Ref.Side && p.taken(r) {
			return p.recs[r]
		}
	}
	return nil
}

// decideInUse says of a person without a partner that the one with the same address
// belongs to somebody else: "Email already in use" (DEDUP-9); false where nobody
// has the address.
func (b *batch) decideInUse(it *item) bool {
	rec := it.recs[it.from]
	if rec == nil || !it.live(it.from) || conn.EmailOf(rec) == "" {
		return false
	}
	if in, _ := b.filter(rec); in == policy.NotMember {
		return false // it gets no partner anyway
	}
	holder := b.folk.holder(rec)
	if holder == nil || b.folk.held[holder.Ref] != nil && b.wouldStay(it) {
		return false
	}
	partner := b.folk.links[holder.Ref].Partner(holder.Ref.Side)
	because, tells, held := "the e-mail address belongs to a person who is linked with another record", "is linked with ", b.folk.held[holder.Ref] != nil
	if held {
		because, tells = "the e-mail address belongs to a person who goes with another record that was neither imported nor edited", "goes with "
	}
	d := policy.AddressInUse(holder.Ref, because)
	d.Facts["linked_with"] = partner.String()
	it.say(Blocked, d)
	i := b.inUse(rec, holder.Ref)
	if held {
		i.Mend = "import " + partner.Label() + " as well, give one of the two another address, or choose with tandem links link"
	}
	i.Candidates, i.Message = append(i.Candidates, partner), i.Message+", which "+tells+partner.Label()
	it.raise(i)
	it.marks = append(it.marks, b.parentMarks(it)...)
	return true
}

// wouldStay reports a person for whom nobody would be made, whoever has the address.
func (b *batch) wouldStay(it *item) bool {
	d := b.mayCreate(it)
	return d.Outcome != policy.Create && d.Rule != policy.RuleAddressInUse
}

// inUse is the issue of a record whose address belongs to somebody else (DEDUP-9).
func (b *batch) inUse(rec *core.Record, holder core.Ref) core.Issue {
	category, code, mend := policy.Categorize(core.HubSpot, core.ClassDuplicate, "CONTACT_EXISTS", "", nil)
	return core.Issue{Pair: b.pair, Category: category, Code: code, Rule: policy.RuleAddressInUse, Mend: mend, Candidates: []core.Ref{holder},
		Message: "Email already in use: the address of " + rec.Ref.Label() + " belongs to " + holder.Label()}
}
