package policy

import (
	"fmt"
	"slices"
	"strings"

	"tandem/internal/core"
)

// Holds is the outcome of a rule that bears on a record beside the one that decided.
const Holds = "holds"

// Standing is how a record stands: what was decided, and what else a person who asks why
// may want to be told.
type Standing struct {
	Pair core.Pair
	// From is the side of the record asked about; Salesforce is the object that the pair is,
	// or would become, there.
	From       core.Side
	Salesforce core.Object
	Decided    []core.Decision
	Otherwise  []core.Decision // what an import and a resync would decide
	Consent    []core.Decision // about the addresses of a person
	Issues     []core.Issue
	Everywhere bool // opt-outs pass for who does not sync too
	Reasons    core.Reasons
	Linked     bool
	How        string  // the rule that made the link
	Gone       [2]bool // who of the two is deleted or lives on in another record
	Deletion   string  // the setting for such a deletion
	HasList    bool    // the object has an inclusion list
	Outside    bool    // and the HubSpot record is not in it
	Namesake   string  // who has the same address and comes first, in words; blank for nobody
	Taken      bool    // and has a partner
	HasAccount bool    // the Salesforce contact has an account
	HasCompany bool    // the HubSpot contact has a company
	Company    string  // what the HubSpot contact says its company is called
	Person     bool    // a person account
	Persons    bool    // the org has person accounts
	Lacks      []string
	Owner      *OwnerStanding // nil where owners are not mapped
}

// OwnerStanding is how the owners of a pair stand.
type OwnerStanding struct {
	HubSpot    string // the HubSpot owner in words, blank for none
	Salesforce string // the Salesforce owner in words, blank for none
	Matched    bool   // the HubSpot owner is an active user of Salesforce
	Known      bool   // the Salesforce owner is an owner of HubSpot
	Queue      bool   // the Salesforce owner is a queue
	Strict     bool   // names have to agree
	Fallback   bool   // a fallback owner is set
	FirstMet   bool   // no owner was agreed on so far, and both have one
	OneWay     bool   // the settings ask for another rule than two-way
}

// Bearing are the rules that bear on a record beside those that decided, each with what it
// means for this one. None is told twice, nor one that decided.
func Bearing(s Standing) []core.Decision {
	if len(s.Decided) == 0 {
		return nil
	}
	var out []core.Decision
	told := map[string]bool{}
	for _, d := range s.Decided {
		told[d.Rule] = true
	}
	for _, about := range []func() []bears{s.match, s.list, s.gone, s.account, s.fields, s.owner, s.created, s.consent, s.trouble} {
		for _, b := range about() {
			if !told[b.rule] {
				told[b.rule] = true
				out = append(out, facts{}.decide(b.rule, Holds, b.because))
			}
		}
	}
	return out
}

// bears is a rule that bears on a record, and how.
type bears struct{ rule, because string }

// decided is the last decision with one of the rules; nil for none.
func (s *Standing) decided(rules ...string) *core.Decision {
	for i := range slices.Backward(s.Decided) {
		if slices.Contains(rules, s.Decided[i].Rule) {
			return &s.Decided[i]
		}
	}
	return nil
}

// creates reports that a partner would be made.
func (s *Standing) creates() bool {
	n := len(s.Decided)
	return !s.Linked && n > 0 && s.Decided[n-1].Outcome == Create
}

func (s *Standing) people() bool { return s.Pair == core.ContactPair }

// match are the rules about who is the same person.
func (s *Standing) match() (out []bears) {
	if !s.people() {
		return nil
	}
	if s.Linked && (s.How == "DEDUP-1" || s.How == "LIM-6") {
		out = append(out, bears{"CON-4", "the other one was there with the same e-mail address, so it was linked and nobody was made"},
			bears{"SET-6", "whoever has the address is looked for before anybody is made, in both directions"})
	}
	if s.Linked && s.How == "LIM-6" {
		out = append(out, bears{"DEDUP-2", "several records of Salesforce had the address, and this one was the first contact, or the first lead where there was no contact"})
	}
	if s.Namesake == "" {
		return out
	}
	out = append(out, bears{"DEDUP-2", s.Namesake + " has the same address and comes first: a contact before a lead, then the oldest"})
	if s.Taken {
		out = append(out, bears{"DEDUP-3", "an edit of this record does not move the link of " + s.Namesake})
	}
	return out
}

// list are the rules about the inclusion list.
func (s *Standing) list() (out []bears) {
	left := s.decided("INC-3", "ACC-15")
	switch {
	case left != nil && s.Linked:
		out = append(out, bears{"INC-10", "what was made stays: nothing is deleted because of the list"},
			bears{"AMB-16", "changes of either side wait while the record is outside the list"},
			bears{"INC-7", "the link is kept, and the two go on with it once the record is in the list again"})
	case s.people() && s.From == core.Salesforce && s.HasList && s.creates():
		out = append(out, bears{"INC-9", "the inclusion list is asked of contacts of HubSpot alone, and keeps nobody of Salesforce out"})
	case s.people() && s.From == core.HubSpot && !s.HasList && s.creates():
		out = append(out, bears{"INC-1", "no inclusion list is set, so the contact qualifies"})
	case s.people() && s.From == core.HubSpot && s.HasList && s.decided("CON-1") != nil:
		out = append(out, bears{"INC-5", "that the contact is in the list does not bring it to Salesforce by itself"})
	}
	if left != nil && !s.people() {
		out = append(out, bears{"INC-8", "the object has an inclusion list of its own"})
	}
	return out
}

