package hubspot

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"tandem/internal/connector"
	"tandem/internal/connector/pace"
	"tandem/internal/core"
)

// Pauses where the answer names none (usage guidelines, error handling).
const (
	burstPause   = 10 * time.Second // TEN_SECONDLY_ROLLING
	searchPause  = time.Second      // SECONDLY
	lockPause    = 2 * time.Second  // 423
	serverPause  = 5 * time.Second
	networkPause = 5 * time.Second
	dailyPause   = time.Hour // DAILY resets at midnight of the portal, whose hour the answer does not tell
	movePause    = time.Hour // 477
)

// Codes the portal uses that decide more than a message does.
const (
	codeNoProperty  = "PROPERTY_DOESNT_EXIST"
	codeReadOnly    = "READ_ONLY_VALUE"
	codeTakenValue  = "CONFLICTING_UNIQUE_VALUE"
	categoryScopes  = "MISSING_SCOPES"
	categoryMissing = "OBJECT_NOT_FOUND"
	categoryTaken   = "CONFLICT"
	policyDaily     = "DAILY"
	policySecondly  = "SECONDLY"
	// statusMigrating is HubSpot's own status while a portal moves.
	statusMigrating = 477
)

var errUnauthorized = errors.New("token refused")

// classify turns an answer that is not a 2xx into an *connector.Error.
func classify(status int, h http.Header, body []byte, now time.Time) *connector.Error {
	var w wireError
	if json.Unmarshal(body, &w) != nil {
		w = wireError{}
	}
	e := &connector.Error{Side: core.HubSpot}
	v := w.verdict()
	e.Code, e.Message, e.Fields = cmp.Or(v.code, fmt.Sprintf("HTTP_%d", status)), cmp.Or(v.message, http.StatusText(status), "no explanation"), v.fields
	if w.CorrelationID != "" {
		e.Err = fmt.Errorf("correlation id %s", oneLine(w.CorrelationID))
	}
	after, named := pace.RetryAfter(h, now)
	pause := func(d time.Duration) {
		e.Class, e.RetryAt = core.ClassTransient, now.Add(d)
		if named {
			e.RetryAt = after
		}
	}
	switch {
	case status == http.StatusTooManyRequests:
		classifyLimit(e, w, pause)
	case status == http.StatusLocked:
		pause(lockPause)
	case status == statusMigrating:
		pause(movePause)
	case status >= 500:
		pause(serverPause)
		e.Sent = true
	case status/100 == 3:
		e.Class, e.Code = core.ClassRejected, connector.CodeForeignHost
		e.Message = "the API answered with a redirect, which is not followed"
		e.Mend = "set hubspot.base_url to the API's own address"
	default:
		classifyRefusal(e, status, w, v)
	}
	return e
}

func classifyLimit(e *connector.Error, w wireError, pause func(time.Duration)) {
	e.Code = cmp.Or(w.PolicyName, w.ErrorType, e.Code)
	switch w.PolicyName {
	case policyDaily:
		pause(dailyPause)
		e.Class = core.ClassQuota
		e.Mend = "the account's daily calls are used up; they return at midnight of the portal's time zone"
	case policySecondly:
		pause(searchPause)
	default:
		pause(burstPause)
	}
}

func classifyRefusal(e *connector.Error, status int, w wireError, v verdict) {
	switch {
	case status == http.StatusUnauthorized:
		e.Class, e.Err = core.ClassAuth, errUnauthorized
		e.Mend = "check the HubSpot token: it is missing, wrong, expired or revoked"
	case status == http.StatusForbidden:
		classifyForbidden(e, w)
	case status == http.StatusNotFound:
		e.Class = core.ClassGone
	case status == http.StatusRequestTimeout:
		e.Class, e.Sent = core.ClassTransient, true
	default:
		e.Class = cmp.Or(v.class, core.ClassRejected)
	}
}

// classifyForbidden keeps a missing object scope apart from a refusal of the
// whole app: only the object is affected.
func classifyForbidden(e *connector.Error, w wireError) {
	scopes := w.scopes()
	e.Class, e.Mend = core.ClassAuth, "check what the HubSpot app may do"
	if w.Category != categoryScopes {
		return
	}
	e.Mend = "grant the app the scopes that it lacks, which tandem check names, and reconnect"
	if len(scopes) > 0 {
		e.Message += " (scopes: " + strings.Join(scopes, ", ") + ")"
		e.Mend = "grant the app these scopes and reconnect: " + strings.Join(scopes, ", ")
	}
	if len(scopes) > 0 && !slices.ContainsFunc(scopes, func(s string) bool { return !strings.HasPrefix(s, "crm.") }) {
		e.Class = core.ClassSchema
	}
}

