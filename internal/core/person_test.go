package core

import "testing"

// CON-10: a person account shows the contact's fields under names of its own.
func TestCON10_PersonField(t *testing.T) {
	for contact, account := range map[string]string{"Email": "PersonEmail", "MailingCity": "PersonMailingCity", "Level__c": "Level__pc", "LastName": "LastName", "Phone": "Phone", "OwnerId": "OwnerId"} {
		if got := PersonField(contact); got != account {
			t.Errorf("%s is shown as %s, want %s", contact, got, account)
		}
	}
	for account, want := range map[string]bool{"PersonEmail": true, "Level__pc": true, "LastName": true, "Name": false, "Phone": false, "Person__c": false, "Level__c": false} {
		if got := ForPersons(account); got != want {
			t.Errorf("%s is for persons only: %v", account, got)
		}
	}
}
