package certify

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

const (
	contacts  = "contacts"
	companies = "companies"
	// noRecord is an id that no record has.
	noRecord = "999999999999999"
)

var portalAuth = []Check{
	{ID: "portal.auth.grant", Relies: "a token answer tells how long the token lives; it is renewed by the clock",
		Fact: "OAuth guide, refresh tokens", run: portalGrant},
	{ID: "portal.auth.refused", Relies: "a token that is no good answers 401 with a category of its own",
		Fact: "API error handling guide", run: portalRefused},
	{ID: "portal.auth.bad_grant", Relies: "the token endpoint refuses with 400, a status word and an OAuth error; a revoked grant is told from a busy server by them",
		Fact: "OAuth guide, errors", run: portalBadGrant},
	{ID: "portal.account", Relies: "the account says which portal it is; a change of it is a brake",
		Fact: "account information API", run: portalAccount},
}

func portalGrant(p *probe) {
	p.get("/account-info/v3/details").status(http.StatusOK) // fetches the token
	a := p.grant()
	if !a.ok {
		p.skip("the connection has a static token")
		return
	}
	root := a.json()
	root.fields(text, "access_token", "refresh_token")
	root.at("expires_in").is(number)
}

func portalRefused(p *probe) {
	a := p.do(call{method: http.MethodGet, path: "/crm/v3/objects/contacts", header: map[string]string{"Authorization": "Bearer nosuchtoken"}})
	portalError(a, http.StatusUnauthorized).at("category").says("INVALID_AUTHENTICATION", "EXPIRED_AUTHENTICATION")
}

// portalError expects an error body with a text.
func portalError(a answer, status ...int) node {
	root := a.status(status...).json()
	root.at("status").is(text).says("error")
	root.at("message").is(text)
	return root
}

func portalBadGrant(p *probe) {
	a := p.do(call{method: http.MethodPost, path: "/oauth/v1/token", form: url.Values{"grant_type": {"nosuchgrant"}}, header: map[string]string{"Authorization": ""}})
	root := a.status(http.StatusBadRequest).json()
	root.at("status").is(text)
	root.at("message").is(text)
}

func portalAccount(p *probe) {
	root := p.get("/account-info/v3/details").status(http.StatusOK).json()
	root.fields(number, "portalId", "utcOffsetMilliseconds")
	root.fields(text, "timeZone", "companyCurrency")
}

var portalLimits = []Check{
	{ID: "portal.limits.header", Relies: "answers tell the burst limit, what remains of it and its interval; the pace is learnt from them",
		Fact: "API usage guidelines", run: portalLimitsHeader},
	{ID: "portal.limits.search", Relies: "a search tells no limits; they must not be taken for the general ones",
		Fact: "API usage guidelines; search guide", run: portalLimitsSearch},
}

var wholeNumber = regexp.MustCompile(`^\d+$`)

func portalLimitsHeader(p *probe) {
	a := p.ask("/crm/v3/objects/contacts", url.Values{"limit": {"1"}}).status(http.StatusOK)
	for _, name := range []string{"Max", "Remaining", "Interval-Milliseconds"} {
		a.has("X-HubSpot-RateLimit-"+name, "a number", wholeNumber)
	}
	a.has("Date", "an HTTP date", httpDate)
}

func portalLimitsSearch(p *probe) {
	a := p.post("/crm/v3/objects/contacts/search", map[string]any{"limit": 1}).status(http.StatusOK)
	a.lacks("X-HubSpot-RateLimit-Remaining")
}

var portalRecords = []Check{
	{ID: "portal.list", Relies: "a list is ordered by id and goes on behind an opaque cursor; sweeps compare the whole portal by it",
		Fact: "CRM API, list records", run: portalList},
	{ID: "portal.record.shape", Relies: "ids are text, property values are text or null, stamps are UTC, and a property that does not exist is left out of the answer in silence",
		Fact: "CRM API, retrieve records", run: portalRecordShape},
	{ID: "portal.record.absent", Relies: "an id that is not there answers 404, which is no evidence of a deletion",
		Fact: "API error handling guide", run: func(p *probe) {
			portalError(p.get("/crm/v3/objects/contacts/{}", noRecord), http.StatusNotFound)
		}},
}

