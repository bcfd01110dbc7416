package certify

import (
	"net/http"
	"net/url"
	"strings"
	"time"
)

var portalWrites = []Check{
	{ID: "portal.record.create", Writes: true, Relies: "a create answers 201 with the record and what the portal computed for it",
		Fact: "CRM API, create records", run: portalCreate},
	{ID: "portal.record.update", Writes: true, Relies: "an update answers with the new values, a blank clears a property, and a read right after sees it",
		Fact: "CRM API, update records", run: portalUpdate},
	{ID: "portal.record.refused", Writes: true, Relies: "a write of an unknown, an unfit or a read-only property is refused with a code that says which",
		Fact: "API error handling guide", run: portalRefusals},
	{ID: "portal.record.conflict", Writes: true, Relies: "a second contact with a taken address is refused with 409 and the id of the first, which is adopted",
		Fact: "contacts API; API error handling guide", run: portalConflict},
	{ID: "portal.lifecycle", Writes: true, Relies: "a lifecycle stage written backwards is passed over in silence; it is cleared first and then set",
		Fact: "lifecycle stages, knowledge base", run: portalLifecycle},
	{ID: "portal.search.lag", Writes: true, Relies: "search finds a new record within a minute; polled windows end that far before now and overlap",
		Fact: "CRM search guide, limitations", run: portalSearchLag},
}

// portalMake makes a contact or a company under our mark and gives its id.
func portalMake(p *probe, objects, what string, more map[string]any) (answer, string) {
	properties := map[string]any{}
	key := p.name(what)
	if objects == contacts {
		key = p.address(what)
		properties["email"] = key
	} else {
		properties["name"] = key
	}
	a := answer{p: p}
	if !p.intend(objects, key) {
		return a, ""
	}
	for k, v := range more {
		properties[k] = v
	}
	a = p.post("/crm/v3/objects/"+objects, map[string]any{"properties": properties}).status(http.StatusCreated)
	id := a.json().at("id").is(digits).text()
	p.settle(a, objects, key, id)
	return a, id
}

func portalCreate(p *probe) {
	a, _ := portalMake(p, contacts, "create", map[string]any{"firstname": "Tandem"})
	root := a.json()
	if root.ok {
		record(root)
	}
	root.at("properties", "hs_object_id").is(digits)
	root.at("properties", "hs_object_source").is(text)
	stored := root.at("properties", "email").is(text)
	stored.effect(stored.text() == p.address("create"), "the address written", "another")
}

func patchContact(p *probe, id string, properties map[string]any) answer {
	return p.send(http.MethodPatch, "/crm/v3/objects/contacts/{}", map[string]any{"properties": properties}, id)
}

func readContact(p *probe, id, properties string) node {
	return p.ask("/crm/v3/objects/contacts/{}", url.Values{"properties": {properties}}, id).status(http.StatusOK).json().at("properties")
}

func portalUpdate(p *probe) {
	_, id := portalMake(p, contacts, "update", map[string]any{"firstname": "Before", "lastname": "Before"})
	if id == "" {
		return
	}
	root := patchContact(p, id, map[string]any{"firstname": "After", "lastname": ""}).status(http.StatusOK).json()
	told := root.at("properties", "firstname").is(text)
	told.effect(told.text() == "After", "the value written", "another")
	now := readContact(p, id, "firstname,lastname")
	first, last := now.at("firstname"), now.at("lastname")
	first.effect(first.text() == "After", "the value written", "another")
	last.effect(last.text() == "", "no value", "a value")
}

func portalRefusals(p *probe) {
	_, id := portalMake(p, contacts, "refused", nil)
	if id == "" {
		return
	}
	for _, w := range []struct{ property, value, code string }{
		{"tandem_certify_no_such_property", "x", "PROPERTY_DOESNT_EXIST"},
		{"lifecyclestage", "tandem-certify-no-such-stage", "INVALID_OPTION"},
		{"hs_email_domain", "example.com", "READ_ONLY_VALUE"},
	} {
		root := portalError(patchContact(p, id, map[string]any{w.property: w.value}), http.StatusBadRequest)
		root.at("category").says("VALIDATION_ERROR")
		root.at("errors").first().at("code").is(text).says(w.code)
	}
}

