package engine

import (
	"context"

	"tandem/internal/connector"
	"tandem/internal/mapping"
)

// OwnerPair is a user or queue of Salesforce and the HubSpot owner who stand for each
// other, or one of them alone.
type OwnerPair struct {
	Salesforce *OwnerView `json:"salesforce"`
	HubSpot    *OwnerView `json:"hubspot"`
	// Note says why one is alone, or that only one direction passes.
	Note string `json:"note,omitempty"`
}

// OwnerView is somebody who owns records.
type OwnerView struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Email  string `json:"email,omitempty"`
	Active bool   `json:"active"`
	Queue  bool   `json:"queue,omitempty"`
}

// Owners reads the users of both sides, puts them in the place of those known so far, and
// says who stands for whom (OWN-1, OWN-3). It writes nothing.
func (e *Engine) Owners(ctx context.Context, c *Conn) ([]OwnerPair, error) {
	owners, _, err := ReadOwners(connector.WithPriority(ctx, connector.Live), c.Sides, c.Settings.Owners)
	if err != nil {
		return nil, err
	}
	if d := c.owners; d != nil {
		d.mu.Lock()
		d.read = e.now()
		d.Renew(owners)
		d.mu.Unlock()
	}
	var out []OwnerPair
	for _, p := range owners.Pairings() {
		out = append(out, OwnerPair{ownerView(p.Salesforce), ownerView(p.HubSpot), ownerNote(p)})
	}
	return out, nil
}

func ownerView(p *mapping.Principal) *OwnerView {
	if p == nil {
		return nil
	}
	return &OwnerView{p.ID, p.Name, p.Email, p.Active, p.Queue}
}

func ownerNote(p mapping.Pairing) string {
	switch sf, hs := p.Salesforce, p.HubSpot; {
	case sf == nil:
		return "no active user of Salesforce: records keep the owner they have there (OWN-4)"
	case hs == nil && sf.Queue:
		return "a queue: shown in HubSpot by name (OWN-3a)"
	case hs == nil:
		return "no owner of HubSpot: shown there by name (OWN-3a)"
	case !sf.Active:
		return "inactive in Salesforce: passes to HubSpot only"
	case !hs.Active:
		return "inactive in HubSpot: owns nothing there"
	case sf.Queue:
		return "a queue: passes to HubSpot only (OWN-10)"
	}
	return ""
}