// lessID compares ids as numbers of any length.
func lessID(a, b string) bool { return len(a) < len(b) || len(a) == len(b) && a < b }

func portalList(p *probe) {
	query := url.Values{"limit": {"3"}}
	var rows []node
	for range 2 {
		root := p.ask("/crm/v3/objects/contacts", query).status(http.StatusOK).json()
		page := root.at("results").rows()
		root.at("results").effect(len(page) <= 3, "at most 3 records", "more")
		rows = append(rows, page...)
		paging := root.may("paging")
		if !paging.ok || len(page) == 0 {
			break
		}
		query.Set("after", paging.at("next", "after").is(text).text())
	}
	ordered(rows, "id", lessID)
}

func portalRecordShape(p *probe) {
	query := url.Values{"limit": {"20"}, "properties": {"firstname,email,hs_object_id,lastmodifieddate,tandem_certify_no_such_property"}}
	for _, r := range p.ask("/crm/v3/objects/contacts", query).status(http.StatusOK).json().at("results").rows() {
		record(r)
		properties := r.at("properties")
		properties.at("firstname")
		none := properties.may("tandem_certify_no_such_property")
		properties.effect(!none.ok, "an unknown property left out", "it is there")
		properties.at("lastmodifieddate").is(instant)
	}
}

// record expects a CRM record.
func record(r node) {
	r.at("id").is(digits)
	r.fields(instant, "createdAt", "updatedAt")
	r.at("archived").is(boolean)
	properties := r.at("properties").is(object)
	values, _ := properties.v.(map[string]any)
	for _, v := range values {
		if !isText(v) && v != nil {
			properties.a.differ(KindShape, properties.path+".*", "string or null", seenValue(v))
		}
	}
}

var portalBatchRead = []Check{
	{ID: "portal.batch.read", Relies: "ids that are not there are left out of a batch read, which answers 207 and groups them in an error",
		Fact: "CRM API, batch read", run: portalBatchReadAbsent},
	{ID: "portal.batch.limit", Relies: "more than 100 inputs are refused as a whole",
		Fact: "CRM API, batch limits", run: func(p *probe) { portalInputs(p, 101, nil) }},
	{ID: "portal.batch.history", Relies: "with history more than 50 inputs are refused as a whole",
		Fact: "CRM API, batch limits", run: func(p *probe) {
			portalInputs(p, 51, map[string]any{"propertiesWithHistory": []string{"email"}})
		}},
}

func portalBatchReadAbsent(p *probe) {
	inputs := []any{map[string]any{"id": noRecord}}
	known := p.ask("/crm/v3/objects/contacts", url.Values{"limit": {"1"}}).status(http.StatusOK).json().at("results").rows()
	for _, r := range known {
		inputs = append(inputs, map[string]any{"id": r.at("id").text()})
	}
	root := p.post("/crm/v3/objects/contacts/batch/read", map[string]any{"properties": []string{"email"}, "inputs": inputs}).status(http.StatusMultiStatus).json()
	root.at("results").count(len(known))
	root.at("numErrors").is(number)
	fault := root.at("errors").first()
	fault.at("category").is(text).says("OBJECT_NOT_FOUND")
	id := fault.at("context", "ids").first()
	id.effect(id.text() == noRecord, "the id that is not there", "another")
}

func portalInputs(p *probe, n int, more map[string]any) {
	var inputs []any
	for i := range n {
		inputs = append(inputs, map[string]any{"id": fmt.Sprint(999999999990000 + i)})
	}
	body := map[string]any{"properties": []string{"email"}, "inputs": inputs}
	for k, v := range more {
		body[k] = v
	}
	portalError(p.post("/crm/v3/objects/contacts/batch/read", body), http.StatusBadRequest).at("category").says("VALIDATION_ERROR")
}

