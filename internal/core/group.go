package core

import "strings"

// addressPrefixes are the Salesforce compound addresses, the longest first so
// that a lead's bare Street is tried last.
var addressPrefixes = []string{"Billing", "Shipping", "Mailing", "Other", ""}

var addressParts = map[string]bool{"Street": true, "City": true, "State": true, "StateCode": true,
	"PostalCode": true, "Country": true, "CountryCode": true}

// writeGroups names the fields, by side, that make no sense one without the
// other. Salesforce checks a state against its country, an amount means nothing
// without its currency, a stage is valid only in its pipeline.
var writeGroups = [2]map[string]string{
	{
		"Salutation": "name", "FirstName": "name", "MiddleName": "name", "LastName": "name", "Suffix": "name",
		"OwnerId": "owner",
		"Amount":  "money", "AnnualRevenue": "money", "CurrencyIsoCode": "money",
		"RecordTypeId": "stage", "StageName": "stage", "Status": "stage",
	},
	{
		"salutation": "name", "firstname": "name", "lastname": "name",
		"hubspot_owner_id": "owner",
		"address":          "address", "address2": "address", "city": "address", "state": "address", "zip": "address",
		"country": "address", "hs_state_code": "address", "hs_country_region_code": "address",
		"amount": "money", "annualrevenue": "money", "deal_currency_code": "money",
		"pipeline": "stage", "dealstage": "stage", "hs_pipeline": "stage", "hs_pipeline_stage": "stage",
	},
}

// Group is the write group of a field: fields of one record and one group
// succeed or fail together. A field that stands alone is its own group.
func Group(side Side, object Object, field string) string {
	if g, ok := writeGroups[side][field]; ok {
		return "group:" + g
	}
	if side == Salesforce {
		if g, ok := addressGroup(object, field); ok {
			return g
		}
	}
	return field
}

// addressGroup finds the compound address a field is part of. Bare part names
// are an address on Lead only.
func addressGroup(object Object, field string) (string, bool) {
	for _, prefix := range addressPrefixes {
		part, ok := strings.CutPrefix(field, prefix)
		if ok && addressParts[part] && (prefix != "" || object == Lead) {
			return "group:" + prefix + "address", true
		}
	}
	return "", false
}
