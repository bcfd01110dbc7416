package cli

import "tandem/internal/core"

// salesNeeds is what lifecycle stages look at in Salesforce: opportunities and who has a
// role on them, whether or not deals sync (LIFE-2).
func (p *preflight) salesNeeds() (out []need) {
	if !p.settings.Lifecycle.Moves() {
		return nil
	}
	if !p.settings.Deals.Sync {
		out = append(out, need{object: core.Opportunity, fields: []string{"StageName", "IsWon", "IsClosed"}})
	}
	return append(out, need{object: core.ContactRole, child: true, fields: []string{"OpportunityId", "ContactId"}})
}

// campaignNeeds is what campaigns touch in Salesforce: their members are written (CAMP-2,
// CAMP-4).
func (p *preflight) campaignNeeds() []need {
	if !p.settings.Campaigns.Sync {
		return nil
	}
	return []need{{object: core.Campaign, fields: []string{"Name", "IsActive"}},
		{object: core.CampaignMember, write: true, create: true, child: true, fields: []string{"CampaignId", "LeadId", "ContactId", "Status"}}}
}
