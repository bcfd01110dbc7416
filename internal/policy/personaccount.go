package policy

import "tandem/internal/core"

// What a person account of Salesforce syncs with: contacts.person_accounts.
const (
	PersonBoth    = "both" // one company and one contact (CON-10)
	PersonContact = "contact"
	PersonCompany = "company"
)

// PersonAccount is what a HubSpot contact becomes that is to be an account and a
// contact in one (LIM-28). It is no object of its own in Salesforce.
const PersonAccount core.Object = "PersonAccount"

// SyncPersonAccount decides whether a person account syncs with the HubSpot records
// of an object pair: CON-10, LIM-28.
func SyncPersonAccount(pair core.Pair, setting string) core.Decision {
	f := facts{}.text("person_account", "yes, by IsPersonAccount (CON-10a)").text("contacts.person_accounts", setting)
	switch {
	case pair == core.CompanyPair && setting == PersonContact:
		return f.decide("LIM-28", OutOfScope, "person accounts sync with contacts only: contacts.person_accounts is contact")
	case pair == core.ContactPair && setting == PersonCompany:
		return f.decide("LIM-28", OutOfScope, "person accounts sync with companies only: contacts.person_accounts is company")
	case setting == PersonContact:
		return f.decide("LIM-28", Link, "the person account has a contact and no company")
	case setting == PersonCompany:
		return f.decide("LIM-28", Link, "the person account has a company and no contact")
	}
	return f.decide("CON-10", Link, "the person account has one company and one contact")
}
