package owners

import (
	"context"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/mapping"
)

// Pair is a user or queue of Salesforce and the HubSpot owner who stand for each
// other, or one of them alone.
type Pair struct {
	Salesforce *View `json:"salesforce"`
	HubSpot    *View `json:"hubspot"`
	// Note says why one is alone, or that only one direction passes.
	Note string `json:"note,omitempty"`
}

// View is somebody who owns records.
type View struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Email  string `json:"email,omitempty"`
	Active bool   `json:"active"`
	Queue  bool   `json:"queue,omitempty"`
}

// List reads the users of both sides, puts them into the directory where there is one,
// and says who stands for whom (OWN-1, OWN-3).
func List(ctx context.Context, d *Directory, sides [2]connector.Connector, o config.Owners, now time.Time) ([]Pair, error) {
	read, _, err := Read(ctx, sides, o)
	if err != nil {
		return nil, err
	}
	if d != nil {
		d.mu.Lock()
		d.read = now
		d.Renew(read)
		d.mu.Unlock()
	}
	var out []Pair
	for _, p := range read.Pairings() {
		out = append(out, Pair{viewOf(p.Salesforce), viewOf(p.HubSpot), note(p)})
	}
	return out, nil
}

func viewOf(p *mapping.Principal) *View {
	if p == nil {
		return nil
	}
	return &View{p.ID, p.Name, p.Email, p.Active, p.Queue}
}

func note(p mapping.Pairing) string {
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
		return "deactivated in HubSpot: shown there by name (OWN-3a)"
	case sf.Queue:
		return "a queue: passes to HubSpot only (OWN-10)"
	case p.Other:
		return "passes to HubSpot only: the owner there passes to another user (LIM-17)"
	}
	return ""
}
