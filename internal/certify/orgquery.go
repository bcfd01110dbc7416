package certify

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

var orgQuery = []Check{
	{ID: "org.query.rows", Relies: "a query gives rows with type, ids of 18 characters and stamps of whole seconds, in the order asked for",
		Fact: "REST API guide, Query; SOAP API guide, ID field type", run: orgQueryRows},
	{ID: "org.query.count", Relies: "COUNT() gives its figure as totalSize and no rows; plans and progress are told by it",
		Fact: "SOQL reference, COUNT()", run: orgQueryCount},
	{ID: "org.query.pages", Relies: "a large result comes in pages behind a path of the same host, complete, in order and without repeats",
		Fact: "REST API guide, Query and Query Options header", run: orgQueryPages},
	{ID: "org.query.locator", Relies: "a page whose cursor is gone is refused by its own code, which starts the query again",
		Fact: "REST API guide, Query; SOAP API guide, exception codes", run: orgQueryLocator},
	{ID: "org.query.unknown_field", Relies: "a field that is gone or hidden is refused by its own code, which parks its mapping and nothing else",
		Fact: "SOAP API guide, exception codes", run: orgQueryUnknownField},
	{ID: "org.query.malformed", Relies: "a query with a syntax error is refused by another code than one with an unknown field",
		Fact: "SOAP API guide, exception codes", run: orgQueryMalformed},
	{ID: "org.query.deleted", Relies: "queryAll takes IsDeleted and MasterRecordId in its filter; merges are told from deletions by it",
		Fact: "REST API guide, QueryAll; object reference, Account", run: orgQueryDeleted},
}

func soql(p *probe, q string) answer { return p.ask("/query", url.Values{"q": {q}}) }

func before(a, b string) bool { return a < b }

func orgQueryRows(p *probe) {
	root := soql(p, "SELECT Id, Name, CreatedDate, SystemModstamp FROM User ORDER BY Id LIMIT 50").status(http.StatusOK).json()
	root.at("totalSize").is(number)
	root.at("done").is(boolean)
	rows := root.at("records").rows()
	for _, r := range rows {
		r.at("attributes", "type").is(text).says("User")
		r.at("attributes", "url").is(orgPath)
		r.at("Id").is(orgID)
		r.at("Name").is(text)
		r.fields(orgWhole, "CreatedDate", "SystemModstamp")
	}
	ordered(rows, "Id", before)
}

func orgQueryCount(p *probe) {
	root := soql(p, "SELECT COUNT() FROM User").status(http.StatusOK).json()
	root.at("totalSize").is(number)
	root.at("records").count(0)
}

// paged is an object of which there are more rows than the smallest page.
func paged(p *probe) string {
	for _, object := range []string{"Account", "Contact", "Lead", "Task"} {
		n, _ := strconv.Atoi(soql(p, "SELECT COUNT() FROM "+object).status(http.StatusOK).json().may("totalSize").text())
		if n > 200 {
			return object
		}
	}
	return ""
}

func orgQueryPages(p *probe) {
	object := paged(p)
	if object == "" {
		p.skip("no object has more than 200 records")
		return
	}
	options := map[string]string{"Sforce-Query-Options": "batchSize=200"}
	q := url.Values{"q": {"SELECT Id FROM " + object + " ORDER BY Id LIMIT 450"}}
	root := p.do(call{method: http.MethodGet, path: "/query", query: q, header: options}).status(http.StatusOK).json()
	total := root.at("totalSize").text()
	var rows []node
	for range 450 {
		rows = append(rows, root.at("records").rows()...)
		done := root.at("done").is(boolean)
		if !done.ok || done.v == true {
			done.effect(strconv.Itoa(len(rows)) == total, "as many rows as totalSize", "another number of rows")
			ordered(rows, "Id", before)
			return
		}
		next := root.at("nextRecordsUrl").is(orgPath)
		if !next.ok {
			return
		}
		a := p.do(call{method: http.MethodGet, path: "/services/data/{}/query/{}", args: tail(next.text()), header: options})
		root = a.status(http.StatusOK).json()
	}
}

