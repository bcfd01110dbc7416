package policy

import "tandem/internal/core"

// mends say what a person can do about a rule that makes nothing for a record.
var mends = map[string]string{
	"ACC-1":   "set companies.sync: true and run tandem settings apply",
	"ACC-2":   "set companies.sync: true and run tandem settings apply",
	"ACC-4":   "tandem import company, or edit the account",
	"ACC-8a":  "associate a contact with the company",
	"ACC-8b":  "associate a contact that does not sync with a lead, or convert the lead",
	"ACC-8c":  "let an associated contact qualify for the inclusion list",
	"ACC-15":  "bring the company into the list that companies.inclusion_list names",
	"ACT-1":   "associate it with a person, a company or a deal that syncs; tandem import activity, or an edit, brings an older one",
	"ACT-4":   "relate it to a person, an account or an opportunity that syncs; tandem import activity, or an edit, brings an older one",
	"AMB-13":  "tandem resync makes or links another partner",
	"CASE-1":  "set tickets.sync: true, or tandem import ticket, or edit the record",
	"CASE-2":  "move the ticket to a pipeline that syncs, or give the case such a record type",
	"CO-3":    "set sync: true of the custom object, or change its direction, and run tandem settings apply",
	"CO-5":    "tandem import, or edit the record",
	"AMB-18":  "set tickets.from_hubspot: create_or_update, run tandem settings apply, and import or edit the ticket",
	"CON-1":   "tandem import contact, or edit the person",
	"CON-6":   "give the contact an e-mail address",
	"DEAL-2":  "set deals.sync: true and run tandem settings apply",
	"DEAL-5":  "move the deal to a pipeline that syncs, join its pipeline with deals.pipelines, or give the opportunity a record type that has one",
	"DEAL-7":  "tandem import deal, or edit the opportunity",
	"DEAL-8":  "tandem import deal, or edit the deal",
	"DEDUP-9": "give one of the two another address, or merge them where they are one person; a further address of a HubSpot contact can be taken from it",
	"IMP-3":   "give the record an e-mail address",
	"INC-3":   "bring the record into the list that inclusion_list of its object names, such as contacts.inclusion_list, or take that setting out",
	"INST-8":  "tandem import company, or edit the company, or associate a contact with it",
	"LIM-10":  "change companies.create_account",
	"LIM-14":  "switch the object's sync on and run tandem settings apply, or tandem import it, or edit the record",
	"LIM-11":  "change the filter of this direction, or the record's values that it looks at",
	"SET-9":   "switch the type on in activities, and run tandem settings apply",
	"SET-2":   "see contacts in the settings",
}

// verbs are the commands that the mends of rules name first and that give a record another
// cause to be looked at.
var verbs = map[string]core.Reasons{
	"ACC-4": core.ReasonImport, "AMB-13": core.ReasonPerson, "CO-5": core.ReasonImport, "CON-1": core.ReasonImport,
	"DEAL-7": core.ReasonImport, "DEAL-8": core.ReasonImport, "INST-8": core.ReasonImport,
}

// MendsBy is the cause that the mend of a decision counts on; none for those that name a
// setting or a value.
func MendsBy(d core.Decision) core.Reasons {
	if d.Facts["erased"] != "" {
		return 0
	}
	return verbs[d.Rule]
}

// erasedMend is the one way back after an erasure: no rule and no resync makes a partner
// for an address that was erased.
const erasedMend = "if the person has come back, make the record of the other side yourself and join the two with tandem links link"

// Mend says what a person can do where a decision makes nothing for a record; blank
// where it writes, waits for something that comes by itself, or nothing helps.
func Mend(d core.Decision) string {
	if d.Facts["erased"] != "" {
		return erasedMend
	}
	if d.Outcome != None && d.Outcome != OutOfScope {
		return ""
	}
	switch filter, way := d.Facts["filter_note"], d.Facts["contacts.from_salesforce"]; {
	case d.Rule == "LIM-11" && filter != "":
		return "change " + filter + " and run tandem settings apply, or change the record's values that it looks at"
	case d.Rule == "SET-2" && d.Facts["contacts.sync"] == "false":
		return "set contacts.sync: true and run tandem settings apply"
	case d.Rule == "SET-2" && way == UpdateOnly:
		return "tandem import lead or tandem import contact, with --ids for this one alone; or set contacts.from_salesforce: create_or_update, run tandem settings apply, and import or edit the person"
	case d.Rule == "SET-2" && way == DoNothing:
		return "tandem resync makes a partner for this one; or set contacts.from_salesforce: create_or_update, run tandem settings apply, and import or edit the person"
	}
	return mends[d.Rule]
}
