package policy

import (
	"strings"

	"tandem/internal/core"
)

// kindOfError is what a vendor's code means to a person.
type kindOfError struct {
	category core.Category
	code     string
	mend     string
}

// Kinds of errors, by the original's categories (ERR-2) and names where it has
// them.
var (
	validationFailed   = kindOfError{core.CategoryCustomCode, "custom_code", "correct the record, or the validation rule, flow or trigger in Salesforce that refuses it (ERR-4)"}
	duplicateRule      = kindOfError{core.CategoryDuplicate, "salesforce_duplicate_rule", "look at the record that Salesforce takes for the same one, and at the matching rule (DEDUP-8)"}
	emailInUse         = kindOfError{core.CategoryDuplicate, "email_already_in_use", "take the e-mail address from one of the two, or merge them, or convert the lead where one is a lead (DEDUP-9)"}
	valueInUse         = kindOfError{core.CategoryDuplicate, "duplicate_value", "another record holds this unique value; correct one of the two"}
	accessOrMissing    = kindOfError{core.CategoryPermissions, "insufficient_access_or_missing_record", "check the rights of the integration user, and the record that the field refers to (ERR-6)"}
	fieldPermission    = kindOfError{core.CategoryPermissions, "field_permission", "give the integration user read and edit access to the field (ERR-6)"}
	scopeMissing       = kindOfError{core.CategoryPermissions, "missing_scope", "grant the app the scopes that it lacks, which tandem check names, and connect the portal again (ERR-6)"}
	badCredentials     = kindOfError{core.CategoryPermissions, "credentials", "connect the side again with valid credentials (SUS-1)"}
	badPicklist        = kindOfError{core.CategoryPicklist, "picklist_value", "add the option on that side, or a value map to the mapping (ERR-7)"}
	badMapping         = kindOfError{core.CategoryMapping, "field_missing", "the mapped field was deleted, renamed or hidden; correct the mapping (ERR-8)"}
	readOnlyField      = kindOfError{core.CategoryMapping, "field_read_only", "the field cannot be written; change the mapping's rule (ERR-8)"}
	requiredMissing    = kindOfError{core.CategoryValue, "required_missing", "fill the field on the other side (ERR-9)"}
	tooLong            = kindOfError{core.CategoryValue, "too_long", "shorten the value, or make the field longer (ERR-9)"}
	wrongFormat        = kindOfError{core.CategoryValue, "wrong_format", "correct the value on the other side (ERR-9)"}
	outOfRange         = kindOfError{core.CategoryValue, "out_of_range", "correct the value on the other side (ERR-9)"}
	noPrice            = kindOfError{core.CategoryValue, "price_blank", "enter a price in HubSpot, 0 where it costs nothing, or delete the entry of the price book (LIM-14)"}
	inactiveOwner      = kindOfError{core.CategoryValue, "owner_inactive", "give the record an active owner, or map the owner to one"}
	limitOfAssociation = kindOfError{core.CategoryAssociation, "association_limit_reached", "remove associations, or associate with another record (ERR-3)"}
	badReference       = kindOfError{core.CategoryAssociation, "reference_invalid", "correct the record that the field refers to (ERR-3)"}
	quotaUsed          = kindOfError{core.CategoryOther, "api_limit", "wait for the daily limit to move on, or allocate more calls (API-2, API-3)"}
	storageFull        = kindOfError{core.CategoryOther, "storage_limit", "free storage in Salesforce"}
	locked             = kindOfError{core.CategoryOther, "temporarily_refused", "nothing: it is tried again by itself (ERR-10)"}
	recordGone         = kindOfError{core.CategoryOther, "record_gone", "restore the record, or close the link"}
	otherError         = kindOfError{core.CategoryOther, "other", "read the message; retry after correcting the cause"}
)

