package engine

import (
	"maps"
	"slices"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine/campaigns"
	"tandem/internal/engine/conn"
	"tandem/internal/policy"
)

// memberChange is one row of the settings and how its membership stands.
type memberChange struct {
	row    *config.CampaignMembers
	in     core.FieldInput
	result core.FieldResult
	keys   []string
	back   bool // the property is written
}

// enrolByRows compares the memberships that properties of HubSpot stand for (CAMP-4).
func (b *batch) enrolByRows(it *item, l *core.Link) {
	for i := range b.conn.Settings.Campaigns.Members {
		row := &b.conn.Settings.Campaigns.Members[i]
		status, ok := conn.StatusOf(row, it.recs[core.HubSpot])
		in := core.FieldInput{Key: conn.MemberKey + row.Campaign, Rule: core.HubSpotOnly, Readable: [2]bool{true, ok}, Writable: [2]bool{true, row.Back}}
		if row.Back {
			in.Rule = core.TwoWay
		}
		in.Now = [2]string{core.Salesforce: b.statusIn(it, row.Campaign), core.HubSpot: status}
		in.Base, in.HasBase = l.Base[in.Key]
		ch := memberChange{row: row, in: in, result: core.Reconcile([]core.FieldInput{in})[0]}
		switch {
		case ch.result.Write[core.Salesforce]:
			b.writeMember(it, &ch)
		case ch.result.Write[core.HubSpot]:
			ch.back = b.writeBack(it, &ch)
		}
		it.enrolled.rows = append(it.enrolled.rows, ch)
	}
}

// statusIn is the member status of a person in a campaign, blank for no member.
func (b *batch) statusIn(it *item, campaign string) string {
	for _, m := range b.enrolment.members[it.recs[core.Salesforce].Ref] {
		if m.Campaign == campaign {
			return m.Status
		}
	}
	return ""
}

// writeMember gives Salesforce the membership that the property says.
func (b *batch) writeMember(it *item, ch *memberChange) {
	id, want := ch.row.Campaign, ch.in.Now[core.HubSpot]
	d := core.Decision{Rule: "CAMP-4", Outcome: policy.Join, Facts: map[string]string{"campaign": id, "status": want, "property": ch.row.Property, "because": "the property says so"}}
	switch {
	case want == "" && !ch.row.Remove:
		return
	case want == "":
		d.Outcome, ch.keys = policy.Leave, b.leaveCampaign(it, id, d.Rule)
	case ch.in.Now[core.Salesforce] == "" && b.activeCampaign(id) != policy.Member:
		b.raiseInactive(it, id, ch.row.Property, core.Decision{Rule: "CAMP-2"})
		return
	case ch.in.Now[core.Salesforce] == "":
		ch.keys = b.joinCampaign(it, id, want, d.Rule)
	default:
		d.Outcome = policy.Update
		for _, m := range b.enrolment.members[it.recs[core.Salesforce].Ref] {
			if m.Campaign == id {
				op := core.Op{Kind: core.OpUpdate, Target: m.Ref, Fields: map[string]string{campaigns.Status: want}, Before: map[string]string{campaigns.Status: m.Status}, Rule: d.Rule}
				ch.keys = append(ch.keys, b.memberOp(it, op, id)...)
			}
		}
	}
	b.notice(it, d)
}

// writeBack gives the property the value that stands for the status in Salesforce. A
// status that no row knows leaves it as it is.
func (b *batch) writeBack(it *item, ch *memberChange) bool {
	value, status := "", ch.in.Now[core.Salesforce]
	for _, v := range slices.Sorted(maps.Keys(ch.row.Values)) {
		if value == "" && ch.row.Values[v] == status {
			value = v
		}
	}
	if value == "" && status != "" {
		return false
	}
	b.alsoWrite(it, core.HubSpot, ch.row.Property, value, "CAMP-4")
	b.notice(it, core.Decision{Rule: "CAMP-4", Outcome: policy.Update, Facts: map[string]string{"campaign": ch.row.Campaign, "status": status, "because": "the member status changed in Salesforce"}})
	return true
}

func (b *batch) advanceMembers(it *item, l *core.Link) {
	for i := range it.enrolled.rows {
		ch := &it.enrolled.rows[i]
		at := ch.in.Now[core.Salesforce]
		switch {
		case it.allApplied(ch.keys):
			at = ch.in.Now[core.HubSpot]
			it.marks = append(it.marks, b.lookAgainAt(l.Refs[core.HubSpot])...) // to be listed, or no more
		case ch.back && it.wrote(core.HubSpot, ch.row.Property):
		case !ch.result.InSync:
			continue
		}
		if _, kept := l.Base[ch.in.Key]; !kept && at == "" {
			continue
		}
		l.Base = core.AdvanceField(l.Base, ch.in.Key, at, at)
	}
}
