package salesforce

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// rule is how one error code behaves, and how long to stay away after it.
type rule struct {
	class core.Class
	after time.Duration
	mend  string
}

// rules follow the error code tables of the REST API and SOAP API guides. Codes
// that are not listed refuse the record until something changes.
var rules = map[string]rule{
	"INVALID_SESSION_ID":                      {core.ClassAuth, 0, "reconnect Salesforce; the session is not accepted"},
	"INVALID_AUTH_HEADER":                     {core.ClassAuth, 0, "reconnect Salesforce"},
	"Bad_OAuth_Token":                         {core.ClassAuth, 0, "reconnect Salesforce"},
	"Missing_OAuth_Token":                     {core.ClassAuth, 0, "reconnect Salesforce"},
	"Wrong_Org":                               {core.ClassAuth, 0, "the login url belongs to another org; correct it"},
	"INVALID_LOGIN":                           {core.ClassAuth, 0, "check user name and password of the integration user"},
	"INVALID_OPERATION_WITH_EXPIRED_PASSWORD": {core.ClassAuth, 0, "set a new password for the integration user"},
	"API_DISABLED_FOR_ORG":                    {core.ClassAuth, 0, "the edition has no API access; use an edition with it or buy the API add-on"},
	"UNSUPPORTED_API_VERSION":                 {core.ClassAuth, 0, "set an api version that the org lists under /services/data"},
	"API_CURRENTLY_DISABLED":                  {core.ClassTransient, 10 * time.Minute, "Salesforce has switched the API off for the moment"},
	"SERVER_UNAVAILABLE":                      {core.ClassTransient, 30 * time.Second, ""},
	"UNKNOWN_EXCEPTION":                       {core.ClassTransient, time.Minute, ""},
	"UNABLE_TO_LOCK_ROW":                      {core.ClassTransient, 10 * time.Second, ""},
	"TOO_MANY_APEX_REQUESTS":                  {core.ClassTransient, 30 * time.Second, ""},
	"REQUEST_RUNNING_TOO_LONG":                {core.ClassTransient, 30 * time.Second, ""},
	"QUERY_TIMEOUT":                           {core.ClassTransient, time.Minute, ""},
	"OPERATION_TOO_LARGE":                     {core.ClassTransient, time.Minute, "give the integration user View All on the object"},
	"EXCEEDED_ID_LIMIT":                       {core.ClassTransient, time.Minute, ""},
	"INVALID_QUERY_LOCATOR":                   {core.ClassTransient, 10 * time.Second, ""},
	"ENTITY_IS_LOCKED":                        {core.ClassTransient, 30 * time.Minute, "an approval process holds the record"},
	"ALL_OR_NONE_OPERATION_ROLLED_BACK":       {core.ClassTransient, 10 * time.Second, ""},
	"PROCESSING_HALTED":                       {core.ClassTransient, 10 * time.Second, ""},
	"BATCH_PROCESSING_HALTED":                 {core.ClassTransient, 10 * time.Second, ""},
	"TooManyLockFailure":                      {core.ClassTransient, time.Minute, ""},
	"Timeout":                                 {core.ClassTransient, time.Minute, ""},
	"STORAGE_LIMIT_EXCEEDED":                  {core.ClassTransient, time.Hour, "the org's data storage is full; free or buy storage"},
	"REQUEST_LIMIT_EXCEEDED":                  {core.ClassQuota, 15 * time.Minute, "the org's API calls of the last 24 hours are used up; raise the limit or lower daily_api_calls of the integrations"},
	"EXCEEDED_QUOTA":                          {core.ClassQuota, 15 * time.Minute, ""},
	"ExceededQuota":                           {core.ClassQuota, 15 * time.Minute, ""},
	"LIMIT_EXCEEDED":                          {core.ClassQuota, 15 * time.Minute, ""},
	"TXN_SECURITY_METERING_ERROR":             {core.ClassQuota, 15 * time.Minute, "a transaction security policy limits the integration user"},
	"INVALID_TYPE":                            {core.ClassSchema, 0, "the object does not exist or the integration user may not see it"},
	"INVALID_FIELD_FOR_INSERT_UPDATE":         {core.ClassSchema, 0, "give the integration user edit access to the field, or take it out of the mapping"},
	"QUERY_TOO_COMPLICATED":                   {core.ClassSchema, 0, "map fewer formula fields"},
	"INSUFFICIENT_ACCESS":                     {core.ClassSchema, 0, "give the integration user access to the object"},
	"DUPLICATES_DETECTED":                     {core.ClassDuplicate, 0, "link the existing record, or let the duplicate rule except the integration user"},
	"DUPLICATE_VALUE":                         {core.ClassDuplicate, 0, ""},
	"DUPLICATE_EXTERNAL_ID":                   {core.ClassDuplicate, 0, "several records hold the key; merge them"},
	"CANNOT_UPDATE_CONVERTED_LEAD":            {core.ClassStale, 0, ""},
	"ENTITY_IS_DELETED":                       {core.ClassGone, 0, ""},
	"NOT_FOUND":                               {core.ClassGone, 0, ""},
}