// salesforceCodes are the codes of the API's status code list (SOAP API guide,
// Core Data Types, StatusCode).
var salesforceCodes = map[string]kindOfError{
	"FIELD_CUSTOM_VALIDATION_EXCEPTION": validationFailed, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": validationFailed,
	"CANNOT_EXECUTE_FLOW_TRIGGER": validationFailed, "FIELD_FILTER_VALIDATION_EXCEPTION": validationFailed, "APEX_ERROR": validationFailed,
	"DUPLICATES_DETECTED": duplicateRule, "DUPLICATE_VALUE": valueInUse, "DUPLICATE_EXTERNAL_ID": valueInUse,
	"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": accessOrMissing, "INSUFFICIENT_ACCESS_OR_READONLY": accessOrMissing,
	"INSUFFICIENT_ACCESS": accessOrMissing, "TRANSFER_REQUIRES_READ": accessOrMissing,
	"INVALID_FIELD_FOR_INSERT_UPDATE": fieldPermission, "CANNOT_UPDATE_CONVERTED_LEAD": recordGone,
	"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": badPicklist, "BAD_VALUE_FOR_RESTRICTED_PICKLIST": badPicklist,
	"INVALID_FIELD": badMapping, "INVALID_TYPE": badMapping, "INVALID_TYPE_ON_FIELD_IN_RECORD": wrongFormat,
	"REQUIRED_FIELD_MISSING": requiredMissing, "STRING_TOO_LONG": tooLong,
	"NUMBER_OUTSIDE_VALID_RANGE": outOfRange, "INVALID_EMAIL_ADDRESS": wrongFormat, "JSON_PARSER_ERROR": wrongFormat,
	"FIELD_INTEGRITY_EXCEPTION": wrongFormat, "INVALID_RUNTIME_VALUE": wrongFormat, "INVALID_MULTISELECT_PICKLIST": badPicklist,
	"price_blank": noPrice, "INACTIVE_OWNER_OR_USER": inactiveOwner, "MALFORMED_ID": badReference, "INVALID_CROSS_REFERENCE_KEY": badReference,
	"REQUEST_LIMIT_EXCEEDED": quotaUsed, "STORAGE_LIMIT_EXCEEDED": storageFull, "LIMIT_EXCEEDED": quotaUsed,
	"UNABLE_TO_LOCK_ROW": locked, "SERVER_UNAVAILABLE": locked, "ENTITY_IS_DELETED": recordGone, "NOT_FOUND": recordGone,
	"ENTITY_IS_LOCKED": accessOrMissing, "INVALID_SESSION_ID": badCredentials, "API_DISABLED_FOR_ORG": badCredentials,
}

// hubspotCodes are the error codes and categories of HubSpot's CRM APIs (error
// handling guide).
var hubspotCodes = map[string]kindOfError{
	"INVALID_OPTION": badPicklist, "PROPERTY_DOESNT_EXIST": badMapping, "READ_ONLY_VALUE": readOnlyField,
	"INVALID_EMAIL": wrongFormat, "INVALID_INTEGER": wrongFormat, "INVALID_LONG": wrongFormat, "INVALID_DATE": wrongFormat,
	"INVALID_NUMBER": wrongFormat, "INVALID_BOOLEAN": wrongFormat, "MAX_LENGTH_EXCEEDED": tooLong, "VALUE_TOO_LONG": tooLong, "REQUIRED_FIELD": requiredMissing,
	"CONFLICT": valueInUse, "CONFLICTING_UNIQUE_VALUE": valueInUse, "CONTACT_EXISTS": emailInUse,
	"MISSING_SCOPES": scopeMissing, "INVALID_AUTHENTICATION": badCredentials, "EXPIRED_AUTHENTICATION": badCredentials,
	"OBJECT_NOT_FOUND": recordGone, "RATE_LIMITS": locked, "RATE_LIMIT": locked, "VALIDATION_ERROR": wrongFormat,
	"LIMIT_EXCEEDED": limitOfAssociation, "ASSOCIATION_LIMIT_REACHED": limitOfAssociation,
}

// byClass is what an error means where its code says nothing.
var byClass = map[core.Class]kindOfError{
	core.ClassTransient: locked, core.ClassDuplicate: valueInUse, core.ClassAuth: badCredentials,
	core.ClassGone: recordGone, core.ClassSchema: badMapping, core.ClassQuota: quotaUsed,
}

// Categorize sorts a side's error into the categories of Sync Health (ERR-2 to
// ERR-9), with our code for it and what a person can do. Code is the vendor's
// code or category; fields are the fields it blames.
func Categorize(side core.Side, class core.Class, code, message string, fields []string) (category core.Category, ours, mend string) {
	k, ok := [2]map[string]kindOfError{salesforceCodes, hubspotCodes}[side][code]
	if !ok {
		if k, ok = byClass[class]; !ok {
			k = otherError
		}
	}
	k = refine(k, side, message, fields)
	return k.category, k.code, k.mend
}

// refine looks at what a code alone does not tell.
func refine(k kindOfError, side core.Side, message string, fields []string) kindOfError {
	text := strings.ToLower(message)
	email := len(fields) == 1 && strings.EqualFold(fields[0], "email")
	switch {
	case k == valueInUse && (email || side == core.HubSpot && strings.Contains(text, "contact already exists")):
		return emailInUse
	case k == validationFailed && strings.Contains(text, "unable_to_lock_row"):
		return locked
	case k == wrongFormat && side == core.HubSpot && strings.Contains(text, "was not one of the allowed options"):
		return badPicklist
	case k == wrongFormat && side == core.HubSpot && strings.Contains(text, "read only property"):
		return readOnlyField
	case k == wrongFormat && side == core.HubSpot && strings.Contains(text, "does not exist"):
		return badMapping
	}
	return k
}
