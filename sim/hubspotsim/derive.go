package hubspotsim

import (
	"strconv"
	"strings"
)

func fixed(text string) func(view) string { return func(view) string { return text } }

// derivation gives the rule of a property whose value the portal works out, or nil.
func derivation(typeID, name string) func(view) string {
	if f := systemDerivations[name]; f != nil {
		return f
	}
	return typeDerivations[typeID][name]
}

var systemDerivations = map[string]func(view) string{
	"hs_object_id":              func(w view) string { return formatID(w.r.id) },
	"hs_createdate":             ownCreation,
	"createdate":                func(w view) string { return formatMS(w.createdAt()) },
	"lastmodifieddate":          func(w view) string { return formatMS(w.v.updated) },
	stampProperty:               func(w view) string { return formatMS(w.v.updated) },
	"hs_object_source":          func(w view) string { return w.r.by.source },
	"hs_object_source_id":       func(w view) string { return w.r.by.sourceID },
	"hs_object_source_label":    func(w view) string { return w.r.by.source },
	"hs_object_source_detail_1": func(w view) string { return w.r.by.detail },
	"hs_object_source_user_id":  func(w view) string { return formatUser(w.r.by) },
	"hs_created_by_user_id":     func(w view) string { return formatUser(w.r.by) },
	"hs_updated_by_user_id":     func(w view) string { return formatUser(w.v.by) },
	"hubspot_owner_assigneddate": func(w view) string {
		if d := w.t.schema.find(ownerProperty); d != nil {
			if val, ok := w.v.find(d.id); ok && val.text != "" {
				return formatMS(val.at)
			}
		}
		return ""
	},
	"hs_all_owner_ids":                      func(w view) string { return w.get(ownerProperty) },
	"hs_searchable_calculated_phone_number": func(w view) string { return searchablePhone(w.get("phone")) },
	"num_associated_contacts":               func(w view) string { return w.count(typeContact) },
	"num_associated_deals":                  func(w view) string { return noZero(w.count(typeDeal)) },
}

var typeDerivations = map[string]map[string]func(view) string{
	typeContact: {
		"associatedcompanyid":                          func(w view) string { return w.primary(typeCompany) },
		"hs_all_contact_vids":                          allVids,
		"hs_email_domain":                              func(w view) string { return emailDomain(w.get("email")) },
		"hs_full_name_or_email":                        fullNameOrEmail,
		"hs_is_contact":                                fixed("true"),
		"hs_is_unworked":                               fixed("true"),
		"hs_pipeline":                                  fixed("contacts-lifecycle-pipeline"),
		"hs_email_optout":                              func(w view) string { return w.p.shownOptOut(w, everything) },
		"hs_associated_target_accounts":                fixed("0"),
		"hs_registered_member":                         fixed("0"),
		"num_notes":                                    fixed("0"),
		"hs_sequences_actively_enrolled_count":         fixed("0"),
		"hs_membership_has_accessed_private_content":   fixed("0"),
		"hs_currently_enrolled_in_prospecting_agent":   fixed("false"),
		"hs_prospecting_agent_actively_enrolled_count": fixed("0"),
		"hs_prospecting_agent_total_enrolled_count":    fixed("0"),
	},
	typeCompany: {
		"hs_pipeline":            fixed("companies-lifecycle-pipeline"),
		"num_notes":              fixed("0"),
		"hs_parent_company_id":   func(w view) string { return w.parentCompany() },
		"hs_num_child_companies": func(w view) string { return strconv.Itoa(w.labelled(typeCompany, parentToChild)) },
		"hs_num_open_deals":      func(w view) string { return strconv.Itoa(w.openDeals()) },
	},
	typeItem: {"amount": netPrice},
	typeDeal: {
		"hs_is_closed":              func(w view) string { return strconv.FormatBool(w.dealStage().closed()) },
		"hs_is_closed_won":          func(w view) string { return strconv.FormatBool(w.dealStage().won()) },
		"hs_is_closed_lost":         func(w view) string { return strconv.FormatBool(w.dealStage().lost()) },
		"hs_deal_stage_probability": func(w view) string { return w.dealStage().Metadata["probability"] },
		"amount_in_home_currency":   func(w view) string { return w.get("amount") },

		"hs_deal_stage_probability_shadow": func(w view) string { return w.dealStage().Metadata["probability"] },
		"hs_forecast_amount":               func(w view) string { return w.weighted(orOne(w.get("hs_forecast_probability"))) },
		"hs_projected_amount":              func(w view) string { return w.weighted(w.dealStage().Metadata["probability"]) },
		"hs_closed_amount":                 func(w view) string { return w.closedAmount() },
		"days_to_close":                    func(w view) string { return w.daysToClose() },
	},
	typeEmail: {
		"hs_email_from_email":     mailHeader("from", "email"),
		"hs_email_from_firstname": mailHeader("from", "firstName"),
		"hs_email_from_lastname":  mailHeader("from", "lastName"),
		"hs_email_to_email":       mailHeader("to", "email"),
		"hs_email_to_firstname":   mailHeader("to", "firstName"),
		"hs_email_to_lastname":    mailHeader("to", "lastName"),
	},
	"0-27": {
		"hs_task_is_completed": func(w view) string {
			if w.get("hs_task_status") == "COMPLETED" {
				return "1"
			}
			return "0"
		},
	},
}

