package cli

import (
	"context"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// optOutField is Salesforce's box; HubSpot keeps opt-outs by address.
const optOutField = "HasOptedOutOfEmail"

// consent checks what passing an opt-out needs on both sides, where people sync: that is
// never off.
func (p *preflight) consent(ctx context.Context) {
	if !p.settings.Contacts.Sync {
		return
	}
	p.optOutBox()
	keeper, ok := p.sides[core.HubSpot].(connector.ConsentKeeper)
	if !ok {
		return
	}
	const mend = "add the scopes communication_preferences.read and communication_preferences.write to the app and connect the portal again"
	missing, err := keeper.ConsentScopes(ctx)
	switch {
	case err != nil:
		p.add(red, core.HubSpot, "e-mail opt-out", "cannot be read: "+problemOf(err).Message, mend, "OPT-2")
	case len(missing) > 0:
		p.add(red, core.HubSpot, "e-mail opt-out", "the app lacks "+strings.Join(missing, " and "), mend, "OPT-2")
	default:
		p.good(core.HubSpot, "e-mail opt-out", "can be read; the app's scopes let it be written as far as they are told")
	}
}

// optOutBox looks at the box on leads and contacts.
func (p *preflight) optOutBox() {
	for _, o := range core.StandardPairs.Objects(core.ContactPair)[core.Salesforce] {
		s, visible := p.schemas[core.Salesforce][o]
		if !visible {
			continue // said already
		}
		what, writable := string(o)+"."+optOutField, false
		for _, f := range s.Fields {
			writable = writable || f.Name == optOutField && f.Updatable
		}
		if !writable {
			p.add(red, core.Salesforce, what, "cannot be ticked: an opt-out in HubSpot does not reach this object", "give the integration user's permission set Read and Edit on Email Opt Out", "OPT-2")
			continue
		}
		p.good(core.Salesforce, what, "can be ticked")
	}
}
