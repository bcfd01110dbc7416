package certify

import "net/http"

var orgGlobal = []Check{
	{ID: "org.describe.global", Relies: "the global describe names every object that the user sees with its key prefix and rights; objects that sync are checked against it",
		Fact: "REST API guide, Describe Global", run: orgDescribeGlobal},
	{ID: "org.composite.batch", Relies: "a batch runs its requests one by one and answers each with its status, in the order sent",
		Fact: "REST API guide, Composite Batch", run: orgBatch},
}

func orgDescribeGlobal(p *probe) {
	root := p.get("/sobjects").status(http.StatusOK).json()
	root.at("encoding").is(text)
	root.at("maxBatchSize").is(number)
	seen := map[string]bool{}
	for _, r := range root.at("sobjects").rows() {
		seen[r.at("name").is(text).text()] = true
		r.fields(text, "label", "labelPlural")
		r.at("keyPrefix").is(text.or(null))
		r.fields(boolean, "queryable", "createable", "updateable", "deletable", "replicateable", "triggerable", "custom", "deprecatedAndHidden")
	}
	for _, name := range []string{"Account", "User"} {
		root.at("sobjects").effect(seen[name], name+" among the objects", "it is not")
	}
}

func orgBatch(p *probe) {
	part := func(id string) map[string]any {
		return map[string]any{"method": "GET", "url": p.o.Version + "/sobjects/User/" + id + "?fields=Id"}
	}
	root := p.post("/composite/batch", map[string]any{"batchRequests": []any{part(noUser), part(someUser(p))}}).status(http.StatusOK).json()
	wrong := root.at("hasErrors").is(boolean)
	wrong.effect(wrong.v == true, "true", "false")
	rows := root.at("results").count(2)
	for i, want := range []string{"404", "200"} {
		if i >= len(rows) {
			return
		}
		status := rows[i].at("statusCode").is(httpStatus)
		status.effect(status.text() == want, want, status.text())
	}
	rows[0].at("result").first().at("errorCode").is(text).says("NOT_FOUND")
	rows[1].at("result").at("Id").is(orgID)
}

var orgTrees = []Check{
	{ID: "org.composite.tree", Writes: true, Relies: "a tree answers 201 with an id for each reference; one bad record undoes the whole tree and is named by its reference",
		Fact: "REST API guide, sObject Tree", run: orgTree},
	{ID: "org.composite.graph", Writes: true, Relies: "each graph is done as a whole or not at all, and says which",
		Fact: "REST API guide, Composite Graph", run: orgGraph},
}

// leaf is a record of a tree; one without a name is refused.
func leaf(ref, name string) map[string]any {
	out := map[string]any{"attributes": map[string]any{"type": "Account", "referenceId": ref}, "Site": "x"}
	if name != "" {
		out["Name"] = name
	}
	return out
}

func orgTree(p *probe) {
	key := p.name("tree")
	if !p.intend("Account", key) {
		return
	}
	a := p.post("/composite/tree/Account", map[string]any{"records": []any{leaf("one", key)}}).status(http.StatusCreated)
	root := a.json()
	row := root.at("results").first()
	p.settle(a, "Account", key, row.at("id").is(orgID).text())
	ref := row.at("referenceId").is(text)
	ref.effect(ref.text() == "one", "the reference sent", "another")
	wrong := root.at("hasErrors").is(boolean)
	wrong.effect(wrong.v == false, "false", "true")
	orgBrokenTree(p)
}

func orgBrokenTree(p *probe) {
	key := p.name("broken")
	if !p.intend("Account", key) {
		return
	}
	a := p.post("/composite/tree/Account", map[string]any{"records": []any{leaf("good", key), leaf("bad", "")}})
	p.settle(a, "Account", key, newID(a))
	fault := a.status(http.StatusBadRequest).json().at("results").first()
	ref := fault.at("referenceId").is(text)
	ref.effect(ref.text() == "bad", "the reference of the bad record", "another")
	fault.at("errors").first().at("statusCode").is(text).says("REQUIRED_FIELD_MISSING")
	none := soql(p, "SELECT Id FROM Account WHERE Name = '"+key+"'").status(http.StatusOK).json().at("records")
	none.effect(len(none.rows()) == 0, "nothing written", "a record written")
}

// node of a graph: a record to make.
func graphNode(p *probe, ref string, body map[string]any) map[string]any {
	return map[string]any{"method": "POST", "url": "/services/data/" + p.o.Version + "/sobjects/Account", "referenceId": ref, "body": body}
}

func orgGraph(p *probe) {
	whole, undone := p.name("whole"), p.name("undone")
	if !p.intend("Account", whole, undone) {
		return
	}
	graph := func(id string, nodes ...any) map[string]any {
		return map[string]any{"graphId": id, "compositeRequest": nodes}
	}
	a := p.post("/composite/graph", map[string]any{"graphs": []any{
		graph("whole", graphNode(p, "one", map[string]any{"Name": whole})),
		graph("undone", graphNode(p, "one", map[string]any{"Name": undone}), graphNode(p, "two", map[string]any{"Site": "x"})),
	}}).status(http.StatusOK)
	for _, g := range a.json().at("graphs").rows() {
		key := p.name(g.at("graphId").is(text).text())
		done := g.at("isSuccessful").is(boolean)
		done.effect(done.v == (key == whole), "only the graph without a fault done", "otherwise")
		part := g.at("graphResponse", "compositeResponse").first()
		part.at("httpStatusCode").is(httpStatus)
		part.at("referenceId").is(text)
		if done.v == true {
			p.settle(a, "Account", key, part.at("body").may("id").text())
		} else if done.ok {
			p.unmade("Account", key)
		}
	}
}
