package hubspot

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"tandem/internal/core"
)

func TestClassification(t *testing.T) {
	cases := map[string]struct {
		status  int
		header  http.Header
		body    string
		class   core.Class
		code    string
		fields  []string
		retry   time.Duration // after now; 0 for none
		sent    bool
		message string
	}{
		"burst limit": {status: 429, body: `{"message":"You have reached your ten_secondly_rolling limit.","errorType":"RATE_LIMIT","policyName":"TEN_SECONDLY_ROLLING"}`,
			class: core.ClassTransient, code: "TEN_SECONDLY_ROLLING", retry: 10 * time.Second, message: "You have reached your ten_secondly_rolling limit."},
		"search limit": {status: 429, body: `{"policyName":"SECONDLY","errorType":"RATE_LIMIT"}`, class: core.ClassTransient, code: "SECONDLY", retry: time.Second,
			message: "Too Many Requests"},
		"daily limit":       {status: 429, body: `{"policyName":"DAILY","message":"m"}`, class: core.ClassQuota, code: "DAILY", retry: time.Hour, message: "m"},
		"limit with a time": {status: 429, header: http.Header{"Retry-After": {"42"}}, body: `{"policyName":"DAILY","message":"m"}`, class: core.ClassQuota, code: "DAILY", retry: 42 * time.Second, message: "m"},
		"bulk lock":         {status: 423, body: `{"message":"locked"}`, class: core.ClassTransient, code: "HTTP_423", retry: 2 * time.Second, message: "locked"},
		"migration":         {status: 477, header: http.Header{"Retry-After": {"3600"}}, body: ``, class: core.ClassTransient, code: "HTTP_477", retry: time.Hour, message: "no explanation"},
		"edge page":         {status: 502, body: `<html>bad gateway</html>`, class: core.ClassTransient, code: "HTTP_502", retry: 5 * time.Second, sent: true, message: "Bad Gateway"},
		"no answer":         {status: 524, body: ``, class: core.ClassTransient, code: "HTTP_524", retry: 5 * time.Second, sent: true, message: "no explanation"},
		"busy with a date":  {status: 503, header: http.Header{"Retry-After": {testNow.Add(time.Minute).Format(http.TimeFormat)}}, class: core.ClassTransient, code: "HTTP_503", retry: time.Minute, sent: true, message: "Service Unavailable"},
		"expired token":     {status: 401, body: `{"message":"The OAuth token used to make this call expired 75 second(s) ago.","category":"EXPIRED_AUTHENTICATION"}`, class: core.ClassAuth, code: "EXPIRED_AUTHENTICATION", message: "The OAuth token used to make this call expired 75 second(s) ago."},
		"object scope":      {status: 403, body: `{"message":"m","errors":[{"message":"One or more","context":{"requiredGranularScopes":["crm.objects.deals.read"]}}],"category":"MISSING_SCOPES"}`, class: core.ClassSchema, code: "MISSING_SCOPES", message: "One or more (scopes: crm.objects.deals.read)"},
		"other scope":       {status: 403, body: `{"message":"m","context":{"requiredGranularScopes":["oauth"]},"category":"MISSING_SCOPES"}`, class: core.ClassAuth, code: "MISSING_SCOPES", message: "m (scopes: oauth)"},
		"forbidden":         {status: 403, body: `{"message":"no"}`, class: core.ClassAuth, code: "HTTP_403", message: "no"},
		"gone":              {status: 404, body: `{"status":"error","message":"resource not found"}`, class: core.ClassGone, code: "HTTP_404", message: "resource not found"},
		"one conflict":      {status: 409, body: `{"message":"Contact already exists. Existing ID: 17","category":"CONFLICT"}`, class: core.ClassDuplicate, code: "CONFLICT", message: "Contact already exists. Existing ID: 17"},
		"unique value": {status: 400, body: `{"message":"Property values were not valid: [{\"message\":\"x. 42 already has that value.\",\"error\":\"CONFLICTING_UNIQUE_VALUE\",\"name\":\"k\"}]","category":"VALIDATION_ERROR"}`,
			class: core.ClassDuplicate, code: "CONFLICTING_UNIQUE_VALUE", fields: []string{"k"}, message: "x. 42 already has that value."},
		"option": {status: 400, body: `{"message":"Property values were not valid: []","errors":[{"message":"\"X\" was not one of the allowed options: [a]","code":"INVALID_OPTION","context":{"propertyName":["industry"]}}],"category":"VALIDATION_ERROR"}`,
			class: core.ClassRejected, code: "INVALID_OPTION", fields: []string{"industry"}, message: `"X" was not one of the allowed options: [a]`},
		"read only":   {status: 400, body: `{"message":"m","errors":[{"message":"r","code":"READ_ONLY_VALUE","context":{"propertyName":["p"]}}],"category":"VALIDATION_ERROR"}`, class: core.ClassSchema, code: "READ_ONLY_VALUE", fields: []string{"p"}, message: "r"},
		"object type": {status: 400, body: `{"message":"Unable to infer object type from: butterflies"}`, class: core.ClassSchema, code: "HTTP_400", message: "Unable to infer object type from: butterflies"},
		"bad JSON":    {status: 400, body: `{"message":"Invalid input JSON on line 1, column 102: x"}`, class: core.ClassRejected, code: "HTTP_400", message: "Invalid input JSON on line 1, column 102: x"},
		"redirect":    {status: 302, body: ``, class: core.ClassRejected, code: "foreign_host", message: "the API answered with a redirect, which is not followed"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			e := classify(tc.status, tc.header, []byte(tc.body), testNow)
			if e.Class != tc.class || e.Code != tc.code || e.Message != tc.message || e.Sent != tc.sent || !slices.Equal(e.Fields, tc.fields) {
				t.Errorf("got %+v", e)
			}
			retry := time.Duration(0)
			if !e.RetryAt.IsZero() {
				retry = e.RetryAt.Sub(testNow)
			}
			if retry != tc.retry {
				t.Errorf("retry after %v, want %v", retry, tc.retry)
			}
		})
	}
}