// tail are the version and the locator of a path to a further page.
func tail(path string) []string {
	parts := strings.Split(path, "/")
	return []string{parts[3], parts[len(parts)-1]}
}

func orgQueryLocator(p *probe) {
	orgError(p.get("/query/{}", "01g000000000000AAA-2000"), http.StatusBadRequest, "INVALID_QUERY_LOCATOR")
}

func orgQueryUnknownField(p *probe) {
	orgError(soql(p, "SELECT Id, TandemCertifyNoSuchField__c FROM Account LIMIT 1"), http.StatusBadRequest, "INVALID_FIELD")
}

func orgQueryMalformed(p *probe) {
	orgError(soql(p, "SELECT FROM WHERE"), http.StatusBadRequest, "MALFORMED_QUERY")
}

func orgQueryDeleted(p *probe) {
	root := p.ask("/queryAll", url.Values{"q": {"SELECT Id, IsDeleted, MasterRecordId FROM Account WHERE IsDeleted = true ORDER BY SystemModstamp DESC LIMIT 5"}}).status(http.StatusOK).json()
	root.at("done").is(boolean)
	for _, r := range root.at("records").rows() {
		r.at("Id").is(orgID)
		deleted := r.at("IsDeleted").is(boolean)
		deleted.effect(deleted.v == true, "true", "false")
		r.at("MasterRecordId").is(orgID.or(null))
	}
}

var orgComposite = []Check{
	{ID: "org.collections.read", Relies: "a collections read keeps the order of its ids and has null where an id is not seen; absence is told by it",
		Fact: "REST API guide, Get Multiple Records with Fields", run: orgCollectionsRead},
	{ID: "org.composite", Relies: "a composite answers its parts in order by reference id, each with a status and a body of its own",
		Fact: "REST API guide, Composite", run: orgCompositeParts},
	{ID: "org.record.absent", Relies: "an id that never was answers 404 NOT_FOUND, which is no evidence of a deletion",
		Fact: "REST API guide, status codes and error responses", run: func(p *probe) {
			orgError(p.get("/sobjects/User/{}", noUser), http.StatusNotFound, "NOT_FOUND")
		}},
}

// someUser is the id of a user; every session sees its own.
func someUser(p *probe) string {
	return soql(p, "SELECT Id FROM User LIMIT 1").status(http.StatusOK).json().at("records").first().at("Id").text()
}

func orgCollectionsRead(p *probe) {
	id := someUser(p)
	a := p.post("/composite/sobjects/User", map[string]any{"ids": []string{noUser, id}, "fields": []string{"Id", "Name"}})
	rows := a.status(http.StatusOK).json().count(2)
	if len(rows) == 2 {
		rows[0].is(null)
		row := rows[1].is(object).at("Id").is(orgID)
		row.effect(row.text() == id, "the record asked for", "another record")
	}
}

func orgCompositeParts(p *probe) {
	part := func(ref, id string) map[string]any {
		return map[string]any{"method": "GET", "url": "/services/data/" + p.o.Version + "/sobjects/User/" + id + "?fields=Id", "referenceId": ref}
	}
	a := p.post("/composite", map[string]any{"allOrNone": false, "compositeRequest": []any{part("absent", noUser), part("present", someUser(p))}})
	parts := a.status(http.StatusOK).json().at("compositeResponse").count(2)
	for i, want := range []struct {
		ref    string
		status string
	}{{"absent", "404"}, {"present", "200"}} {
		if i >= len(parts) {
			return
		}
		ref, status := parts[i].at("referenceId").is(text), parts[i].at("httpStatusCode").is(httpStatus)
		ref.effect(ref.text() == want.ref, "the order of the request", "another order")
		status.effect(status.text() == want.status, want.status, status.text())
	}
	if len(parts) == 2 {
		parts[0].at("body").first().at("errorCode").is(text).says("NOT_FOUND")
		parts[1].at("body").at("Id").is(orgID)
	}
}
