package core

import "strings"

// sharedByPersons are the fields that a person account and the contact behind it have
// under one name.
var sharedByPersons = map[string]bool{"FirstName": true, "LastName": true, "MiddleName": true, "Suffix": true, "Salutation": true, "Phone": true, "Fax": true, "OwnerId": true}

// PersonField is the name by which a person account shows a field of the contact
// behind it: PersonEmail for Email, Level__pc for Level__c (Object Reference for the
// Salesforce Platform, "Account", "IsPersonAccount Fields"). Not every field is shown.
func PersonField(contact string) string {
	if custom, ok := strings.CutSuffix(contact, "__c"); ok {
		return custom + "__pc"
	}
	if sharedByPersons[contact] {
		return contact
	}
	return "Person" + contact
}

// ForPersons reports a field that only accounts have that are persons: others refuse
// a value in it (INVALID_FIELD_FOR_INSERT_UPDATE).
func ForPersons(account string) bool {
	switch account {
	case "FirstName", "LastName", "MiddleName", "Suffix", "Salutation":
		return true
	}
	return strings.HasPrefix(account, "Person") && !strings.HasSuffix(account, "__c") || strings.HasSuffix(account, "__pc")
}