// apiErrors are the errors of one refused request, kept for callers that need
// more than the class.
type apiErrors []apiError

// Error is the first error's code and text.
func (e apiErrors) Error() string { return e[0].code() + ": " + oneLine(e[0].Message) }

func (e apiError) code() string {
	if e.StatusCode != "" {
		return e.StatusCode
	}
	return e.ErrorCode
}

var (
	noColumn      = regexp.MustCompile(`No such column '([^']+)'`)
	bulkNoField   = regexp.MustCompile(`Field name not found : (\S+)`)
	unableFields  = regexp.MustCompile(`Unable to create/update fields: ([^.]+)\.`)
	requiredField = regexp.MustCompile(`Required fields are missing: \[([^\]]+)\]`)
	holderID      = regexp.MustCompile(`record with id: ([A-Za-z0-9]{18}|[A-Za-z0-9]{15})\b`)
)

// ruleOf finds how an error behaves; a few codes mean different things by text.
func ruleOf(code, message string) rule {
	switch code {
	case "INVALID_FIELD":
		if noColumn.MatchString(message) {
			return rule{core.ClassSchema, 0, "the field does not exist or the integration user may not see it"}
		}
		return rule{class: core.ClassRejected}
	case "REQUEST_LIMIT_EXCEEDED":
		if strings.Contains(message, "Concurrent") {
			return rule{core.ClassTransient, 30 * time.Second, "too many long requests run in the org at once"}
		}
	case "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "CANNOT_EXECUTE_FLOW_TRIGGER":
		if strings.Contains(message, "UNABLE_TO_LOCK_ROW") {
			return rules["UNABLE_TO_LOCK_ROW"]
		}
	case "InvalidBatch":
		if bulkNoField.MatchString(message) {
			return rule{core.ClassSchema, 0, "the field does not exist or the integration user may not write it"}
		}
	}
	if r, ok := rules[code]; ok {
		return r
	}
	return rule{class: core.ClassRejected}
}

// inactiveOwner refuses a record for the user that it names as owner, and names no field
// (SOAP API Developer Guide, "StatusCode").
const inactiveOwner = "INACTIVE_OWNER_OR_USER"

// blamed are the fields an error names, in its list or only in its text.
func blamed(e apiError) []string {
	if len(e.Fields) > 0 {
		return e.Fields
	}
	if e.code() == inactiveOwner {
		return []string{"OwnerId"}
	}
	for _, p := range []*regexp.Regexp{noColumn, bulkNoField, unableFields, requiredField} {
		if m := p.FindStringSubmatch(e.Message); m != nil {
			return strings.FieldsFunc(m[1], func(r rune) bool { return r == ',' || r == ' ' })
		}
	}
	return nil
}

// classify turns an answer that is no success into an error.
func classify(status int, header http.Header, body []byte, now time.Time) *connector.Error {
	list := parseErrors(body)
	if len(list) == 0 {
		return unreadable(status, header, body, now)
	}
	e := refusal(list, now)
	e.Sent = status >= 500
	if status >= 500 && e.Class == core.ClassRejected {
		e.Class, e.RetryAt = core.ClassTransient, now.Add(30*time.Second)
	}
	if status == http.StatusUnauthorized {
		e.Class = core.ClassAuth
	}
	return e
}