func (w *wireError) scopes() []string {
	scopes := slices.Clone(w.Context["requiredGranularScopes"])
	for _, d := range w.Errors {
		scopes = append(scopes, d.Context["requiredGranularScopes"]...)
	}
	slices.Sort(scopes)
	return slices.Compact(scopes)
}

// verdict is what an error body says, whether of a whole call or of one item of
// a batch.
type verdict struct {
	class    core.Class // ClassNone where the body does not tell
	code     string
	message  string
	fields   []string
	existing string // id of the record that holds a unique value
	// plain marks errors that do not depend on the value given.
	plain bool
}

// verdict reads an error body; every part of it is optional.
func (w *wireError) verdict() verdict {
	details := w.details()
	v := verdict{code: w.Category, message: w.Message}
	if w.Status != "error" && v.code == "" { // the token endpoint puts its code there
		v.code = w.Status
	}
	var messages []string
	for _, d := range details {
		messages = append(messages, d.Message)
		v.fields = append(v.fields, d.fields()...)
		v.code = firstCode(v.code, w.Category, d.Code)
	}
	if len(details) > 0 {
		slices.Sort(v.fields)
		v.fields = slices.Compact(v.fields)
		v.message = strings.Join(unique(messages), "; ")
	}
	v.message = oneLine(v.message)
	v.classify(w, details)
	return v
}

// firstCode prefers the first detail's code to the category.
func firstCode(have, category, code string) string {
	if code != "" && have == category {
		return code
	}
	return have
}

func (v *verdict) classify(w *wireError, details []wireDetail) {
	v.existing = existingID(w)
	v.plain = len(details) > 0
	schema := false
	for _, d := range details {
		plain := d.Code == codeNoProperty || d.Code == codeReadOnly
		schema = schema || plain
		v.plain = v.plain && plain
	}
	switch {
	case v.code == codeTakenValue || w.Category == categoryTaken:
		v.class = core.ClassDuplicate
	case w.Category == categoryMissing:
		v.class = core.ClassGone
	case schema || strings.HasPrefix(w.Message, "Unable to infer object type"):
		v.class = core.ClassSchema
	case w.Category == "RATE_LIMITS" || w.ErrorType == "RATE_LIMIT":
		v.class = core.ClassTransient
	}
}

const invalidValues = "Property values were not valid: "

// details are the single complaints: of errors[], or of the list that older
// endpoints put inside the message.
func (w *wireError) details() []wireDetail {
	if len(w.Errors) > 0 {
		return w.Errors
	}
	text, found := strings.CutPrefix(w.Message, invalidValues)
	if !found {
		return nil
	}
	var listed []struct{ Message, Error, Name string }
	if json.Unmarshal([]byte(text), &listed) != nil {
		return nil
	}
	details := make([]wireDetail, 0, len(listed))
	for _, l := range listed {
		details = append(details, wireDetail{Message: l.Message, Code: l.Error, Context: hints{"propertyName": {l.Name}}})
	}
	return details
}

func (d *wireDetail) fields() []string {
	if names := d.Context["propertyName"]; len(names) > 0 {
		return names
	}
	return d.Context["properties"]
}

var (
	existingInText = regexp.MustCompile(`Existing ID: (\d+)`)
	holderInText   = regexp.MustCompile(`(\d+) already has that value`)
)

// existingID finds who holds a unique value: in the context, or in the text.
func existingID(w *wireError) string {
	if ids := w.Context["existingId"]; len(ids) > 0 {
		return ids[0]
	}
	for _, re := range []*regexp.Regexp{existingInText, holderInText} {
		if m := re.FindStringSubmatch(w.Message); m != nil {
			return m[1]
		}
	}
	return ""
}

func unique(list []string) []string {
	var out []string
	for _, s := range list {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

const maxMessage = 500

// oneLine makes a vendor's text fit for a log line.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > maxMessage {
		return string(r[:maxMessage]) + "…"
	}
	return s
}
