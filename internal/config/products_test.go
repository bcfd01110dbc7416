package config

import "testing"

// TestLIM14_ProductsRefuseWhatCannotBeMeant: a mark in Salesforce, and no direction at all.
func TestLIM14_ProductsRefuseWhatCannotBeMeant(t *testing.T) {
	for settings, key := range map[string]string{
		"when_hubspot_deleted: vanish":                    "when_hubspot_deleted",
		"when_salesforce_deleted: vanish":                 "when_salesforce_deleted",
		"from_salesforce: nothing, from_hubspot: nothing": "from_hubspot",
		"filter: {from_hubspot: \"(\"}":                   "filter.from_hubspot",
	} {
		wantRefused(t, "companies:\n", "products: {"+settings+"}\n    companies:\n", "connections[0].products."+key)
	}
}

// TestLIM14_LineItemsRefuseWhatCannotBeMeant: line items without products and deals, and a sum
// that nobody makes.
func TestLIM14_LineItemsRefuseWhatCannotBeMeant(t *testing.T) {
	for settings, key := range map[string]string{
		"line_items: {sync: true}":                                      "sync",
		"products: {sync: true}\n    line_items: {sync: true}":          "sync",
		"line_items: {deal_amount: both}":                               "deal_amount",
		"line_items: {when_hubspot_deleted: vanish}":                    "when_hubspot_deleted",
		"line_items: {when_salesforce_deleted: vanish}":                 "when_salesforce_deleted",
		"line_items: {from_salesforce: nothing, from_hubspot: nothing}": "from_hubspot",
		"line_items: {filter: {from_salesforce: \"(\"}}":                "filter.from_salesforce",
	} {
		wantRefused(t, "companies:\n", settings+"\n    companies:\n", "connections[0].line_items."+key)
	}
}