func portalConflict(p *probe) {
	_, id := portalMake(p, contacts, "taken", nil)
	if id == "" || !p.intend(contacts, p.address("taken")) {
		return
	}
	a := p.post("/crm/v3/objects/contacts", map[string]any{"properties": map[string]any{"email": strings.ToUpper(p.address("taken"))}})
	p.settle(a, contacts, p.address("taken"), newID(a))
	root := portalError(a, http.StatusConflict)
	root.at("category").says("CONFLICT")
	message := root.at("message").is(text)
	message.effect(strings.HasSuffix(message.text(), "Existing ID: "+id), "a text that ends in the other record's id", "another text")
}

func portalLifecycle(p *probe) {
	_, id := portalMake(p, contacts, "stage", map[string]any{"lifecyclestage": "customer"})
	if id == "" {
		return
	}
	for _, step := range []struct{ write, want string }{{"lead", "customer"}, {"", ""}, {"lead", "lead"}} {
		patchContact(p, id, map[string]any{"lifecyclestage": step.write}).status(http.StatusOK)
		now := readContact(p, id, "lifecyclestage").at("lifecyclestage")
		now.effect(now.text() == step.want, "forward only, and anew after clearing", "another stage")
	}
}

func portalSearchLag(p *probe) {
	_, id := portalMake(p, contacts, "search", nil)
	if id == "" {
		return
	}
	var last answer
	took, found := p.poll(5*time.Minute, func() bool {
		last = p.search(contacts, "email", p.address("search")).status(http.StatusOK)
		return len(last.json().at("results").rows()) > 0
	})
	if p.failed == "" && (!found || took > time.Minute) {
		last.differ(KindTiming, "", "found within 60 s", timingClass(took))
	}
}

var portalBatchWrites = []Check{
	{ID: "portal.batch.create", Writes: true, Relies: "a batch create without trace ids is refused as a whole by one bad row and writes nothing",
		Fact: "CRM API, batch create", run: func(p *probe) { portalRefusedWhole(p, "whole") }},
	{ID: "portal.batch.create_traced", Writes: true, Relies: "with trace ids a batch create answers 207: good rows are written and each bad one is named by its trace id",
		Fact: "CRM API, multi-status errors", run: portalTraced},
	{ID: "portal.batch.trace_twice", Writes: true, Relies: "trace ids that are not each row's own count as none: a bad row refuses the whole batch",
		Fact: "CRM API, multi-status errors", run: func(p *probe) { portalRefusedWhole(p, "twice", "same", "same") }},
	{ID: "portal.batch.update", Writes: true, Relies: "a batch update answers 207 where an id is not there and still updates the others",
		Fact: "CRM API, batch update", run: portalBatchUpdate},
	{ID: "portal.batch.update_refused", Writes: true, Relies: "one unfit value refuses a batch update as a whole, which is then taken apart",
		Fact: "CRM API, batch update", run: portalBatchUpdateRefused},
	{ID: "portal.batch.upsert", Writes: true, Relies: "a batch upsert by a unique property says of each record whether it is new",
		Fact: "CRM API, batch upsert", run: portalUpsert},
}

// pair are two rows of which the second has an unfit address, with their trace ids
// where these are given.
func pair(p *probe, what string, traces ...string) map[string]any {
	var inputs []any
	for i, email := range []string{p.address(what), p.name(what) + " is no address"} {
		row := map[string]any{"properties": map[string]any{"email": email}}
		if len(traces) > 0 {
			row["objectWriteTraceId"] = traces[i]
		}
		inputs = append(inputs, row)
	}
	return map[string]any{"inputs": inputs}
}

func byAddress(p *probe, email string) answer {
	return p.ask("/crm/v3/objects/contacts/{}", url.Values{"idProperty": {"email"}}, email)
}

// portalRefusedWhole expects that a batch with a bad row is refused and writes nothing.
func portalRefusedWhole(p *probe, what string, traces ...string) {
	if !p.intend(contacts, p.address(what)) {
		return
	}
	a := p.post("/crm/v3/objects/contacts/batch/create", pair(p, what, traces...))
	p.others(a)
	portalError(a, http.StatusBadRequest)
	found := byAddress(p, p.address(what))
	id := ""
	if found.ok && found.code == http.StatusOK {
		id = found.json().may("id").text()
	}
	p.settle(found, contacts, p.address(what), id)
	found.status(http.StatusNotFound)
}

