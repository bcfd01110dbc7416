package policy

import (
	"slices"
	"testing"

	"tandem/internal/core"
)

func TestCategorize(t *testing.T) {
	rows := []struct {
		name     string
		side     core.Side
		class    core.Class
		code     string
		message  string
		fields   []string
		category core.Category
		ours     string
	}{
		{"ERR-3 limit", core.HubSpot, core.ClassRejected, "ASSOCIATION_LIMIT_REACHED", "", nil, core.CategoryAssociation, "association_limit_reached"},
		{"ERR-3 reference", core.Salesforce, core.ClassRejected, "INVALID_CROSS_REFERENCE_KEY", "", []string{"ParentId"}, core.CategoryAssociation, "reference_invalid"},
		{"ERR-4 validation rule", core.Salesforce, core.ClassRejected, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Phone must have 10 digits", nil, core.CategoryCustomCode, "custom_code"},
		{"ERR-4 trigger", core.Salesforce, core.ClassRejected, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "AccountTrigger: null pointer", nil, core.CategoryCustomCode, "custom_code"},
		{"ERR-4 flow", core.Salesforce, core.ClassRejected, "CANNOT_EXECUTE_FLOW_TRIGGER", "", nil, core.CategoryCustomCode, "custom_code"},
		{"a trigger that met a lock", core.Salesforce, core.ClassTransient, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "T: UNABLE_TO_LOCK_ROW, unable to obtain", nil, core.CategoryOther, "temporarily_refused"},
		{"ERR-5 duplicate rule", core.Salesforce, core.ClassDuplicate, "DUPLICATES_DETECTED", "Use one of these records?", nil, core.CategoryDuplicate, "salesforce_duplicate_rule"},
		{"ERR-5 e-mail in use", core.HubSpot, core.ClassDuplicate, "CONFLICT", "Contact already exists. Existing ID: 171591000198", nil, core.CategoryDuplicate, "email_already_in_use"},
		{"ERR-5 e-mail in use by field", core.HubSpot, core.ClassDuplicate, "CONFLICTING_UNIQUE_VALUE", "", []string{"email"}, core.CategoryDuplicate, "email_already_in_use"},
		{"ERR-5 unique value", core.Salesforce, core.ClassDuplicate, "DUPLICATE_VALUE", "duplicate value found", []string{"Ext__c"}, core.CategoryDuplicate, "duplicate_value"},
		{"ERR-6 access", core.Salesforce, core.ClassRejected, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "", nil, core.CategoryPermissions, "insufficient_access_or_missing_record"},
		{"ERR-6 field", core.Salesforce, core.ClassSchema, "INVALID_FIELD_FOR_INSERT_UPDATE", "", []string{"Name"}, core.CategoryPermissions, "field_permission"},
		{"ERR-6 scopes", core.HubSpot, core.ClassAuth, "MISSING_SCOPES", "", nil, core.CategoryPermissions, "missing_scope"},
		{"ERR-7 restricted picklist", core.Salesforce, core.ClassRejected, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "", []string{"Industry"}, core.CategoryPicklist, "picklist_value"},
		{"ERR-7 option", core.HubSpot, core.ClassRejected, "INVALID_OPTION", "", []string{"industry"}, core.CategoryPicklist, "picklist_value"},
		{"ERR-7 option under a general category", core.HubSpot, core.ClassRejected, "VALIDATION_ERROR", `"X" was not one of the allowed options: []`, nil, core.CategoryPicklist, "picklist_value"},
		{"ERR-8 field missing", core.Salesforce, core.ClassSchema, "INVALID_FIELD", "No such column", nil, core.CategoryMapping, "field_missing"},
		{"ERR-8 property missing", core.HubSpot, core.ClassSchema, "PROPERTY_DOESNT_EXIST", "", nil, core.CategoryMapping, "field_missing"},
		{"ERR-8 read only", core.HubSpot, core.ClassRejected, "READ_ONLY_VALUE", "", nil, core.CategoryMapping, "field_read_only"},
		{"ERR-9 required", core.Salesforce, core.ClassRejected, "REQUIRED_FIELD_MISSING", "", []string{"Name"}, core.CategoryValue, "required_missing"},
		{"ERR-9 too long", core.Salesforce, core.ClassRejected, "STRING_TOO_LONG", "", []string{"Name"}, core.CategoryValue, "too_long"},
		{"ERR-9 range", core.Salesforce, core.ClassRejected, "NUMBER_OUTSIDE_VALID_RANGE", "", nil, core.CategoryValue, "out_of_range"},
		{"ERR-9 date", core.HubSpot, core.ClassRejected, "INVALID_DATE", "", nil, core.CategoryValue, "wrong_format"},
		{"ERR-2 other", core.Salesforce, core.ClassRejected, "SOMETHING_NEW", "?", nil, core.CategoryOther, "other"},
		{"API-3 org limit", core.Salesforce, core.ClassQuota, "REQUEST_LIMIT_EXCEEDED", "", nil, core.CategoryOther, "api_limit"},
		{"a code nobody knows goes by its class", core.HubSpot, core.ClassSchema, "SOMETHING_NEW", "", nil, core.CategoryMapping, "field_missing"},
		{"network", core.HubSpot, core.ClassTransient, "network", "", nil, core.CategoryOther, "temporarily_refused"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			category, ours, mend := Categorize(row.side, row.class, row.code, row.message, row.fields)
			if category != row.category || ours != row.ours || mend == "" {
				t.Errorf("got %s, %s, %q", category, ours, mend)
			}
		})
	}
}

func TestERR2_EveryCodeHasOneOfTheEightCategories(t *testing.T) {
	for _, codes := range []map[string]kindOfError{salesforceCodes, hubspotCodes} {
		for code, k := range codes {
			if !slices.Contains(core.Categories, k.category) || k.code == "" || k.mend == "" {
				t.Errorf("%s means %+v", code, k)
			}
		}
	}
}
