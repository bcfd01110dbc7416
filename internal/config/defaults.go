package config

import (
	"maps"
	"slices"
	"time"

	"tandem/internal/core"
	"tandem/internal/policy"
)

// complete fills in what the settings leave open. Defaults are the original's:
// nothing syncs, contacts become leads, deletions do nothing.
func (f *File) complete() {
	set(&f.Store, "sqlite://tandem.db")
	set(&f.Listen, "127.0.0.1:8480")
	set(&f.Journal.Keep, Duration(90*24*time.Hour))
	set(&f.Journal.MaxSize, Size(10<<30))
	set(&f.Fleet.Lease, Duration(time.Minute))
	f.Notify.complete()
	f.OIDC.complete()
	for i := range f.Connections {
		f.Connections[i].Complete()
	}
}

func (n *Notify) complete() {
	set(&n.Every, "instant")
	set(&n.Behind, Duration(time.Hour))
	if w := n.Webhook; w != nil {
		set(&w.Timeout, Duration(15*time.Second))
	}
	if m := n.SMTP; m != nil {
		set(&m.TLS, "offered")
		set(&m.Timeout, Duration(30*time.Second))
	}
}

// Complete fills in the defaults of one connection.
func (c *Connection) Complete() {
	set(&c.Profile, Tandem)
	set(&c.PollEvery, Duration(time.Minute))
	set(&c.SweepEvery, Duration(24*time.Hour))
	set(&c.Retry.Every, Duration(30*time.Minute))
	set(&c.Retry.StopAtShare, 0.75)
	if c.Profile != Classic { // LIM-18
		set(&c.FormulaReread, Duration(time.Hour))
	}
	c.Brakes.Deletes.complete(core.DefaultBrakeLimits)
	c.Brakes.Changed.complete(core.DefaultChangedLimits)
	c.Brakes.Scope.complete(core.DefaultScopeLimits)
	c.Salesforce.complete()
	c.HubSpot.complete()
	set(&c.Companies.CreateAccount, "classic")
	set(&c.Companies.WhenSalesforceDeleted, "nothing")
	set(&c.Companies.WhenHubSpotDeleted, "nothing")
	c.Companies.setMatching(c.Companies.Matching().completed(policy.DefaultKeys...))
	c.Contacts.complete()
	c.Deals.complete(c.Profile)
	c.Tickets.complete(c.Profile)
	c.Products.complete()
	c.LineItems.complete()
	c.completeCustom()
	c.Activities.complete()
	c.Lifecycle.complete()
	c.completeInclusions()
	c.Activities.Timeline.complete(c.Profile)
	c.Campaigns.complete(c.Profile)
	c.Owners.complete(c.Profile)
}

// complete has names agree as well as addresses in classic, as in the original (OWN-3).
func (o *Owners) complete(p Profile) {
	if p == Classic {
		set(&o.Match, MatchStrict)
	}
	set(&o.Match, MatchNameAndEmail)
}

func (b *BrakeLimit) complete(usual core.BrakeLimits) {
	set(&b.AtLeast, usual.AtLeast)
	set(&b.Share, usual.Share)
}

func (s *Salesforce) complete() {
	set(&s.LoginURL, "https://login.salesforce.com")
	set(&s.APIVersion, "v65.0")
	set(&s.PubSub, "api.pubsub.salesforce.com:7443")
	set(&s.Events, "cdc")
	set(&s.SettleUnknown, Duration(10*time.Minute))
}

func (h *HubSpot) complete() {
	set(&h.BaseURL, "https://api.hubapi.com")
	set(&h.IndexLag, Duration(10*time.Second))
	set(&h.BurstShare, 0.95)
	set(&h.SettleUnknown, Duration(2*time.Minute))
}

// set gives a setting its default where it was left out.
func set[T comparable](p *T, def T) {
	var zero T
	if *p == zero {
		*p = def
	}
}

// sortedKeys are a map's keys in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