func orOne(probability string) string {
	if probability == "" {
		return "1"
	}
	return probability
}

// weighted is a deal's amount times a probability.
func (w view) weighted(probability string) string {
	amount, err := strconv.ParseFloat(w.get("amount"), 64)
	share, wrong := strconv.ParseFloat(probability, 64)
	if err != nil || wrong != nil {
		return ""
	}
	return strconv.FormatFloat(amount*share, 'f', -1, 64)
}

func (w view) closedAmount() string {
	if amount := w.get("amount"); amount != "" && w.dealStage().won() {
		return amount
	}
	return "0"
}

// daysToClose are the whole days from a deal's creation to its close date.
func (w view) daysToClose() string {
	closes, ok := parseMS(w.get("closedate"))
	if !ok {
		return "0"
	}
	return strconv.FormatInt(max(0, closes-w.createdAt())/(24*60*60*1000), 10)
}

// noZero: this count is blank, not zero, while there is nothing to count.
func noZero(count string) string {
	if count == "0" {
		return ""
	}
	return count
}

// ownCreation: only types without createdate fill hs_createdate.
func ownCreation(w view) string {
	if w.t.created != "hs_createdate" {
		return ""
	}
	return formatMS(w.r.created)
}

const ownerProperty = "hubspot_owner_id"

func formatUser(a *actor) string {
	if a == nil || a.userID == 0 {
		return ""
	}
	return strconv.Itoa(a.userID)
}

// createdAt is the stamp that records show: an import may have set createdate.
func (w view) createdAt() int64 {
	if d := w.t.schema.find("createdate"); d != nil {
		if ms, ok := parseMS(w.v.text(d.id)); ok {
			return ms
		}
	}
	return w.r.created
}

func allVids(w view) string {
	ids := formatID(w.r.id)
	if merged := w.get("hs_merged_object_ids"); merged != "" {
		ids += ";" + merged
	}
	return ids
}

func fullNameOrEmail(w view) string {
	name := strings.TrimSpace(w.get("firstname") + " " + w.get("lastname"))
	if name == "" {
		return w.get("email")
	}
	return name
}

func emailDomain(email string) string {
	_, domain, _ := strings.Cut(email, "@")
	return domain
}

// searchablePhone keeps the digits without the North American country code.
func searchablePhone(phone string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
	if len(digits) == 11 && digits[0] == '1' {
		return digits[1:]
	}
	return digits
}
