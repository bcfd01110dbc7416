package config

import (
	"tandem/internal/core"
	"tandem/internal/policy"
)

// Products are the settings of the product pair: Product2 ⇄ products, with the price of one
// price book (LIM-14).
type Products struct {
	Sync bool `yaml:"sync"` // written even when off, as for companies
	// PriceBook is the name or id of the price book whose prices pass; blank for the standard
	// one.
	PriceBook string `yaml:"price_book,omitempty"`
	// What a record of one side does on the other: create_or_update, update_only or
	// nothing.
	FromSalesforce string `yaml:"from_salesforce,omitempty"`
	FromHubSpot    string `yaml:"from_hubspot,omitempty"`
	// What follows a deletion: nothing, flag (in HubSpot only), archive or delete.
	WhenSalesforceDeleted string `yaml:"when_salesforce_deleted,omitempty"`
	WhenHubSpotDeleted    string `yaml:"when_hubspot_deleted,omitempty"`
	Filter                Filter `yaml:"filter,omitempty"`
}

func (p *Products) complete() {
	set(&p.FromSalesforce, policy.CreateOrUpdate)
	set(&p.FromHubSpot, policy.CreateOrUpdate)
	set(&p.WhenSalesforceDeleted, nothing)
	set(&p.WhenHubSpotDeleted, nothing)
}

func (p *Products) pairSettings() PairSettings {
	return PairSettings{Sync: p.Sync, Filter: p.Filter, From: [2]string{p.FromSalesforce, p.FromHubSpot},
		Deleted: deletedOf(core.Product, p.WhenSalesforceDeleted, core.Products, p.WhenHubSpotDeleted)}
}

// LineItems are the settings of the line item pair: OpportunityLineItem ⇄ line_items, the
// products of linked opportunities and deals (LIM-14).
type LineItems struct {
	Sync bool `yaml:"sync"` // written even when off, as for companies
	// DealAmount says whose sum a deal shows whose opportunity has products: salesforce, or
	// hubspot where the portal computes it.
	DealAmount string `yaml:"deal_amount,omitempty"`
	// What a record of one side does on the other: create_or_update, update_only or
	// nothing.
	FromSalesforce string `yaml:"from_salesforce,omitempty"`
	FromHubSpot    string `yaml:"from_hubspot,omitempty"`
	// What follows a deletion: nothing, flag (in HubSpot only), archive or delete.
	WhenSalesforceDeleted string `yaml:"when_salesforce_deleted,omitempty"`
	WhenHubSpotDeleted    string `yaml:"when_hubspot_deleted,omitempty"`
	Filter                Filter `yaml:"filter,omitempty"`
}

// Whose sum a deal shows.
const (
	AmountOfSalesforce = "salesforce"
	AmountOfHubSpot    = "hubspot"
)

func (l *LineItems) complete() {
	set(&l.DealAmount, AmountOfSalesforce)
	set(&l.FromSalesforce, policy.CreateOrUpdate)
	set(&l.FromHubSpot, policy.CreateOrUpdate)
	set(&l.WhenSalesforceDeleted, nothing)
	set(&l.WhenHubSpotDeleted, nothing)
}

func (l *LineItems) pairSettings() PairSettings {
	return PairSettings{Sync: l.Sync, Filter: l.Filter, From: [2]string{l.FromSalesforce, l.FromHubSpot},
		Deleted: deletedOf(core.LineItem, l.WhenSalesforceDeleted, core.LineItems, l.WhenHubSpotDeleted)}
}

func (c *Connection) checkLineItems(at finder) error {
	at = at.under(".line_items")
	if c.LineItems.Sync && (!c.Products.Sync || !c.Deals.Sync) {
		return at.refuse(".sync", "line items name products and deals, and both must sync (LIM-14)", "set products.sync: true and deals.sync: true, or line_items.sync: false")
	}
	if err := oneOf(at, ".deal_amount", c.LineItems.DealAmount, AmountOfSalesforce, AmountOfHubSpot); err != nil {
		return err
	}
	return checkPassing(at, c.LineItems.pairSettings(), core.LineItem, core.LineItems)
}

func (c *Connection) checkProducts(at finder) error {
	return checkPassing(at.under(".products"), c.Products.pairSettings(), core.Product, core.Products)
}
