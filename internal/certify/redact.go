package certify

import (
	"encoding/json"
	"fmt"
	"strings"
)

// seenValue describes a JSON value without telling it: its type, its length, and
// the value itself only where it is a word of the API.
func seenValue(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return fmt.Sprint(v)
	case json.Number:
		return "number"
	case string:
		if words[v] {
			return fmt.Sprintf("%q", v)
		}
		return fmt.Sprintf("string(%d)", len([]rune(v)))
	case []any:
		return fmt.Sprintf("list(%d)", len(v))
	case map[string]any:
		return fmt.Sprintf("object(%d keys)", len(v))
	}
	return "nothing"
}

// seenWord is a code as the report may show it.
func seenWord(code string) string {
	if words[code] {
		return code
	}
	return fmt.Sprintf("unknown word(%d)", len([]rune(code)))
}

// words are what the report may quote: codes, categories and enumerations that
// the vendors document. Everything else is told by its length.
var words = wordSet(`
API_CURRENTLY_DISABLED API_DISABLED_FOR_ORG ALL_OR_NONE_OPERATION_ROLLED_BACK BATCH_PROCESSING_HALTED CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY
CANNOT_UPDATE_CONVERTED_LEAD DELETE_FAILED DEPENDENCY_EXISTS DUPLICATES_DETECTED DUPLICATE_EXTERNAL_ID DUPLICATE_VALUE ENTITY_IS_DELETED
ENTITY_IS_LOCKED EXCEEDED_ID_LIMIT EXCEEDED_MAX_SIZE_REQUEST EXCEEDED_QUOTA FIELD_CUSTOM_VALIDATION_EXCEPTION FIELD_INTEGRITY_EXCEPTION
INACTIVE_OWNER_OR_USER INSUFFICIENT_ACCESS INSUFFICIENT_ACCESS_OR_READONLY INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY INVALIDJOB
INVALIDJOBSTATE INVALID_AUTH_HEADER INVALID_CROSS_REFERENCE_KEY INVALID_EMAIL_ADDRESS INVALID_FIELD INVALID_FIELD_FOR_INSERT_UPDATE
INVALID_ID_FIELD INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST INVALID_QUERY_FILTER_OPERATOR INVALID_QUERY_LOCATOR INVALID_REPLICATION_DATE
INVALID_SESSION_ID INVALID_TYPE JSON_PARSER_ERROR LIMIT_EXCEEDED MALFORMED_ID MALFORMED_QUERY METHOD_NOT_ALLOWED NOT_FOUND
NUMBER_OUTSIDE_VALID_RANGE OPERATION_TOO_LARGE PROCESSING_HALTED QUERY_TIMEOUT REQUEST_LIMIT_EXCEEDED REQUIRED_FIELD_MISSING
SERVER_UNAVAILABLE STORAGE_LIMIT_EXCEEDED STRING_TOO_LONG TOO_MANY_APEX_REQUESTS UNABLE_TO_LOCK_ROW UNKNOWN_EXCEPTION UNSUPPORTED_API_VERSION
invalid_client invalid_client_id invalid_grant invalid_request invalid_scope unsupported_grant_type access_denied inactive_org inactive_user
Open UploadComplete InProgress JobComplete Failed Aborted Queued V2Ingest V2Query CSV LF COMMA Account Contact Lead User
VALIDATION_ERROR CONFLICT OBJECT_NOT_FOUND OBJECT_ALREADY_EXISTS INVALID_AUTHENTICATION EXPIRED_AUTHENTICATION MISSING_SCOPES RATE_LIMITS
RATE_LIMIT PROPERTY_DOESNT_EXIST INVALID_OPTION READ_ONLY_VALUE INVALID_EMAIL INVALID_INTEGER INVALID_LONG INVALID_DATE BANNED BAD_GRANT_TYPE
BAD_REFRESH_TOKEN BAD_AUTH_CODE BAD_HUB BAD_CLIENT_ID BAD_CLIENT_SECRET BAD_SCOPES BAD_REDIRECT_URI TEN_SECONDLY_ROLLING DAILY SECONDLY
SUBSCRIBED UNSUBSCRIBED NOT_SPECIFIED PORTAL_WIDE BUSINESS_UNIT_WIDE COMPLETE PENDING PROCESSING CANCELED HUBSPOT_DEFINED USER_DEFINED INTEGRATOR_DEFINED WORK MANUAL DYNAMIC SNAPSHOT PERSON QUEUE
CREATE UPDATE DELETE UNDELETE GAP_CREATE GAP_UPDATE GAP_DELETE GAP_UNDELETE GAP_OVERFLOW ChangeEventHeader
sfdc.platform.eventbus.grpc.service.auth.error sfdc.platform.eventbus.grpc.service.auth.refresh.invalid sfdc.platform.eventbus.grpc.service.unavailable
sfdc.platform.eventbus.grpc.concurrent.client.limit.exceeded sfdc.platform.eventbus.grpc.subscription.limit.exceeded
sfdc.platform.eventbus.grpc.subscription.fetch.replayid.corrupted sfdc.platform.eventbus.grpc.subscription.fetch.replayid.validation.failed
crm.associations.NO_ASSOCIATIONS_FOUND crm.associations.INVALID_IDENTIFIER error bearer Bearer true false
string number bool enumeration date datetime phone_number object_coordinates json
id reference boolean int long double currency percent time picklist multipicklist combobox email phone url textarea encryptedstring base64
address location anyType complexvalue`)

func wordSet(text string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(text) {
		out[w] = true
	}
	return out
}
