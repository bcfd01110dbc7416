package engine

import (
	"fmt"

	"tandem/internal/core"
	"tandem/internal/engine/conn"
)

// raiseMisnamed tells that a form names a campaign by what is no id: without an issue nobody
// would learn that its people join nothing.
func (b *batch) raiseMisnamed(it *item) {
	hs := it.recs[core.HubSpot]
	value := conn.CampaignMisnamed(hs)
	if value == "" {
		return
	}
	it.raise(core.Issue{Pair: b.pair, Field: conn.CampaignFormProperty, Category: core.CategoryValue, Code: "campaign_misnamed", Rule: "CAMP-2", Value: core.Digest(value),
		Message: fmt.Sprintf("%s of %s is %.60q, which is no id of a Salesforce campaign: the person joins none", conn.CampaignFormProperty, hs.Ref.Label(), value),
		Mend:    "write the id of the campaign, which its page in Salesforce has in its address, into the form's hidden field, or clear " + conn.CampaignFormProperty})
	it.verdict = Blocked
}
