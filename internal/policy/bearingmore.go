package policy

import (
	"slices"
	"strings"

	"tandem/internal/core"
)

// owner are the rules about who owns the records of a pair.
func (s *Standing) owner() (out []bears) {
	o := s.Owner
	if o == nil {
		return nil
	}
	if o.OneWay {
		out = append(out, bears{"MAP-8", "the mapping asks for another rule, and owners are two-way all the same"})
	}
	switch {
	case s.From == core.HubSpot && s.creates():
		out = append(out, s.newOwner())
	case s.Linked && o.FirstMet && s.Pair == core.CompanyPair:
		out = append(out, bears{"OWN-7", "the two meet for the first time: the owner in Salesforce, " + o.Salesforce + ", stands"})
	case s.Linked && o.FirstMet:
		out = append(out, bears{"OWN-6", "the two meet for the first time: the owner in Salesforce, " + o.Salesforce + ", stands, and no assignment rule runs"})
	}
	if o.HubSpot != "" && !o.Matched {
		out = append(out, s.unmatched()...)
	}
	if o.Salesforce != "" && !o.Known {
		out = append(out, bears{"OWN-3a", "HubSpot has no active owner for " + o.Salesforce + ", whose name is a note there"})
		if o.Queue {
			out = append(out, bears{"OWN-10", "a queue owns the record in Salesforce, and owns nothing in HubSpot"},
				bears{"OWN-1", "a queue is known as an owner of Salesforce"})
		}
	}
	return out
}

// newOwner is the rule by which a new record of Salesforce gets its owner.
func (s *Standing) newOwner() bears {
	rule := map[core.Object]string{core.Lead: "OWN-5", core.Contact: "OWN-9"}[s.Salesforce]
	if rule == "" {
		rule = "OWN-7"
	}
	switch {
	case s.Owner.Matched:
		return bears{rule, s.Owner.HubSpot + " is an active user of Salesforce and owns the new record"}
	case s.Owner.Fallback:
		return bears{rule, "nobody in Salesforce is the owner in HubSpot, so the fallback owner owns the new record"}
	case s.Salesforce == core.Lead:
		return bears{rule, "nobody in Salesforce is the owner in HubSpot, so the assignment rules of leads decide"}
	}
	return bears{rule, "nobody in Salesforce is the owner in HubSpot, so the integration's user owns the new record"}
}

// unmatched are the rules about a HubSpot owner who is no active user of Salesforce.
func (s *Standing) unmatched() []bears {
	out := []bears{{"OWN-3", s.Owner.HubSpot + " is no active user of Salesforce, and does not pass"}}
	if s.Owner.Strict {
		out = append(out, bears{"AMB-19", "the name has to agree as well as the address: owners.match is strict"})
	}
	if s.Owner.Fallback && s.creates() {
		out = append(out, bears{"LIM-17", "owners.fallback owns what is made"})
	}
	return out
}

// ruleOfCategory is the requirement about each category of issues.
var ruleOfCategory = map[core.Category]string{
	core.CategoryAssociation: "ERR-3", core.CategoryCustomCode: "ERR-4", core.CategoryDuplicate: "ERR-5", core.CategoryPermissions: "ERR-6",
	core.CategoryPicklist: "ERR-7", core.CategoryMapping: "ERR-8", core.CategoryValue: "ERR-9",
}

// trouble are the rules about the open issues.
func (s *Standing) trouble() (out []bears) {
	for _, i := range s.Issues {
		if rule := ruleOfCategory[i.Category]; rule != "" {
			out = append(out, bears{rule, i.Message})
		}
		switch {
		case i.Code == "salesforce_duplicate_rule":
			out = append(out, bears{"DEDUP-8", i.Message})
		case i.Code == "email_already_in_use":
			out = append(out, bears{RuleAddressInUse, i.Message})
		case i.Code == "required_missing" && s.Salesforce == core.Lead && s.From == core.HubSpot && slices.Contains([]string{"LastName", "Company"}, i.Field):
			out = append(out, bears{"CON-8", "a lead needs a value in " + i.Field}, bears{"AMB-4", "nothing is made up for " + i.Field})
		case namesPlace(i.Field):
			out = append(out, bears{"MAP-14", "a state or country passes where both sides list it"})
		}
	}
	return out
}

// namesPlace reports a field of either side that holds a state or a country.
func namesPlace(field string) bool {
	f := strings.ToLower(strings.TrimSuffix(field, "Code"))
	return strings.HasSuffix(f, "state") || strings.HasSuffix(f, "country") || f == "hs_state_code" || f == "hs_country_region_code"
}
