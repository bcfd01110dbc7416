package engine

import (
	"context"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine/campaigns"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
)

// enrolment is what a batch of people knows of campaigns.
type enrolment struct {
	members map[core.Ref][]campaigns.Member
	// known are the campaigns about which something is to be decided.
	known map[string]campaigns.Campaign
}

// enrolled is how the campaigns of one person stand.
type enrolled struct {
	changes []campaignChange
	rows    []memberChange
	form    string // the campaign that a form names, where that is news
	met     bool   // nothing is left to do for it
}

// campaignChange is one campaign of a person, and the ops that it asks for.
type campaignChange struct {
	id      string
	facts   policy.CampaignFacts
	outcome string
	keys    []string
}

// readCampaigns reads the memberships of a batch's people, and of the campaigns those that
// differ from what HubSpot shows.
func (e *Engine) readCampaigns(ctx context.Context, b *batch) (err error) {
	if !b.conn.SyncsCampaigns() {
		return nil
	}
	b.enrolment = &enrolment{}
	var people []core.Ref
	for _, it := range b.items {
		if it.live(core.Salesforce) && conn.ConvertedTo(it.recs[core.Salesforce]) == "" {
			people = append(people, it.recs[core.Salesforce].Ref)
		}
	}
	if b.enrolment.members, err = campaigns.Memberships(ctx, &b.conn.Known, people); err == nil {
		var ids []string
		for _, it := range b.items {
			ids = append(ids, b.campaignNews(it)...)
		}
		b.enrolment.known, err = campaigns.Named(ctx, &b.conn.Known, ids)
	}
	if campaigns.Hidden(err) { // people pass all the same
		b.enrolment = nil
		e.Log.Warn("campaigns or their members are not visible to the integration, so they do not pass", "connection", b.conn.Settings.Name, "cause", err)
		return nil
	}
	return err
}

// campaignNews are the campaigns of a person that only one side shows.
func (b *batch) campaignNews(it *item) (ids []string) {
	if !it.live(core.HubSpot) || !it.live(core.Salesforce) {
		return nil
	}
	hs, in := it.recs[core.HubSpot], b.memberIn(it)
	listed, _ := conn.CampaignsListed(hs)
	for _, id := range append(slices.Clone(in), listed...) {
		if slices.Contains(in, id) != slices.Contains(listed, id) {
			ids = append(ids, id)
		}
	}
	if form := conn.CampaignOfForm(hs); form != "" && !slices.Contains(in, form) {
		ids = append(ids, form)
	}
	for i := range b.conn.Settings.Campaigns.Members {
		row := &b.conn.Settings.Campaigns.Members[i]
		if status, ok := conn.StatusOf(row, hs); ok && status != "" && !slices.Contains(in, row.Campaign) {
			ids = append(ids, row.Campaign)
		}
	}
	return slices.DeleteFunc(ids, func(id string) bool { _, ok := core.SalesforceID(id); return !ok })
}

// memberIn are the campaigns whose member a person is in Salesforce.
func (b *batch) memberIn(it *item) (ids []string) {
	for _, m := range b.enrolment.members[it.recs[core.Salesforce].Ref] {
		ids = append(ids, m.Campaign)
	}
	return slices.Compact(ids)
}

// enrol compares the campaigns of a person who syncs on both sides.
func (b *batch) enrol(it *item, l *core.Link) {
	if b.enrolment == nil {
		return
	}
	it.enrolled = &enrolled{}
	hs := it.recs[core.HubSpot]
	listed, told := conn.CampaignsListed(hs)
	in := b.memberIn(it)
	if form := conn.CampaignOfForm(hs); form != "" && !l.Base.Holds(core.HubSpot, conn.CampaignFormKey, form) {
		it.enrolled.form, it.enrolled.met = form, slices.Contains(in, form)
	}
	b.raiseMisnamed(it)
	ids := slices.Concat(in, listed, conn.CampaignsAgreed(l.Base))
	if !told {
		ids = nil
	}
	if it.enrolled.form != "" {
		ids = append(ids, it.enrolled.form)
	}
	slices.Sort(ids)
	after := slices.Clone(listed)
	for _, id := range slices.Compact(ids) {
		after = b.enrolIn(it, l, id, after)
	}
	if slices.Sort(after); told && !slices.Equal(after, listed) {
		b.listCampaigns(it, after)
	}
	b.enrolByRows(it, l)
}