// gone are the rules about deletions and merges.
func (s *Standing) gone() (out []bears) {
	merge, deletion := s.decided("LIM-7"), s.decided("LIM-16", "AMB-22", "DEL-6")
	switch {
	case merge != nil:
		return s.merged(*merge)
	case deletion == nil || s.Gone == [2]bool{}:
		return nil
	}
	set := "the setting is " + s.Deletion
	switch {
	case s.people() && s.Gone[core.Salesforce]:
		out = append(out, bears{"DEL-1", "a " + s.Salesforce.Word() + " was deleted in Salesforce: " + set},
			bears{"SET-4", "contacts.when_salesforce_" + strings.ToLower(string(s.Salesforce)) + "_deleted is " + s.Deletion})
	case s.people():
		out = append(out, bears{"DEL-2", "the contact was deleted in HubSpot: " + set}, bears{"AMB-12", "contacts.when_hubspot_deleted is " + s.Deletion})
	}
	if deletion.Outcome == Flag {
		out = append(out, bears{"DEL-7", "the partner is marked as one whose record was deleted"})
	}
	if s.Outside {
		out = append(out, bears{"DEL-5", "that the record is outside the inclusion list does not hide its deletion"})
	}
	return out
}

// merged are the rules about a merge.
func (s *Standing) merged(d core.Decision) (out []bears) {
	out = append(out, bears{"DEL-6", "a merge is no deletion: nobody is deleted for it"})
	switch {
	case !s.people():
		if s.Pair == core.CompanyPair {
			out = append(out, bears{"DEDUP-10", "the link follows the merge of companies or accounts"})
		}
	case d.Outcome == Park:
		out = append(out, bears{"DEDUP-5", "nothing is merged by itself on the other side: the loser's partner waits for a person"})
	default:
		out = append(out, bears{"DEDUP-4", "the survivor goes on, with the loser's partner where it had none"})
	}
	return out
}

// account are the rules about the account of a person.
func (s *Standing) account() (out []bears) {
	syncs := s.Linked || s.creates()
	if s.Person {
		out = append(out, bears{"CON-10a", "Salesforce marks the record as a person account"})
	}
	if !s.people() {
		return out
	}
	if s.Salesforce == core.Contact && s.From == core.Salesforce && !s.HasAccount && syncs {
		out = append(out, bears{"CON-9", "the contact has no account; it syncs, and gets the account that its company is given"})
	}
	if s.Salesforce == core.Lead && s.HasCompany && syncs {
		out = append(out, bears{"SET-3", "once the lead is converted its account is linked with the company of its contact, and no second company is made"})
	}
	if s.Persons && s.Salesforce == core.Lead && s.From == core.HubSpot && s.creates() {
		out = append(out, bears{"CON-11", leadOfPersons(s.Company)})
	}
	return out
}

// leadOfPersons says what a new lead can be converted to where the org has person accounts.
func leadOfPersons(company string) string {
	if strings.TrimSpace(company) == "" {
		return "the lead's Company stays blank, so that it can be converted to a person account"
	}
	return "the lead has a Company, so it converts to a business account"
}

// fields are the rules about fields that only one of Salesforce's objects has.
func (s *Standing) fields() (out []bears) {
	const company = "Company"
	if s.Salesforce == core.Contact && slices.Contains(s.Lacks, company) {
		out = append(out, bears{"CON-7", "the company name does not pass as text: a Salesforce contact has an account instead"})
	}
	if rest := slices.DeleteFunc(slices.Clone(s.Lacks), func(f string) bool { return f == company }); len(rest) > 0 {
		out = append(out, bears{"MAP-9", fmt.Sprintf("not of a %s, so left out here: %s", s.Salesforce.Word(), strings.Join(rest, ", "))})
	}
	return out
}

// created are the rules about how a record comes to have a partner.
func (s *Standing) created() (out []bears) {
	imports := s.people() && s.creates() && s.Reasons.Has(core.ReasonImport)
	for _, d := range s.Otherwise {
		switch made := s.people() && d.Outcome == Create; {
		case made && d.Rule == "IMP-1":
			imports = true
		case made && d.Rule == "TRIG-9":
			out = append(out, bears{"IMP-5", "this one can be brought in by hand"})
		}
	}
	if imports {
		out = append(out, bears{"IMP-2", "an import brings all mapped fields, not the address alone"}, bears{"LIM-30", "an import needs no second sync, and no list"})
	}
	if s.people() && s.decided("LIM-25") != nil {
		out = append(out, bears{"INST-7", "several portals are in step with the org, and the people of one stay out of the other"})
	}
	return out
}

// consent are the rules about an opt-out that one side took back, or that passes for whoever
// does not sync.
func (s *Standing) consent() (out []bears) {
	for _, d := range s.Consent {
		if d.Rule == "OPT-5" || d.Rule == "OPT-3" && d.Outcome != None {
			out = append(out, bears{"LIM-13", "consent is one state for both sides, and what one of them lifted is set again"},
				bears{"AMB-9", "the box in Salesforce is ticked again while HubSpot is opted out"})
		}
		if s.Everywhere && (s.Outside || !s.Linked) && d.Outcome != None {
			out = append(out, bears{"LIM-12", "an opt-out passes also where the record itself does not sync"})
		}
	}
	return out
}