var portalSearch = []Check{
	{ID: "portal.search.page", Relies: "a search filters and orders by id within pages of up to 200 and tells a total; changes are polled in such windows",
		Fact: "CRM search guide", run: portalSearchPage},
	{ID: "portal.search.cap", Relies: "a search past 10,000 rows is refused, not cut; windows begin anew before that",
		Fact: "CRM search guide, limitations", run: portalSearchCap},
	{ID: "portal.search.refused", Relies: "a filter that makes no sense is refused and not passed over, which would find everything",
		Fact: "CRM search guide", run: portalSearchRefused},
}

// search looks for one value, at most 200 rows by ascending id.
func (p *probe) search(objects, property, value string) answer {
	filter := map[string]any{"propertyName": property, "operator": "EQ", "value": value}
	return p.post("/crm/v3/objects/"+objects+"/search", map[string]any{"filterGroups": []any{map[string]any{"filters": []any{filter}}}, "limit": 200, "properties": []string{property}})
}

func portalSearchPage(p *probe) {
	filter := map[string]any{"propertyName": "hs_object_id", "operator": "GT", "value": "1"}
	body := map[string]any{"filterGroups": []any{map[string]any{"filters": []any{filter}}}, "limit": 200,
		"sorts": []any{map[string]any{"propertyName": "hs_object_id", "direction": "ASCENDING"}}, "properties": []string{"lastmodifieddate"}}
	root := p.post("/crm/v3/objects/contacts/search", body).status(http.StatusOK).json()
	root.at("total").is(number)
	rows := root.at("results").rows()
	root.at("results").effect(len(rows) <= 200, "at most 200 records", "more")
	for _, r := range rows {
		record(r)
		archived := r.may("archived")
		archived.effect(archived.v == false, "no archived record", "an archived one")
	}
	ordered(rows, "id", lessID)
	if next := root.may("paging"); next.ok {
		next.at("next", "after").is(digits)
	}
}

func portalSearchCap(p *probe) {
	portalError(p.post("/crm/v3/objects/contacts/search", map[string]any{"limit": 100, "after": "10000"}), http.StatusBadRequest)
}

func portalSearchRefused(p *probe) {
	filters := []any{map[string]any{"value": "x"}}
	portalError(p.post("/crm/v3/objects/contacts/search", map[string]any{"filterGroups": []any{map[string]any{"filters": filters}}, "limit": 1}), http.StatusBadRequest)
}

var portalSchema = []Check{
	{ID: "portal.properties", Relies: "properties come in one answer with type, options, uniqueness and whether they may be written; mappings are checked by it",
		Fact: "properties API", run: portalProperties},
	{ID: "portal.owners", Relies: "an owner has an id of its own beside the user's, an address, and says whether it is archived",
		Fact: "owners API", run: portalOwners},
	{ID: "portal.pipelines", Relies: "a pipeline's stages have ids and say as text whether they are closed",
		Fact: "pipelines API", run: portalPipelines},
	{ID: "portal.labels", Relies: "the types of the link from contact to company are 1 for primary and 279 for any",
		Fact: "associations API, association type ids", run: portalLabels},
}

func portalProperties(p *probe) {
	root := p.get("/crm/v3/properties/contacts").status(http.StatusOK).json()
	root.effect(!root.may("paging").ok, "one answer", "pages")
	seen := map[string]bool{}
	for _, r := range root.at("results").rows() {
		seen[r.at("name").is(text).text()] = true
		r.fields(text, "label", "fieldType", "groupName")
		r.at("type").is(text).says(strings.Fields("string number bool enumeration date datetime phone_number object_coordinates json")...)
		r.at("options").is(list)
		r.at("modificationMetadata", "readOnlyValue").is(boolean)
		r.at("hasUniqueValue").is(boolean)
		r.at("calculated").is(boolean)
	}
	for _, name := range []string{"email", "lastmodifieddate", "lifecyclestage", "hubspot_owner_id"} {
		root.at("results").effect(seen[name], name+" among the properties", "it is not")
	}
}