// enrolIn decides about one campaign of a person, and gives the list of HubSpot as it is
// to be.
func (b *batch) enrolIn(it *item, l *core.Link, id string, after []string) []string {
	listed, _ := conn.CampaignsListed(it.recs[core.HubSpot])
	set := &b.conn.Settings.Campaigns
	_, agreed := l.Base[conn.CampaignKey+id]
	f := policy.CampaignFacts{Campaign: id, Active: b.activeCampaign(id), Member: slices.Contains(b.memberIn(it), id), Listed: slices.Contains(listed, id), Agreed: agreed,
		FromHubSpot: set.FromHubSpot, Form: it.enrolled.form == id && !it.enrolled.met, Held: set.Row(id) != nil}
	d := policy.Campaign(f)
	ch := campaignChange{id: id, facts: f, outcome: d.Outcome}
	switch d.Outcome {
	case policy.Join:
		ch.keys = b.joinCampaign(it, id, set.Status, d.Rule)
	case policy.Leave:
		ch.keys = b.leaveCampaign(it, id, d.Rule)
	case policy.List:
		after = append(after, id)
	case policy.Unlist:
		after = slices.DeleteFunc(after, func(have string) bool { return have == id })
	}
	it.enrolled.changes = append(it.enrolled.changes, ch)
	switch {
	case d.Outcome != policy.None:
		b.notice(it, d)
	case f.Form:
		b.raiseInactive(it, id, conn.CampaignFormProperty, d)
	}
	return after
}

// activeCampaign tells whether a campaign is active, where that was asked for.
func (b *batch) activeCampaign(id string) policy.Membership {
	switch c, known := b.enrolment.known[id]; {
	case !known:
		return policy.UnknownMembership
	case c.Active:
		return policy.Member
	}
	return policy.NotMember
}

// raiseInactive tells that nobody can become a member of a campaign that is named.
func (b *batch) raiseInactive(it *item, id, property string, d core.Decision) {
	it.raise(core.Issue{Pair: b.pair, Field: property, Category: core.CategoryValue, Code: "campaign_not_active", Rule: d.Rule,
		Message: it.recs[core.HubSpot].Ref.Label() + " is to be a member of campaign " + id + ", which is not active, or not visible to the integration",
		Mend:    "set the campaign to active in Salesforce and give the integration user access to it, or clear " + property})
	it.verdict = Blocked
}

// joinCampaign makes a person a member of a campaign. A second membership of the same is refused
// by Salesforce (DUPLICATE_VALUE), so that a lost answer does no harm.
func (b *batch) joinCampaign(it *item, campaign, status, rule string) []string {
	sf := it.recs[core.Salesforce].Ref
	fields := map[string]string{campaigns.OfCampaign: campaign, campaigns.Of(sf.Object): sf.ID}
	if status != "" {
		fields[campaigns.Status] = status
	}
	return b.memberOp(it, core.Op{Kind: core.OpCreate, Target: core.Ref{Side: core.Salesforce, Object: core.CampaignMember}, Fields: fields, Rule: rule}, campaign)
}

// leaveCampaign ends the memberships of a person in a campaign.
func (b *batch) leaveCampaign(it *item, campaign, rule string) (keys []string) {
	for _, m := range b.enrolment.members[it.recs[core.Salesforce].Ref] {
		if m.Campaign == campaign {
			before := map[string]string{campaigns.OfCampaign: campaign, campaigns.Of(it.recs[core.Salesforce].Ref.Object): it.recs[core.Salesforce].Ref.ID, campaigns.Status: m.Status}
			keys = append(keys, b.memberOp(it, core.Op{Kind: core.OpArchive, Target: m.Ref, Before: before, Rule: rule}, campaign)...)
		}
	}
	return keys
}

