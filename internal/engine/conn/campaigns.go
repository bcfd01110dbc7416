package conn

import (
	"slices"
	"strings"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
)

// Properties of HubSpot contacts that speak of campaigns, as the original integration
// names them.
const (
	CampaignsProperty    = "salesforcecampaignids" // PROP-4
	CampaignFormProperty = "sfcampaignid"          // PROP-10
)

// Keys of the base of a person's link for campaigns.
const (
	// CampaignKey begins the keys of campaigns that both sides list, by id.
	CampaignKey = "camp/"
	// CampaignFormKey keeps the campaign that a form named and that was acted on.
	CampaignFormKey = "camp/form"
	// CampaignMark is the value of a campaign that both sides list.
	CampaignMark = "in"
	// MemberKey begins the keys of memberships that a property stands for: the status.
	MemberKey = "member/"
)

// SyncsCampaigns reports that the campaigns of people pass.
func (c *Known) SyncsCampaigns() bool { return c.SyncsPeople() && c.Settings.Campaigns.Sync }

// CampaignFields are the fields of an object that speak of campaigns.
func (c *Known) CampaignFields(object core.Object) []string {
	if object != core.Contacts || !c.SyncsCampaigns() {
		return nil
	}
	out := []string{CampaignsProperty, CampaignFormProperty}
	for _, m := range c.Settings.Campaigns.Members {
		out = append(out, m.Property)
	}
	return out
}

// campaignSpecs are the properties that campaigns need.
func (c *Known) campaignSpecs(object core.Object) []connector.FieldSpec {
	if len(c.CampaignFields(object)) == 0 {
		return nil
	}
	return []connector.FieldSpec{
		{Name: CampaignsProperty, Label: "Salesforce Campaign IDs", Type: "choices", Group: propGroup, Description: "Campaigns of Salesforce whose member the lead or contact is."},
		{Name: CampaignFormProperty, Label: "Form Salesforce Campaign", Type: "text", Group: propGroup, Description: "Id of the campaign that a form of HubSpot is for: whoever submits it becomes a member."},
	}
}

// CampaignsListed are the campaigns that a HubSpot contact lists, by their long ids in
// order; told is false where the property is hidden.
func CampaignsListed(rec *core.Record) (ids []string, told bool) {
	text, told := rec.Get(CampaignsProperty)
	for part := range strings.SplitSeq(text, ";") {
		if id := strings.TrimSpace(part); id != "" {
			ids = append(ids, core.ID18(id))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), told
}

// CampaignOfForm is the campaign that a form named, blank for none.
func CampaignOfForm(rec *core.Record) string {
	v, _ := rec.Get(CampaignFormProperty)
	full, ok := core.SalesforceID(strings.TrimSpace(v))
	if !ok {
		return ""
	}
	return full
}

// CampaignMisnamed is what stands where a form names a campaign and is no id of one, as the
// name of a campaign; blank where there is an id or nothing.
func CampaignMisnamed(rec *core.Record) string {
	if CampaignOfForm(rec) != "" {
		return ""
	}
	v, _ := rec.Get(CampaignFormProperty)
	return strings.TrimSpace(v)
}

// StatusOf is the member status that a record's property stands for, blank where that is
// blank; ok is false where it is hidden or says nothing that a row knows.
func StatusOf(m *config.CampaignMembers, rec *core.Record) (status string, ok bool) {
	v, told := rec.Get(m.Property)
	if v == "" {
		return "", told
	}
	status, ok = m.Values[v]
	return status, ok
}

// SameCampaigns reports that what a HubSpot contact shows of campaigns was acted on.
func (c *Known) SameCampaigns(l *core.Link, rec *core.Record) bool {
	if len(c.CampaignFields(rec.Ref.Object)) == 0 {
		return true
	}
	if _, told := rec.Get(CampaignFormProperty); told && CampaignOfForm(rec) != "" && !l.Base.Holds(core.HubSpot, CampaignFormKey, CampaignOfForm(rec)) {
		return false
	}
	for i := range c.Settings.Campaigns.Members {
		m := &c.Settings.Campaigns.Members[i]
		if status, ok := StatusOf(m, rec); ok && !l.Base.Holds(core.HubSpot, MemberKey+m.Campaign, status) {
			_, known := l.Base[MemberKey+m.Campaign]
			if known || status != "" {
				return false
			}
		}
	}
	ids, told := CampaignsListed(rec)
	return !told || slices.Equal(ids, CampaignsAgreed(l.Base))
}

// CampaignsAgreed are the campaigns that both sides of a link list, in order.
func CampaignsAgreed(base core.Base) (ids []string) {
	for key := range base {
		if id, camp := strings.CutPrefix(key, CampaignKey); camp && key != CampaignFormKey {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
