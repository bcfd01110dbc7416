package certify

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// noUser is an id of the right form that no user has.
const noUser = "005000000000000AAA"

var orgAuth = []Check{
	{ID: "org.auth.grant", Relies: "a token answer names the host to call and the org it is for; it tells no expiry, so a refused session is renewed",
		Fact: "REST API guide, OAuth authorization flows; help, OAuth endpoints", run: orgGrant},
	{ID: "org.auth.refused", Relies: "a session that is no longer good answers 401 with a known code; this alone renews the session",
		Fact: "REST API guide, status codes and error responses", run: orgRefused},
	{ID: "org.auth.bad_grant", Relies: "the token endpoint refuses with 400 and the OAuth error words; by them a dead grant is told from a busy server",
		Fact: "help, OAuth 2.0 error codes; RFC 6749 section 5.2", run: orgBadGrant},
	{ID: "org.versions", Relies: "the pinned API version is among those that the org lists without a token",
		Fact: "REST API guide, Versions", run: orgVersions},
}

func orgGrant(p *probe) {
	p.get("/limits").status(http.StatusOK) // opens the session
	a := p.grant()
	if !a.ok {
		p.skip("the connection was given a ready session")
		return
	}
	root := a.json()
	root.fields(text, "access_token", "token_type")
	root.at("instance_url").is(origin)
	root.at("id").is(identity)
	root.at("issued_at").is(digits)
}

func orgRefused(p *probe) {
	a := p.do(call{method: http.MethodGet, path: "/limits", header: map[string]string{"Authorization": "Bearer 00D000000000000!nosession"}})
	orgError(a, http.StatusUnauthorized, "INVALID_SESSION_ID", "INVALID_AUTH_HEADER")
}

// orgError expects a REST error: a list of code and message.
func orgError(a answer, status int, codes ...string) node {
	row := a.status(status).json().first()
	row.at("message").is(text)
	return row.at("errorCode").is(text).says(codes...)
}

func orgBadGrant(p *probe) {
	a := p.do(call{method: http.MethodPost, path: "/services/oauth2/token", form: url.Values{"grant_type": {"nosuchgrant"}}, header: map[string]string{"Authorization": ""}})
	root := a.status(http.StatusBadRequest).json()
	root.at("error").is(text).says("unsupported_grant_type", "invalid_request", "invalid_client_id", "invalid_client")
	root.at("error_description").is(text)
}

func orgVersions(p *probe) {
	a := p.do(call{method: http.MethodGet, path: "/services/data", header: map[string]string{"Authorization": ""}}).status(http.StatusOK)
	root := a.json()
	found := false
	for _, v := range root.rows() {
		v.fields(text, "label", "url")
		found = found || "v"+v.at("version").is(text).text() == p.o.Version
	}
	root.effect(found, "the pinned version", "only others")
}

var orgLimits = []Check{
	{ID: "org.limits", Relies: "the daily calls of the org and what remains of them are numbers; the daily share is set by them",
		Fact: "REST API guide, Limits", run: orgLimitsBody},
	{ID: "org.limits.header", Relies: "each answer tells the calls used of the daily limit, and the org's time; budgets and windows follow them",
		Fact: "REST API guide, Limit Info header", run: orgLimitsHeader},
}

func orgLimitsBody(p *probe) {
	p.get("/limits").status(http.StatusOK).json().at("DailyApiRequests").fields(number, "Max", "Remaining")
}

var (
	usage    = regexp.MustCompile(`(^|[;,] *)api-usage=\d+/\d+`)
	httpDate = regexp.MustCompile(`^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$`)
	anything = regexp.MustCompile(`.`)
)

func orgLimitsHeader(p *probe) {
	a := p.get("/sobjects").status(http.StatusOK)
	a.has("Sforce-Limit-Info", "api-usage=USED/LIMIT", usage)
	a.has("Date", "an HTTP date", httpDate)
}

var orgDescribe = []Check{
	{ID: "org.describe.fields", Relies: "describe tells each field's type, length, rights and keys; mappings are checked and values converted by it",
		Fact: "REST API guide, sObject Describe; SOAP API guide, DescribeSObjectResult", run: orgDescribeFields},
	{ID: "org.describe.unchanged", Relies: "a describe asked with If-Modified-Since answers 304 without a body where nothing changed; schemas are watched that cheaply",
		Fact: "REST API guide, If-Modified-Since header", run: orgDescribeUnchanged},
}

var fieldTypes = strings.Fields(`id reference string boolean int long double currency percent date datetime time picklist multipicklist combobox email
	phone url textarea encryptedstring base64 address location anyType complexvalue`)

func orgDescribeFields(p *probe) {
	root := p.get("/sobjects/Account/describe").status(http.StatusOK).json()
	root.fields(text, "name", "keyPrefix")
	root.fields(boolean, "createable", "updateable", "deletable", "replicateable")
	for _, f := range root.at("fields").rows() {
		f.fields(text, "name", "label")
		f.at("type").is(text).says(fieldTypes...)
		f.fields(number, "length", "precision", "scale")
		f.fields(boolean, "createable", "updateable", "nillable", "calculated", "unique", "externalId", "defaultedOnCreate", "restrictedPicklist")
		f.fields(list, "picklistValues", "referenceTo")
	}
}

func orgDescribeUnchanged(p *probe) {
	p.get("/limits") // for the org's time
	since := p.now().UTC().Format(http.TimeFormat)
	p.do(call{method: http.MethodGet, path: "/sobjects/Account/describe", header: map[string]string{"If-Modified-Since": since}}).status(http.StatusNotModified).blank()
}

var orgReplication = []Check{
	{ID: "org.replication.updated", Relies: "updated lists ids and says up to when; a window ends there and not at our clock",
		Fact: "REST API guide, sObject Get Updated", run: func(p *probe) { orgWindow(p, "updated", "ids") }},
	{ID: "org.replication.deleted", Relies: "deleted lists deletions and how far back and up to when it knows them; it is positive evidence of a deletion",
		Fact: "REST API guide, sObject Get Deleted", run: orgDeleted},
	{ID: "org.replication.range", Relies: "a start too far back is refused by its own code, which starts a full comparison",
		Fact: "SOAP API guide, getDeleted()", run: orgReplicationRange},
}

// window asks what was updated or deleted from some time ago until now.
func window(p *probe, what string, back time.Duration) answer {
	p.get("/limits") // for the org's time
	stamp := func(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05+00:00") }
	return p.ask("/sobjects/Account/"+what+"/", url.Values{"start": {stamp(p.now().Add(-back))}, "end": {stamp(p.now())}})
}

func orgWindow(p *probe, what, rows string) node {
	root := window(p, what, time.Hour).status(http.StatusOK).json()
	root.at("latestDateCovered").is(orgStamp)
	root.at(rows).is(list)
	return root
}

func orgDeleted(p *probe) {
	root := orgWindow(p, "deleted", "deletedRecords")
	root.at("earliestDateAvailable").is(orgStamp)
	for _, d := range root.may("deletedRecords").rows() {
		d.at("id").is(orgID)
		d.at("deletedDate").is(orgStamp)
	}
}

func orgReplicationRange(p *probe) {
	orgError(window(p, "deleted", 100*24*time.Hour), http.StatusBadRequest, "INVALID_REPLICATION_DATE")
}
