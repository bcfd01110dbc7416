package salesforce

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandem/internal/connector"
	"tandem/internal/core"
)

func TestClassify(t *testing.T) {
	cases := []struct {
		name   string
		status int
		body   string
		class  core.Class
		code   string
		fields []string
		sent   bool
		later  bool // a RetryAt is given
	}{
		{"session", 401, `[{"message":"Session expired or invalid","errorCode":"INVALID_SESSION_ID"}]`, core.ClassAuth, "INVALID_SESSION_ID", nil, false, false},
		{"daily limit", 403, `[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]`, core.ClassQuota, "REQUEST_LIMIT_EXCEEDED", nil, false, true},
		{"long requests", 403, `[{"message":"ConcurrentPerOrgLongTxn Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]`, core.ClassTransient, "REQUEST_LIMIT_EXCEEDED", nil, false, true},
		{"no api", 403, `[{"message":"The REST API is not enabled for this Organization.","errorCode":"API_DISABLED_FOR_ORG"}]`, core.ClassAuth, "API_DISABLED_FOR_ORG", nil, false, false},
		{"api off for now", 503, `[{"message":"off","errorCode":"API_CURRENTLY_DISABLED"}]`, core.ClassTransient, "API_CURRENTLY_DISABLED", nil, true, true},
		{"down", 503, `[{"message":"Server Unavailable","errorCode":"SERVER_UNAVAILABLE"}]`, core.ClassTransient, "SERVER_UNAVAILABLE", nil, true, true},
		{"unexpected", 500, `[{"message":"An unexpected error occurred. ErrorId: 1","errorCode":"UNKNOWN_EXCEPTION"}]`, core.ClassTransient, "UNKNOWN_EXCEPTION", nil, true, true},
		{"unlisted at 500", 500, `[{"message":"x","errorCode":"SOMETHING_NEW"}]`, core.ClassTransient, "SOMETHING_NEW", nil, true, true},
		{"lock", 400, `[{"message":"unable to obtain exclusive access to this record","errorCode":"UNABLE_TO_LOCK_ROW","fields":[]}]`, core.ClassTransient, "UNABLE_TO_LOCK_ROW", nil, false, true},
		{"lock in apex", 400, `[{"message":"trigger: UNABLE_TO_LOCK_ROW, unable to obtain","errorCode":"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"}]`, core.ClassTransient, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", nil, false, true},
		{"apex", 400, `[{"message":"trigger: null pointer","errorCode":"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"}]`, core.ClassRejected, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", nil, false, false},
		{"query column", 400, `[{"message":"\nSELECT Id, X FROM Account\n           ^\nERROR at Row:1:Column:12\nNo such column 'X' on entity 'Account'.","errorCode":"INVALID_FIELD"}]`, core.ClassSchema, "INVALID_FIELD", []string{"X"}, false, false},
		{"foreign key", 400, `[{"message":"Foreign key external ID: a-1 not found for field Ext__c in entity Account","errorCode":"INVALID_FIELD"}]`, core.ClassRejected, "INVALID_FIELD", nil, false, false},
		{"not writable", 400, `[{"message":"Unable to create/update fields: CreatedDate, Jigsaw. Please check the security settings","errorCode":"INVALID_FIELD_FOR_INSERT_UPDATE"}]`, core.ClassSchema, "INVALID_FIELD_FOR_INSERT_UPDATE", []string{"CreatedDate", "Jigsaw"}, false, false},
		{"required", 400, `[{"message":"Required fields are missing: [Name]","errorCode":"REQUIRED_FIELD_MISSING","fields":["Name"]}]`, core.ClassRejected, "REQUIRED_FIELD_MISSING", []string{"Name"}, false, false},
		{"too long", 400, `[{"message":"Account Name: data value too large","errorCode":"STRING_TOO_LONG","fields":["Name"]}]`, core.ClassRejected, "STRING_TOO_LONG", []string{"Name"}, false, false},
		{"picklist", 400, `[{"message":"Industry: bad value for restricted picklist field: X","errorCode":"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST","fields":["Industry"]}]`, core.ClassRejected, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", []string{"Industry"}, false, false},
		{"two rules", 400, `[{"message":"one","errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","fields":["A"]},{"message":"two","errorCode":"FIELD_CUSTOM_VALIDATION_EXCEPTION","fields":["B","A"]}]`, core.ClassRejected, "FIELD_CUSTOM_VALIDATION_EXCEPTION", []string{"A", "B"}, false, false},
		{"duplicate", 400, `[{"message":"duplicate value found: Key__c duplicates value on record with id: 001000000000001","errorCode":"DUPLICATE_VALUE"}]`, core.ClassDuplicate, "DUPLICATE_VALUE", nil, false, false},
		{"deleted", 404, `[{"message":"entity is deleted","errorCode":"ENTITY_IS_DELETED","fields":[]}]`, core.ClassGone, "ENTITY_IS_DELETED", nil, false, false},
		{"converted", 400, `[{"message":"cannot reference converted lead","errorCode":"CANNOT_UPDATE_CONVERTED_LEAD"}]`, core.ClassStale, "CANNOT_UPDATE_CONVERTED_LEAD", nil, false, false},
		{"storage", 400, `[{"message":"storage limit exceeded","errorCode":"STORAGE_LIMIT_EXCEEDED"}]`, core.ClassTransient, "STORAGE_LIMIT_EXCEEDED", nil, false, true},
		{"oauth", 400, `{"error":"invalid_grant","error_description":"expired access/refresh token"}`, core.ClassRejected, "invalid_grant", nil, false, false},
		{"xml", 500, `<?xml version="1.0"?><Errors><Error><errorCode>SERVER_UNAVAILABLE</errorCode><message>m</message></Error></Errors>`, core.ClassTransient, "SERVER_UNAVAILABLE", nil, true, true},
		{"userinfo text", 403, `Bad_OAuth_Token`, core.ClassAuth, "Bad_OAuth_Token", nil, false, false},
		{"edge page", 502, `<html><head><style>b{}</style></head><body>Bad <b>Gateway</b></body></html>`, core.ClassTransient, connector.CodeNotJSON, nil, true, true},
		{"no route", 420, `<html>no route</html>`, core.ClassAuth, connector.CodeNotJSON, nil, false, false},
		{"not here", 404, `<html>not found</html>`, core.ClassRejected, connector.CodeNotJSON, nil, false, false},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			e := classify(tc.status, http.Header{}, []byte(tc.body), epoch)
			if e.Class != tc.class || e.Code != tc.code || e.Sent != tc.sent || e.RetryAt.After(epoch) != tc.later {
				t.Errorf("class %q code %q sent %v retry %v; want %q %q %v later=%v", e.Class, e.Code, e.Sent, e.RetryAt, tc.class, tc.code, tc.sent, tc.later)
			}
			if diff := cmp.Diff(tc.fields, e.Fields); diff != "" {
				t.Errorf("fields: %s", diff)
			}
			if e.Message == "" {
				t.Error("no message")
			}
		})
	}
}

// Every code that the vendor tells one by one is listed or refuses the record:
// none may be transient by accident, or a refused value would be sent for ever.
func TestUnlistedCodeIsRejected(t *testing.T) {
	if got := ruleOf("SOMETHING_NEW", "x").class; got != core.ClassRejected {
		t.Errorf("class %q, want rejected", got)
	}
}

func TestMessagesAreOneLineWithoutMarkup(t *testing.T) {
	e := classify(503, http.Header{}, []byte("<html><script>var a=1</script>\n<h1>Down\n for</h1> maintenance</html>"), epoch)
	if want := "http 503: Down for maintenance"; e.Message != want {
		t.Errorf("message %q, want %q", e.Message, want)
	}
}

func TestRetryAfter(t *testing.T) {
	cases := map[string]time.Duration{"": 30 * time.Second, "7": 7 * time.Second, "0": 30 * time.Second, "-5": 30 * time.Second,
		"86400": time.Hour, "soon": 30 * time.Second, epoch.Add(time.Minute).Format(http.TimeFormat): time.Minute,
		epoch.Add(-time.Minute).Format(http.TimeFormat): 30 * time.Second}
	for header, want := range cases {
		if got := retryAfter(http.Header{"Retry-After": {header}}, epoch).Sub(epoch); got != want {
			t.Errorf("Retry-After %q waits %v, want %v", header, got, want)
		}
	}
}

func TestRecordedErrors(t *testing.T) {
	cases := []struct {
		file   string
		class  core.Class
		code   string
		fields []string
	}{
		{"unknown-field.json", core.ClassSchema, "INVALID_FIELD", []string{"AccountNumer"}},
		{"unknown-object.json", core.ClassSchema, "INVALID_TYPE", nil},
		{"invalid-field-upsert.json", core.ClassSchema, "INVALID_FIELD_FOR_INSERT_UPDATE", []string{"MasterRecordId"}},
		{"crm_delete_not-found.json", core.ClassGone, "ENTITY_IS_DELETED", nil},
		{"batch_create_contacts_err-bad-request.json", core.ClassRejected, "REQUIRED_FIELD_MISSING", nil},
		{"success-with-errors.json", core.ClassRejected, "MALFORMED_ID", nil},
	}
	for _, tc := range cases {
		t.Run(tc.file, func(t *testing.T) {
			e := classify(400, http.Header{}, recorded(t, tc.file), epoch)
			if e.Class != tc.class || e.Code != tc.code {
				t.Errorf("class %q code %q, want %q %q", e.Class, e.Code, tc.class, tc.code)
			}
			if diff := cmp.Diff(tc.fields, e.Fields); diff != "" {
				t.Errorf("fields: %s", diff)
			}
		})
	}
}