// refusal joins the errors of one request or row: the first one's code decides.
func refusal(list apiErrors, now time.Time) *connector.Error {
	first := list[0]
	r := ruleOf(first.code(), first.Message)
	e := &connector.Error{Side: core.Salesforce, Class: r.class, Code: first.code(), Mend: r.mend, Err: list}
	var texts []string
	for _, one := range list {
		texts = append(texts, oneLine(one.Message))
		for _, f := range blamed(one) {
			if !slices.Contains(e.Fields, f) {
				e.Fields = append(e.Fields, f)
			}
		}
	}
	e.Message = strings.Join(texts, "; ")
	if r.after > 0 {
		e.RetryAt = now.Add(r.after)
	}
	return e
}

// parseErrors reads the four shapes in which Salesforce tells errors; nil when
// the body is none of them.
func parseErrors(body []byte) apiErrors {
	var list apiErrors
	if json.Unmarshal(body, &list) == nil && len(list) > 0 && list[0].code() != "" {
		return list
	}
	var result saveResult
	if json.Unmarshal(body, &result) == nil && len(result.Errors) > 0 {
		return result.Errors
	}
	var oauth oauthError
	if json.Unmarshal(body, &oauth) == nil && oauth.Error != "" {
		return apiErrors{{ErrorCode: oauth.Error, Message: oauth.Description}}
	}
	var x xmlErrors
	if xml.Unmarshal(body, &x) == nil && len(x.Errors) > 0 && x.Errors[0].Code != "" {
		return apiErrors{{ErrorCode: x.Errors[0].Code, Message: x.Errors[0].Message}}
	}
	text := strings.TrimSpace(string(body))
	if _, known := rules[text]; known {
		return apiErrors{{ErrorCode: text, Message: text}}
	}
	return nil
}

// unreadable classifies by status an answer that says nothing itself: an edge
// server, a proxy or a maintenance page.
func unreadable(status int, header http.Header, body []byte, now time.Time) *connector.Error {
	e := &connector.Error{Side: core.Salesforce, Class: core.ClassTransient, Code: connector.CodeNotJSON,
		Message: fmt.Sprintf("http %d: %s", status, excerpt(body)), RetryAt: retryAfter(header, now), Sent: status >= 500 || status < 300 || status == http.StatusRequestTimeout}
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, 420:
		e.Class, e.RetryAt, e.Mend = core.ClassAuth, time.Time{}, "check the login url and the integration user's rights"
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone, http.StatusRequestURITooLong,
		http.StatusUnsupportedMediaType, http.StatusRequestHeaderFieldsTooLarge, http.StatusBadRequest:
		e.Class, e.RetryAt = core.ClassRejected, time.Time{}
	}
	return e
}

// retryAfter reads Retry-After, which only front ends send, within an hour;
// half a minute without one.
func retryAfter(header http.Header, now time.Time) time.Time {
	wait := 30 * time.Second
	v := header.Get("Retry-After")
	if s, err := strconv.Atoi(v); err == nil && s > 0 {
		wait = time.Duration(min(s, 3600)) * time.Second
	} else if at, err := http.ParseTime(v); err == nil && at.After(now) {
		wait = min(at.Sub(now), time.Hour)
	}
	return now.Add(wait)
}

var markup = regexp.MustCompile(`(?s)<(script|style).*?</(script|style)>|<[^>]*>`)

// excerpt is the beginning of a page as plain text, for a message.
func excerpt(body []byte) string {
	return clip(oneLine(markup.ReplaceAllString(string(body[:min(len(body), 4096)]), " ")), 160)
}

// oneLine folds white space, since vendor texts hold line breaks and carets.
func oneLine(s string) string { return clip(strings.Join(strings.Fields(s), " "), 600) }

func clip(s string, runes int) string {
	if r := []rune(s); len(r) > runes {
		return string(r[:runes]) + "…"
	}
	return s
}
