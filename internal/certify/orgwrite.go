package certify

import (
	"net/http"
	"net/url"
	"strings"
)

var orgRecords = []Check{
	{ID: "org.record.create", Writes: true, Relies: "a create answers 201 with the new id and its address",
		Fact: "REST API guide, Create a Record", run: orgRecordCreate},
	{ID: "org.record.refused", Writes: true, Relies: "a refused row names its code and the fields at fault, which become field issues",
		Fact: "REST API guide, status codes and error responses", run: orgRecordRefused},
	{ID: "org.record.update", Writes: true, Relies: "an update answers 204 without a body, null clears a field, and a read right after sees it",
		Fact: "REST API guide, Update a Record", run: orgRecordUpdate},
	{ID: "org.record.delete", Writes: true, Relies: "a deleted record answers 404 with its own code, and queryAll still shows it as deleted",
		Fact: "REST API guide, Delete a Record; QueryAll", run: orgRecordDelete},
}

// orgMake makes an account under our mark and gives its id.
func orgMake(p *probe, what string, more map[string]any) (answer, string) {
	key := p.name(what)
	a := answer{p: p}
	if !p.intend("Account", key) {
		return a, ""
	}
	body := map[string]any{"Name": key}
	for k, v := range more {
		body[k] = v
	}
	a = p.post("/sobjects/Account", body).status(http.StatusCreated)
	id := a.json().at("id").is(orgID).text()
	p.settle(a, "Account", key, id)
	return a, id
}

func orgRecordCreate(p *probe) {
	a, _ := orgMake(p, "create", nil)
	root := a.json()
	done := root.at("success").is(boolean)
	done.effect(done.v == true, "true", "false")
	root.at("errors").count(0)
	a.has("Location", "path of the record", regexpPath)
}

func orgRecordRefused(p *probe) {
	a := p.post("/sobjects/Account", map[string]any{"Site": "x"})
	p.undo(newID(a))
	row := a.status(http.StatusBadRequest).json().first()
	row.at("errorCode").is(text).says("REQUIRED_FIELD_MISSING")
	row.at("message").is(text)
	field := row.at("fields").first()
	field.effect(field.text() == "Name", "the field at fault", "another")
}

// undo deletes an account that should have been refused but was made just now;
// it may bear no mark.
func (p *probe) undo(id string) {
	if id != "" {
		p.send(http.MethodDelete, "/sobjects/Account/{}", nil, id)
	}
}

func orgRecordUpdate(p *probe) {
	_, id := orgMake(p, "update", map[string]any{"Site": "before"})
	if id == "" {
		return
	}
	p.send(http.MethodPatch, "/sobjects/Account/{}", map[string]any{"Site": nil, "TickerSymbol": "TNDM"}, id).status(http.StatusNoContent).blank()
	root := p.ask("/sobjects/Account/{}", url.Values{"fields": {"Site,TickerSymbol"}}, id).status(http.StatusOK).json()
	root.at("Site").is(null)
	set := root.at("TickerSymbol").is(text)
	set.effect(set.text() == "TNDM", "the value written", "another value")
}

func orgRecordDelete(p *probe) {
	_, id := orgMake(p, "delete", nil)
	if id == "" {
		return
	}
	p.send(http.MethodDelete, "/sobjects/Account/{}", nil, id).status(http.StatusNoContent).blank()
	orgError(p.get("/sobjects/Account/{}", id), http.StatusNotFound, "ENTITY_IS_DELETED", "NOT_FOUND")
	rows := p.ask("/queryAll", url.Values{"q": {"SELECT Id, IsDeleted, MasterRecordId FROM Account WHERE Id = '" + id + "'"}}).status(http.StatusOK).json().at("records").count(1)
	if len(rows) == 1 {
		gone := rows[0].at("IsDeleted").is(boolean)
		gone.effect(gone.v == true, "true", "false")
		rows[0].at("MasterRecordId").is(null)
	}
}

var orgCollections = []Check{
	{ID: "org.collections.partial", Writes: true, Relies: "in a collection each row succeeds or fails by itself, in the order sent; a bad row never costs the batch",
		Fact: "REST API guide, sObject Collections", run: orgCollectionsPartial},
	{ID: "org.collections.limit", Writes: true, Relies: "a collection of more than 200 rows is refused as a whole",
		Fact: "REST API guide, sObject Collections", run: orgCollectionsLimit},
}