func portalOwners(p *probe) {
	for _, r := range p.ask("/crm/v3/owners", url.Values{"limit": {"100"}}).status(http.StatusOK).json().at("results").rows() {
		r.at("id").is(digits)
		r.at("userId").is(number.or(null))
		r.at("archived").is(boolean)
		if email := r.may("email"); email.ok {
			email.is(text.or(null))
		}
	}
}

func portalPipelines(p *probe) {
	for _, r := range p.get("/crm/v3/pipelines/deals").status(http.StatusOK).json().at("results").rows() {
		r.fields(text, "id", "label")
		for _, s := range r.at("stages").rows() {
			s.fields(text, "id", "label")
			s.at("metadata", "isClosed").is(flagText)
			s.at("displayOrder").is(number)
		}
	}
}

func portalLabels(p *probe) {
	root := p.get("/crm/v4/associations/contacts/companies/labels").status(http.StatusOK).json()
	seen := map[string]bool{}
	for _, r := range root.at("results").rows() {
		r.at("typeId").is(number)
		r.at("label").is(text.or(null))
		seen[r.at("category").is(text).text()+r.may("typeId").text()] = true
	}
	root.at("results").effect(seen["HUBSPOT_DEFINED1"] && seen["HUBSPOT_DEFINED279"], "types 1 and 279", "not both")
}

var portalLists = []Check{
	{ID: "portal.lists", Relies: "lists are found with their kind and the type of their members; the inclusion list is chosen by it",
		Fact: "lists API, search", run: portalListSearch},
	{ID: "portal.lists.members", Relies: "members come by record id with the time of joining, behind a cursor",
		Fact: "lists API, memberships", run: portalMembers},
}

func someLists(p *probe) node {
	body := map[string]any{"offset": 0, "count": 100, "additionalProperties": []string{"hs_list_size"}}
	return p.post("/crm/v3/lists/search", body).status(http.StatusOK).json()
}

func portalListSearch(p *probe) {
	root := someLists(p)
	root.fields(number, "offset", "total")
	root.at("hasMore").is(boolean)
	for _, r := range root.at("lists").rows() {
		r.at("listId").is(digits)
		r.fields(text, "name", "objectTypeId")
		r.at("processingType").is(text).says("MANUAL", "DYNAMIC", "SNAPSHOT")
	}
}

func portalMembers(p *probe) {
	rows := someLists(p).may("lists").rows()
	if len(rows) == 0 {
		p.skip("the portal has no list")
		return
	}
	root := p.ask("/crm/v3/lists/{}/memberships", url.Values{"limit": {"100"}}, rows[0].at("listId").text()).status(http.StatusOK).json()
	for _, m := range root.at("results").rows() {
		m.at("recordId").is(digits)
		m.at("membershipTimestamp").is(instant)
	}
}

var portalJournal = []Check{
	{ID: "portal.journal", Relies: "the webhooks journal answers with a place to download from and an offset to go on by, or with 204 where there is nothing",
		Fact: "webhooks journal guide", run: portalJournalEarliest},
}

func portalJournalEarliest(p *probe) {
	if !p.o.Journal {
		p.skip("the connection does not read the journal")
		return
	}
	a := p.get("/webhooks-journal/journal/2026-03/earliest").status(http.StatusOK, http.StatusNoContent)
	if a.code == http.StatusNoContent {
		a.blank()
		return
	}
	root := a.json()
	root.fields(text, "url", "currentOffset")
	root.at("expiresAt").is(instant)
}
