package engine

import (
	"context"
	"slices"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/lifecycle"
	"tandem/internal/engine/room"
	"tandem/internal/policy"
	"tandem/internal/store"
)

// stages is what a batch of people knows of lifecycle stages.
type stages struct {
	sales map[string][]lifecycle.Sale // by the contact's id
	seen  bool                        // contact roles are visible
	// companies are the linked companies of its people, as read.
	companies map[core.Ref]*core.Record
	// lifts are the updates that take companies to the stage of a contact, by company:
	// one company is written once a batch.
	lifts map[core.Ref]lift
}

// lift is an update among the extra ops of an item.
type lift struct {
	it  *item
	key string
}

// staging is how the lifecycle stage of one person stands.
type staging struct {
	answer  policy.LifecycleAnswer
	above   string // the stage of the company, where the person has followed it
	lifted  core.Ref
	passed  bool // the present stage is with the company
	settled bool // Salesforce's word was acted on, or asks for nothing
}

// readStages reads what lifecycle stages depend on, where any do.
func (e *Engine) readStages(ctx context.Context, b *batch) (err error) {
	if !b.conn.HasStages() {
		return nil
	}
	b.stages = &stages{companies: map[core.Ref]*core.Record{}, lifts: map[core.Ref]lift{}}
	if b.conn.MovesStages() {
		var ids []string
		for _, it := range b.items {
			if sf := it.recs[core.Salesforce]; it.live(core.Salesforce) && sf.Ref.Object == core.Contact {
				ids = append(ids, sf.Ref.ID)
			}
		}
		if b.stages.sales, b.stages.seen, err = lifecycle.Sales(ctx, &b.conn.Known, ids); err != nil {
			return err
		}
		if !b.stages.seen {
			e.Log.Warn("contact roles or opportunities are not visible to the integration, so they move no lifecycle stage", "connection", b.conn.Settings.Name)
		}
	}
	return e.readStagesAbove(ctx, b)
}