// memberOp adds a write to a member of a campaign, unless the person joins that one
// already.
func (b *batch) memberOp(it *item, op core.Op, campaign string) []string {
	op.Pair, op.Source = b.pair, it.recs[core.HubSpot].Ref
	op.Key = b.opKey("member-"+string(op.Kind), it.recs[core.Salesforce].Ref) + "/" + campaign + strings.TrimPrefix("/"+op.Target.ID, "/")
	if !slices.ContainsFunc(it.extra, func(have core.Op) bool { return have.Key == op.Key }) {
		it.extra = append(it.extra, op)
	}
	return []string{op.Key}
}

// isMember reports an op that writes a member of a campaign.
func isMember(op *core.Op) bool { return op.Target.Object == core.CampaignMember }

// beside reports an op on a row that belongs to a linked record and is none itself.
func beside(op *core.Op) bool { return isRole(op) || isMember(op) }

// listCampaigns gives the HubSpot contact its list of campaigns beside whatever else is
// written to it.
func (b *batch) listCampaigns(it *item, ids []string) {
	b.alsoWrite(it, core.HubSpot, conn.CampaignsProperty, strings.Join(ids, ";"), "CAMP-1")
}

// advanceCampaigns moves the base of a person's link by what both sides show then.
func (b *batch) advanceCampaigns(it *item) {
	l := it.activeLink()
	if l == nil || it.enrolled == nil {
		return
	}
	for i := range it.enrolled.changes {
		b.advanceCampaign(it, l, &it.enrolled.changes[i])
	}
	if form := it.enrolled.form; form != "" && it.enrolled.met {
		l.Base = core.AdvanceField(l.Base, conn.CampaignFormKey, form, form)
	}
	b.advanceMembers(it, l)
}

func (b *batch) advanceCampaign(it *item, l *core.Link, ch *campaignChange) {
	f := ch.facts
	member, listed := f.Member, f.Listed
	switch done := it.allApplied(ch.keys); {
	case ch.outcome == policy.Join && done:
		member = true
		it.enrolled.met = it.enrolled.met || f.Form
		it.marks = append(it.marks, b.lookAgainAt(l.Refs[core.HubSpot])...) // to be listed, where it is not
	case ch.outcome == policy.Leave && done:
		member = false
	case it.wrote(core.HubSpot, conn.CampaignsProperty) && ch.outcome == policy.List:
		listed = true
	case it.wrote(core.HubSpot, conn.CampaignsProperty) && ch.outcome == policy.Unlist:
		listed = false
	}
	switch key := conn.CampaignKey + ch.id; {
	case member && listed:
		l.Base = core.AdvanceField(l.Base, key, conn.CampaignMark, conn.CampaignMark)
	case !member && !listed && f.Agreed:
		l.Base = core.Forget(l.Base, key)
	}
}

// allApplied reports that all ops of some keys took effect, and that there are any.
func (it *item) allApplied(keys []string) bool {
	return len(keys) > 0 && !slices.ContainsFunc(keys, func(k string) bool { return it.outcomes[k].Status != core.Applied })
}

// campaignsOfNew asks for another look at a person who is about to be made on the other
// side, where a campaign is named: it can be passed once the record stands.
func (b *batch) campaignsOfNew(it *item) {
	if b.enrolment == nil {
		return
	}
	rec := it.recs[it.from]
	named := it.from == core.Salesforce && len(b.enrolment.members[rec.Ref]) > 0
	for _, name := range b.conn.CampaignFields(rec.Ref.Object) {
		named = named || valueOf(rec, name) != ""
	}
	if named {
		it.marks = append(it.marks, b.lookAgainAt(rec.Ref)...)
	}
}
