package mapping

import (
	"fmt"

	"tandem/internal/core"
)

// shownValue is how much of a refused value a message shows, in bytes.
const shownValue = 40

func issueOption(side core.Side, d *FieldDef, value string) *FieldIssue {
	return &FieldIssue{Side: side, Field: d.Name, Category: core.CategoryPicklist, Code: "option_unknown", Rule: "ERR-7", Refused: true,
		Message: fmt.Sprintf("%s does not know %s as a value of %s", side.Label(), shown(value), d.Name),
		Mend:    "add the option there, or a value map to the mapping"}
}

func issueLength(side core.Side, d *FieldDef, length, limit int) *FieldIssue {
	return &FieldIssue{Side: side, Field: d.Name, Category: core.CategoryValue, Code: "too_long", Rule: "ERR-9", Refused: true,
		Message: fmt.Sprintf("the value has %d characters and %s takes %d in %s", length, side.Label(), limit, d.Name),
		Mend:    "shorten the value, or make the field longer"}
}

func issueFormat(side core.Side, d *FieldDef, value, want string) *FieldIssue {
	return &FieldIssue{Side: side, Field: d.Name, Category: core.CategoryValue, Code: "wrong_format", Rule: "ERR-9", Refused: true,
		Message: fmt.Sprintf("%s cannot be stored in %s %s, which takes %s", shown(value), side.Label(), d.Name, want),
		Mend:    "correct the value on the other side"}
}

func issueRange(side core.Side, d *FieldDef, value string) *FieldIssue {
	return &FieldIssue{Side: side, Field: d.Name, Category: core.CategoryValue, Code: "out_of_range", Rule: "ERR-9", Refused: true,
		Message: fmt.Sprintf("%s is outside of what %s keeps in %s", shown(value), side.Label(), d.Name),
		Mend:    "correct the value on the other side, or widen the field"}
}

// CodeAdapted is the code of a value that a side keeps in another form, such as a rounded
// number.
const CodeAdapted = "adapted"

func issueAdapted(side core.Side, d *FieldDef, what string) *FieldIssue {
	return &FieldIssue{Side: side, Field: d.Name, Category: core.CategoryValue, Code: CodeAdapted, Rule: "ERR-9",
		Message: fmt.Sprintf("for %s %s %s", side.Label(), d.Name, what),
		Mend:    "correct the value on the other side if the difference matters"}
}

func issueRequired(side core.Side, d *FieldDef) *FieldIssue {
	return &FieldIssue{Side: side, Field: d.Name, Category: core.CategoryValue, Code: "required_missing", Rule: "ERR-9", Refused: true,
		Message: fmt.Sprintf("%s demands a value for %s and there is none", side.Label(), d.Name),
		Mend:    "fill the mapped field on the other side, or map a field that is always filled"}
}

// issueOwner names an owner without a partner; who is how a person knows him. That a
// Salesforce owner is nobody in HubSpot is no issue: HubSpot's owner is left alone.
func issueOwner(side core.Side, d *FieldDef, who string) *FieldIssue {
	partner, rule := "owner with the same e-mail address", "OWN-3a"
	if side == core.Salesforce {
		partner, rule = "active user with the same e-mail address", "OWN-3"
	}
	return &FieldIssue{Side: side, Field: d.Name, Category: core.CategoryValue, Code: "owner_unmatched", Rule: rule, Refused: true, Told: side == core.HubSpot,
		Message: fmt.Sprintf("the %s owner %s has no match: %s has no %s", side.Other().Label(), who, side.Label(), partner),
		Mend:    "add the person there with that address, pair the two under owners.map, or give the record an owner whom both sides know"}
}

// issueInactiveOwner names an owner who was deactivated in HubSpot, which is no issue
// either: he is as much nobody there as one whom HubSpot never knew.
func issueInactiveOwner(side core.Side, d *FieldDef, who string) *FieldIssue {
	return &FieldIssue{Side: side, Field: d.Name, Category: core.CategoryValue, Code: "owner_inactive", Rule: "OWN-3a", Refused: true, Told: true,
		Message: fmt.Sprintf("the owner %s is deactivated in %s", who, side.Label()),
		Mend:    "give the record an active owner, or pair the user with another one under owners.map"}
}

func issueHidden(side core.Side, name string) *FieldIssue {
	return &FieldIssue{Side: side, Field: name, Category: core.CategoryPermissions, Code: "field_hidden", Rule: "ERR-6", Refused: true,
		Message: fmt.Sprintf("%s did not answer the field %s", side.Label(), name),
		Mend:    "give the integration user read access to the field, or remove the mapping"}
}

func issueExpression(side core.Side, name string, err error) *FieldIssue {
	return &FieldIssue{Side: side, Field: name, Category: core.CategoryMapping, Code: "expression_failed", Rule: "ERR-8", Refused: true,
		Message: fmt.Sprintf("the transform of %s fails on this record: %v", name, err),
		Mend:    "correct the expression, for example with ?? for blank values"}
}

// shown quotes a value for a message, so that control and direction characters
// in it cannot disturb the reader.
func shown(v string) string {
	if len(v) > shownValue {
		return fmt.Sprintf("%.*q…", shownValue, v)
	}
	return fmt.Sprintf("%q", v)
}