// readStagesAbove reads the stage of those companies that a person of the batch may
// follow, or lift.
func (e *Engine) readStagesAbove(ctx context.Context, b *batch) error {
	var ids []string
	for _, it := range b.items {
		company := b.companyAbove(it)
		if company.IsZero() || !b.conn.ContactsFollow() && b.stagePassed(it) {
			continue
		}
		ids = append(ids, company.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	recs, err := b.conn.Sides[core.HubSpot].Read(ctx, connector.Query{Object: core.Companies, Values: slices.Compact(ids), Fields: []string{conn.StageProperty}})
	for i := range recs {
		if recs[i].Presence == core.Live {
			b.stages.companies[recs[i].Ref] = &recs[i]
		}
	}
	return err
}

// companyAbove is the linked primary company of a person who is on both sides, and the one
// that a person follows who may be made in HubSpot; zero for none.
func (b *batch) companyAbove(it *item) core.Ref {
	if !it.live(core.Salesforce) || !b.conn.CompanyFollows() && !b.conn.ContactsFollow() {
		return core.Ref{}
	}
	if !it.live(core.HubSpot) {
		parent := b.linkedParent(b.parentRef(it.recs[core.Salesforce]))
		if parent == nil || !b.conn.ContactsFollow() {
			return core.Ref{}
		}
		return parent.Refs[core.HubSpot]
	}
	company := companyRef(primary(it.recs[core.HubSpot]))
	if company.ID == "" || b.linkedParent(company) == nil {
		return core.Ref{}
	}
	return company
}

// stagePassed reports that the company was given the stage that the person has.
func (b *batch) stagePassed(it *item) bool {
	l := it.activeLink()
	return l == nil || l.Base.Holds(core.HubSpot, conn.StageKey, valueOf(it.recs[core.HubSpot], conn.StageProperty))
}

// moveStage decides about the lifecycle stage of a person who syncs, and about that of
// the company.
func (b *batch) moveStage(it *item, l *core.Link) {
	if b.stages == nil {
		return
	}
	it.staging = &staging{}
	company := b.stages.companies[b.companyAbove(it)]
	it.staging.answer = policy.LifecycleStage(b.stageFacts(it, l, company))
	switch a := it.staging.answer; {
	case a.Unknown != "":
		b.raiseUnknownStage(it, a)
		it.verdict = Blocked
	case a.Stage != "":
		b.writeStage(it, a)
	default:
		it.staging.settled = true
		it.declineStage(a.Decision)
	}
	if company != nil {
		b.liftCompany(it, l, company)
	}
}

func (b *batch) stageFacts(it *item, l *core.Link, company *core.Record) policy.LifecycleFacts {
	hs, set := it.recs[core.HubSpot], &b.conn.Settings.Lifecycle
	f := policy.LifecycleFacts{Current: b.stageAfter(it), Order: b.conn.StageOrder(core.Contacts)}
	if b.conn.MovesStages() {
		f.Automatic, f.Rules = set.AutomaticTransitions, set.Rules()
		f.Sales = lifecycle.Facts(l.Base, it.recs[core.Salesforce], b.stages.sales[it.recs[core.Salesforce].Ref.ID])
	}
	if to, _, cleared := l.Base.Of(conn.StageToKey); cleared && valueOf(hs, conn.StageProperty) == "" {
		f.Cleared = to[core.HubSpot]
	}
	if at := valueOf(company, conn.StageProperty); b.conn.ContactsFollow() && at != "" && !l.Base.Holds(core.HubSpot, conn.StageAboveKey, at) {
		f.Company, it.staging.above = at, at
	}
	return f
}

// stageAfter is the stage of a contact once the mapped fields were written.
func (b *batch) stageAfter(it *item) string {
	if op := it.ops[core.HubSpot]; op != nil {
		if v, mapped := op.Fields[conn.StageProperty]; mapped {
			return v
		}
	}
	return valueOf(it.recs[core.HubSpot], conn.StageProperty)
}

// declineStage tells why something new moves no stage.
func (it *item) declineStage(d core.Decision) {
	if d.Facts["to"] != "" {
		it.decisions = slices.Insert(it.decisions, max(len(it.decisions)-1, 0), d)
	}
}

// writeStage gives the contact its stage beside whatever else is written to it. One that
// moves back is cleared before: HubSpot takes no earlier stage for a later one ("Use
// lifecycle stages").
func (b *batch) writeStage(it *item, a policy.LifecycleAnswer) {
	side, value := core.HubSpot, a.Stage
	if a.Clear {
		value = ""
	}
	b.alsoWrite(it, side, conn.StageProperty, value, a.Rule)
	b.notice(it, a.Decision)
}

func (b *batch) raiseUnknownStage(it *item, a policy.LifecycleAnswer) {
	it.raise(core.Issue{Pair: b.pair, Field: conn.StageProperty, Category: core.CategoryPicklist, Code: "lifecycle_stage_unknown", Rule: a.Rule,
		Message: "the portal has no lifecycle stage " + a.Unknown + ", so that of " + it.recs[core.HubSpot].Ref.Label() + " stays as it is",
		Mend:    "add the stage in HubSpot's settings of lifecycle stages, or take it out of lifecycle.stages"})
}

// liftCompany gives the company the stage of a person where that changed since it was
// passed on (ACC-12, LIFE-7).
func (b *batch) liftCompany(it *item, l *core.Link, company *core.Record) {
	at := valueOf(it.recs[core.HubSpot], conn.StageProperty)
	if !b.conn.CompanyFollows() || b.stagePassed(it) {
		return
	}
	it.staging.passed = true
	a := policy.CompanyStage(b.conn.StageOrder(core.Companies), valueOf(company, conn.StageProperty), at)
	if a.Stage == "" {
		return
	}
	b.notice(it, a.Decision)
	if op := b.liftOf(company.Ref); op != nil {
		if c := policy.CompanyStage(b.conn.StageOrder(core.Companies), op.Fields[conn.StageProperty], at); c.Stage != "" {
			op.Fields[conn.StageProperty] = at
		}
	} else {
		op := core.Op{Key: b.updateKey(company.Ref), Kind: core.OpUpdate, Pair: core.CompanyPair, Target: company.Ref, Source: it.recs[core.HubSpot].Ref, Rule: a.Rule,
			Fields: map[string]string{conn.StageProperty: at}, Before: map[string]string{conn.StageProperty: valueOf(company, conn.StageProperty)}}
		it.extra = append(it.extra, op)
		b.stages.lifts[company.Ref] = lift{it, op.Key}
	}
	it.staging.lifted = company.Ref
}

// liftOf is the update of the batch that lifts a company, nil where there is none.
func (b *batch) liftOf(company core.Ref) *core.Op {
	at := b.stages.lifts[company]
	if at.it == nil {
		return nil
	}
	for i := range at.it.extra {
		if at.it.extra[i].Key == at.key {
			return &at.it.extra[i]
		}
	}
	return nil
}

// advanceStages moves the base of a person's link by what was acted on.
func (b *batch) advanceStages(it *item) {
	l := it.activeLink()
	if l == nil || it.staging == nil {
		return
	}
	s := it.staging
	wrote := it.wrote(core.HubSpot, conn.StageProperty)
	if s.settled || wrote {
		b.agreeOnSales(it, l)
		if s.above != "" {
			l.Base = core.AdvanceField(l.Base, conn.StageAboveKey, s.above, s.above)
		}
	}
	switch {
	case wrote && s.answer.Clear:
		l.Base = core.AdvanceField(l.Base, conn.StageToKey, s.answer.Stage, s.answer.Stage)
		it.marks = append(it.marks, b.lookAgainAt(l.Refs[core.HubSpot])...)
	case wrote:
		it.marks = append(it.marks, b.lookAgainAt(l.Refs[core.HubSpot])...)
		fallthrough
	case s.settled:
		if _, cleared := l.Base[conn.StageToKey]; cleared {
			l.Base = core.Forget(l.Base, conn.StageToKey)
		}
	}
	b.advancePassed(it, l)
}

// lookAgainAt asks for another look at a record: what was written to it, or for it, may
// pass on.
func (b *batch) lookAgainAt(r core.Ref) []core.Dirty {
	return room.DirtyOf(b.conn.Pairs, []core.Ref{r}, core.ReasonParent, 0, b.at)
}

func (b *batch) agreeOnSales(it *item, l *core.Link) {
	sf := it.recs[core.Salesforce]
	if b.conn.MovesStages() && (b.stages.seen || sf.Ref.Object == core.Lead) {
		l.Base = lifecycle.Agree(l.Base, sf, b.stages.sales[sf.Ref.ID])
	}
}

// advancePassed notes that the company has the stage that the person had when it was
// read. The company is looked at then, since its people may follow it.
func (b *batch) advancePassed(it *item, l *core.Link) {
	s := it.staging
	if !s.passed {
		return
	}
	if !s.lifted.IsZero() {
		op := b.liftOf(s.lifted)
		if op == nil || b.stages.lifts[s.lifted].it.outcomes[op.Key].Status != core.Applied {
			it.again(b.at)
			return
		}
		if b.conn.ContactsFollow() {
			it.marks = append(it.marks, b.lookAgainAt(s.lifted)...)
		}
	}
	at := valueOf(it.recs[core.HubSpot], conn.StageProperty)
	l.Base = core.AdvanceField(l.Base, conn.StageKey, at, at)
}

// stageOfNew gives a person who is about to be made in HubSpot the stage that Salesforce or
// the company asks for, in the same write. What the portal does not know is told once the
// contact stands, and so is a company that is not linked yet.
func (b *batch) stageOfNew(it *item) {
	op := it.ops[core.HubSpot]
	if b.stages == nil || it.from != core.Salesforce || op == nil {
		return
	}
	it.staging = &staging{}
	company := b.stages.companies[b.companyAbove(it)]
	a := policy.LifecycleStage(b.stageFacts(it, it.newLink, company))
	if a.Unknown != "" || b.conn.ContactsFollow() && company == nil {
		it.staging = nil
		it.marks = append(it.marks, b.lookAgainAt(it.recs[core.Salesforce].Ref)...)
		return
	}
	if it.staging.answer, it.staging.settled = a, a.Stage == ""; a.Stage != "" {
		it.staging.answer.Clear = false // nothing stands there yet
		op.Fields[conn.StageProperty] = a.Stage
		b.notice(it, a.Decision)
	}
}

// readStagesBelow reads the people of those companies of the batch whose stage changed
// since it was passed on to them.
func (e *Engine) readStagesBelow(ctx context.Context, b *batch) error {
	if !b.conn.ContactsFollow() {
		return nil
	}
	var ids []string
	for _, it := range b.items {
		if it.link != nil && it.link.State == core.LinkActive && it.live(core.HubSpot) && !b.stagePassed(it) {
			ids = append(ids, it.recs[core.HubSpot].Ref.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	recs, err := b.conn.Sides[core.HubSpot].Read(ctx, connector.Query{Object: core.Companies, Values: ids, Related: []core.Object{core.Contacts}})
	if err != nil {
		return err
	}
	b.below = map[core.Ref][]core.Ref{}
	return e.View(ctx, func(tx *store.Tx) error {
		for i := range recs {
			var people []core.Ref
			for _, rel := range recs[i].Related[core.Contacts] {
				people = append(people, core.Ref{Side: core.HubSpot, Object: core.Contacts, ID: rel.ID})
			}
			links, err := tx.LinksOf(b.conn.ID, people)
			if err != nil {
				return err
			}
			b.below[recs[i].Ref] = slices.DeleteFunc(people, func(r core.Ref) bool { return links[r] == nil || links[r].State != core.LinkActive })
		}
		return nil
	})
}

// passStageDown makes the people of a company due that has another stage than the one
// they followed. Who is linked with nobody does not sync, and stays as it is.
func (b *batch) passStageDown(it *item) {
	l := it.activeLink()
	if l == nil || !b.conn.ContactsFollow() || b.pair != core.CompanyPair || !it.live(core.HubSpot) || b.stagePassed(it) {
		return
	}
	at := valueOf(it.recs[core.HubSpot], conn.StageProperty)
	if at != "" {
		it.marks = append(it.marks, room.DirtyOf(b.conn.Pairs, b.below[it.recs[core.HubSpot].Ref], core.ReasonParent, 0, b.at)...)
	}
	l.Base = core.AdvanceField(l.Base, conn.StageKey, at, at)
}

// salesNews asks for another look at the people of a deal that is decided, for whom what
// the opportunity shows is news.
func (b *batch) salesNews(it *item) {
	if b.roles == nil || !b.conn.MovesStages() || !it.live(core.Salesforce) {
		return
	}
	deal := it.recs[core.Salesforce]
	s := lifecycle.SaleOf(deal)
	for _, row := range b.roles.rows[deal.Ref.ID] {
		contact := contactOf(&row)
		if l := b.roles.links[contact]; l != nil && l.State == core.LinkActive && lifecycle.News(l.Base, contact, []lifecycle.Sale{s}) {
			it.marks = append(it.marks, b.lookAgainAt(contact)...)
		}
	}
}

// saleStage is the stage of the opportunity, of those on which a contact has a role, that
// changed last (PROP-8); blank without one.
func (b *batch) saleStage(sf *core.Record) string {
	if sales := b.stages.sales[sf.Ref.ID]; len(sales) > 0 {
		return sales[0].Stage
	}
	return ""
}