func orgCollectionsPartial(p *probe) {
	key := p.name("partial")
	if !p.intend("Account", key) {
		return
	}
	row := func(field, value string) map[string]any {
		return map[string]any{"attributes": map[string]any{"type": "Account"}, field: value}
	}
	a := p.post("/composite/sobjects", map[string]any{"allOrNone": false, "records": []any{row("Site", "x"), row("Name", key)}})
	rows := a.status(http.StatusOK).json().count(2)
	if len(rows) != 2 {
		return
	}
	p.settle(a, "Account", key, rows[1].may("id").text())
	p.undo(rows[0].may("id").text())
	for i, want := range []bool{false, true} {
		done := rows[i].at("success").is(boolean)
		done.effect(done.v == want, "the order of the request", "another order or outcome")
	}
	fault := rows[0].at("errors").first()
	fault.at("statusCode").is(text).says("REQUIRED_FIELD_MISSING")
	fault.fields(text, "message")
	fault.at("fields").is(list)
	rows[1].at("id").is(orgID)
}

// orgCollectionsLimit sends rows that would each be refused, so that nothing is
// made even where the limit is not enforced.
func orgCollectionsLimit(p *probe) {
	rows := make([]any, 201)
	for i := range rows {
		rows[i] = map[string]any{"attributes": map[string]any{"type": "Account"}, "Site": "x"}
	}
	a := p.post("/composite/sobjects", map[string]any{"allOrNone": false, "records": rows})
	a.status(http.StatusBadRequest).json().first().at("errorCode").is(text)
}

var orgUpsert = []Check{
	{ID: "org.upsert", Writes: true, Relies: "an upsert by a unique external id answers 201 for a new and 200 for a known record and says created",
		Fact: "REST API guide, Insert or Update (Upsert) a Record Using an External ID", run: orgUpsertTwice},
	{ID: "org.upsert.duplicate", Writes: true, Relies: "a second insert with a taken unique key is refused by a code of its own and names the record that has it; that one is adopted",
		Fact: "SOAP API guide, exception codes", run: orgDuplicate},
}

// uniqueField is a unique external id of Account that may be written.
func uniqueField(p *probe) string {
	for _, f := range p.get("/sobjects/Account/describe").status(http.StatusOK).json().may("fields").rows() {
		yes := true
		for _, name := range []string{"externalId", "unique", "createable", "updateable"} {
			yes = yes && f.may(name).v == true
		}
		if length := f.may("length").text(); yes && f.may("type").text() == "string" && (len(length) > 2 || length >= "18") {
			return f.may("name").text()
		}
	}
	p.skip("Account has no unique external id that this user may write")
	return ""
}

func orgUpsertTwice(p *probe) {
	field, key := uniqueField(p), p.name("upsert")
	if field == "" || !p.intend("Account", key) {
		return
	}
	for i, status := range []int{http.StatusCreated, http.StatusOK} {
		a := p.send(http.MethodPatch, "/sobjects/Account/{}/{}", map[string]any{"Name": key}, field, "tcert-"+p.o.Mark).status(status)
		root := a.json()
		if i == 0 {
			p.settle(a, "Account", key, root.may("id").text())
		}
		root.at("id").is(orgID)
		made := root.at("created").is(boolean)
		made.effect(made.v == (i == 0), "true only for the first", "otherwise")
	}
}

// newID is the id in the answer of a create that succeeded, or "".
func newID(a answer) string {
	if !a.ok || a.code != http.StatusCreated {
		return ""
	}
	return a.json().may("id").text()
}

func orgDuplicate(p *probe) {
	field := uniqueField(p)
	if field == "" {
		return
	}
	_, id := orgMake(p, "key", map[string]any{field: "tdup-" + p.o.Mark})
	key := p.name("second")
	if id == "" || !p.intend("Account", key) {
		return
	}
	a := p.post("/sobjects/Account", map[string]any{"Name": key, field: "tdup-" + p.o.Mark})
	p.settle(a, "Account", key, newID(a))
	row := a.status(http.StatusBadRequest).json().first()
	row.at("errorCode").is(text).says("DUPLICATE_VALUE")
	message := row.at("message").is(text)
	message.effect(strings.Contains(message.text(), id[:15]), "a text with the other record's id", "a text without it")
}