// others puts all contacts that a batch made on the list, also those that should
// have been refused.
func (p *probe) others(a answer) {
	if a.code/100 != 2 {
		return
	}
	for _, r := range a.json().may("results").rows() {
		if id := r.may("id").text(); id != "" {
			p.made(contacts, p.name("batch"), id)
		}
	}
}

func portalTraced(p *probe) {
	if !p.intend(contacts, p.address("traced")) {
		return
	}
	a := p.post("/crm/v3/objects/contacts/batch/create", pair(p, "traced", "good", "bad"))
	p.others(a)
	a = a.status(http.StatusMultiStatus)
	root := a.json()
	root.at("numErrors").is(number)
	rows := root.at("results").count(1)
	if len(rows) == 1 {
		rows[0].at("id").is(digits)
	}
	p.settle(a, contacts, p.address("traced"), only(rows))
	fault := root.at("errors").first()
	fault.at("category").is(text)
	trace := fault.at("context", "objectWriteTraceId").first()
	trace.effect(trace.text() == "bad", "the trace id of the bad row", "another")
}

// only is the id of the one row, or "".
func only(rows []node) string {
	if len(rows) != 1 {
		return ""
	}
	return rows[0].may("id").text()
}

func portalBatchUpdate(p *probe) {
	_, id := portalMake(p, contacts, "batch", nil)
	if id == "" {
		return
	}
	root := batchUpdate(p, map[string]string{id: "Tandem", noRecord: "Tandem"}, "firstname", id, noRecord).status(http.StatusMultiStatus).json()
	rows := root.at("results").count(1)
	if len(rows) == 1 {
		got := rows[0].at("id").is(digits)
		got.effect(got.text() == id, "the record that is there", "another")
	}
	fault := root.at("errors").first()
	fault.at("category").is(text).says("OBJECT_NOT_FOUND")
	fault.at("context", "ids").is(list)
}

// batchUpdate writes one property of records in the order of ids.
func batchUpdate(p *probe, values map[string]string, property string, ids ...string) answer {
	var inputs []any
	for _, id := range ids {
		inputs = append(inputs, map[string]any{"id": id, "properties": map[string]any{property: values[id]}})
	}
	return p.post("/crm/v3/objects/contacts/batch/update", map[string]any{"inputs": inputs})
}

func portalBatchUpdateRefused(p *probe) {
	_, good := portalMake(p, contacts, "fit", nil)
	_, bad := portalMake(p, contacts, "unfit", nil)
	if good == "" || bad == "" {
		return
	}
	a := batchUpdate(p, map[string]string{good: "customer", bad: "tandem-certify-no-such-stage"}, "lifecyclestage", good, bad)
	portalError(a, http.StatusBadRequest).at("category").says("VALIDATION_ERROR")
	now := readContact(p, good, "lifecyclestage").at("lifecyclestage")
	now.effect(now.text() != "customer", "nothing written", "a row written")
}

// uniqueProperty is a unique property of contacts that may be written.
func uniqueProperty(p *probe) string {
	for _, r := range p.get("/crm/v3/properties/contacts").status(http.StatusOK).json().may("results").rows() {
		if r.may("hasUniqueValue").v == true && r.may("type").text() == "string" && r.may("hubspotDefined").v != true && r.may("modificationMetadata").may("readOnlyValue").v != true {
			return r.may("name").text()
		}
	}
	p.skip("contacts have no unique property that this app may write")
	return ""
}

func portalUpsert(p *probe) {
	property := uniqueProperty(p)
	if property == "" || !p.intend(contacts, p.address("upsert")) {
		return
	}
	input := map[string]any{"id": "tcert-" + p.o.Mark, "idProperty": property, "properties": map[string]any{property: "tcert-" + p.o.Mark, "email": p.address("upsert")}}
	for i := range 2 {
		a := p.post("/crm/v3/objects/contacts/batch/upsert", map[string]any{"inputs": []any{input}}).status(http.StatusOK)
		rows := a.json().at("results").count(1)
		if i == 0 {
			p.settle(a, contacts, p.address("upsert"), only(rows))
		}
		if len(rows) != 1 {
			return
		}
		made := rows[0].at("new").is(boolean)
		made.effect(made.v == (i == 0), "true only for the first", "otherwise")
	}
}