func TestClassificationOfRecordedAnswers(t *testing.T) {
	e := classify(400, nil, []byte(recorded(t, "batch_create_contacts_err-many-invalid-properties.json")), testNow)
	if e.Class != core.ClassSchema || e.Code != codeNoProperty || !slices.Equal(e.Fields, []string{"first000name", "last000name"}) ||
		e.Message != `Property "first000name" does not exist; Property "last000name" does not exist` {
		t.Errorf("many invalid properties: %+v", e)
	}
	if e.Err == nil || e.Err.Error() != "correlation id a996e7d6-de07-46ef-bddc-897126eb8859" {
		t.Errorf("correlation: %v", e.Err)
	}
	e = classify(409, nil, []byte(recorded(t, "batch_create_contacts_err-conflict.json")), testNow)
	if e.Class != core.ClassDuplicate || existingOf(e) != "" {
		t.Errorf("conflict: %+v", e)
	}
	e = classify(403, nil, []byte(recorded(t, "metadata-err-schemas-scope.json")), testNow)
	if e.Class != core.ClassAuth || e.Mend != "grant the app these scopes and reconnect: custom-object-read" {
		t.Errorf("scopes: %+v", e)
	}
	e = classify(400, nil, []byte(recorded(t, "search_error-invalid-object.json")), testNow)
	if e.Class != core.ClassSchema {
		t.Errorf("object type: %+v", e)
	}
}

func TestMessagesFitALine(t *testing.T) {
	long := make([]rune, 3000)
	for i := range long {
		long[i] = 'ä'
	}
	if got := oneLine("a\n\tb" + string(long)); len([]rune(got)) != maxMessage+1 || got[:3] != "a b" {
		t.Errorf("%d characters: %.20q", len([]rune(got)), got)
	}
}
