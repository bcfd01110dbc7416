package salesforcesim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// Sizes of batch, tree and graph.
const (
	maxTreeRecords = 200
	maxTreeTypes   = 5
	maxTreeLevels  = 5
)

// batch answers /composite/batch: independent requests in one call.
func (o *Org) batch(c *call) *answer {
	var body struct {
		HaltOnError   bool `json:"haltOnError"`
		BatchRequests []struct {
			Method    string          `json:"method"`
			URL       string          `json:"url"`
			RichInput json.RawMessage `json:"richInput"`
		} `json:"batchRequests"`
	}
	if errs := c.decode(&body); errs != nil {
		return refusal(errs)
	}
	if len(body.BatchRequests) == 0 || len(body.BatchRequests) > maxSubrequests {
		return refusal(refuse("INVALID_INPUT", fmt.Sprintf("Limit exceeded: between 1 and %d subrequests are allowed", maxSubrequests)))
	}
	out, failed := []byte{}, false
	for i, s := range body.BatchRequests {
		if i > 0 {
			out = append(out, ',')
		}
		a := refusal(refuse("BATCH_PROCESSING_HALTED", "Batch processing halted per request"))
		a.status = http.StatusPreconditionFailed
		if !failed || !body.HaltOnError {
			target := s.URL
			if !strings.Contains(target, "services/data/") {
				target = "/services/data/" + strings.TrimLeft(target, "/")
			}
			a = o.nestedCall(c, strings.ToUpper(s.Method), target, string(s.RichInput), c.header, nil)
		}
		failed = failed || a.status >= 400
		result := a.body
		if len(result) == 0 {
			result = []byte("null")
		}
		out = appendNumber(append(out, `{"statusCode":`...), float64(a.status), "int")
		out = append(append(append(out, `,"result":`...), result...), '}')
	}
	return jsonAnswer(http.StatusOK, []byte(fmt.Sprintf(`{"hasErrors":%t,"results":[%s]}`, failed, out)))
}

// planter creates the records of a tree and collects the results.
type planter struct {
	t       *tx
	c       *call
	types   map[string]bool
	refs    map[string]bool
	results []treeResult
	failed  bool
}

type treeResult struct {
	ref  string
	id   string
	errs rowErrors
}

// tree answers /composite/tree/X: records with their children, all or none.
func (o *Org) tree(c *call, objectName string) *answer {
	ob := o.visible(c, objectName, false)
	if ob == nil {
		return refusal(notFound())
	}
	var body struct {
		Records []map[string]any `json:"records"`
	}
	if errs := c.decode(&body); errs != nil {
		return refusal(errs)
	}
	p := &planter{c: c, types: map[string]bool{}, refs: map[string]bool{}}
	var errs rowErrors
	c.write(func(t *tx) {
		p.t = t
		start := t.mark()
		errs = p.plant(ob, body.Records, nil, "", 1)
		if len(errs) > 0 || p.failed {
			t.rollback(start)
		}
	})
	if len(errs) > 0 {
		return refusal(errs)
	}
	return p.answer()
}

// plant creates one level; via and parent tie it to the level above.
func (p *planter) plant(ob *object, rows []map[string]any, via *field, parent string, level int) rowErrors {
	p.types[ob.name] = true
	if level > maxTreeLevels || len(p.types) > maxTreeTypes || len(p.results)+len(rows) > maxTreeRecords {
		return refuse("INVALID_INPUT", "A tree has at most 200 records of 5 types on 5 levels")
	}
	for _, row := range rows {
		attributes, _ := row["attributes"].(map[string]any)
		ref := metadataMap(attributes).text("referenceId")
		if ref == "" || p.refs[ref] {
			return refuse("INVALID_INPUT", "Every record of a tree needs a referenceId of its own")
		}
		p.refs[ref] = true
		if errs := p.plantOne(ob, row, ref, via, parent, level); len(errs) > 0 {
			return errs
		}
	}
	return nil
}

func (p *planter) plantOne(ob *object, row map[string]any, ref string, via *field, parent string, level int) rowErrors {
	own, nested := map[string]any{}, map[*field][]map[string]any{}
	for _, key := range sortedKeys(row) {
		child := childField(ob, key)
		if child == nil {
			own[key] = row[key]
			continue
		}
		nested[child] = rowsOf(row[key])
	}
	if via != nil {
		own[via.name] = parent
	}
	s := p.t.insertRow(ob, own)
	p.results = append(p.results, treeResult{ref, s.id, s.errs})
	p.failed = p.failed || len(s.errs) > 0
	for _, f := range ob.children {
		if rows := nested[f]; rows != nil && len(s.errs) == 0 {
			if errs := p.plant(f.object, rows, f, s.id, level+1); len(errs) > 0 {
				return errs
			}
		}
	}
	return nil
}

func childField(ob *object, relation string) *field {
	for _, f := range ob.children {
		if strings.EqualFold(f.childRelation, relation) {
			return f
		}
	}
	return nil
}

// rowsOf reads {"records":[…]}.
func rowsOf(v any) []map[string]any {
	m, _ := v.(map[string]any)
	list, _ := m["records"].([]any)
	var out []map[string]any
	for _, e := range list {
		if row, ok := e.(map[string]any); ok {
			out = append(out, row)
		}
	}
	return out
}

func (p *planter) answer() *answer {
	status := http.StatusCreated
	if p.failed {
		status = http.StatusBadRequest
	}
	out := []byte(fmt.Sprintf(`{"hasErrors":%t,"results":[`, p.failed))
	n := 0
	for _, r := range p.results {
		if p.failed && len(r.errs) == 0 {
			continue
		}
		if n > 0 {
			out = append(out, ',')
		}
		n++
		out = appendString(append(out, `{"referenceId":`...), r.ref)
		if p.failed {
			out = appendRowErrors(append(out, `,"errors":`...), r.errs)
		} else {
			out = appendString(append(out, `,"id":`...), r.id)
		}
		out = append(out, '}')
	}
	return jsonAnswer(status, append(out, ']', '}'))
}

// graph is one all-or-none composite among several.
type graph struct {
	GraphID          string       `json:"graphId"`
	CompositeRequest []subrequest `json:"compositeRequest"`
}

// Limits of graphs (REST API Developer Guide, "Composite Graph Limits").
const (
	maxGraphs      = 75
	maxGraphNodes  = 500
	maxGraphDepth  = 15
	maxGraphKinds  = 15 // different nodes: method and object
	maxFailedGraph = 14 // after which the rest is not tried
	maxGraphID     = 40
)

// graphs answers /composite/graph: several all-or-none composites.
func (o *Org) graphs(c *call) *answer {
	var body struct {
		Graphs []graph `json:"graphs"`
	}
	if errs := c.decode(&body); errs != nil {
		return refusal(errs)
	}
	if errs := checkGraphs(body.Graphs); errs != nil {
		return refusal(errs)
	}
	out, failed := []byte(`{"graphs":[`), 0
	for i, g := range body.Graphs {
		if i > 0 {
			out = append(out, ',')
		}
		results, ok := haltedGraph(g), false
		if failed < maxFailedGraph {
			results, ok = o.atOnce(c, g.CompositeRequest)
		}
		if !ok {
			failed++
		}
		out = appendString(append(out, `{"graphId":`...), g.GraphID)
		out = append(appendSubresults(append(out, `,"graphResponse":`...), results), '}')
		out = append(fmt.Appendf(out, `,"isSuccessful":%t`, ok), '}')
	}
	return jsonAnswer(http.StatusOK, append(out, ']', '}'))
}

// haltedGraph are the answers of a graph that was not tried.
func haltedGraph(g graph) []subresult {
	var out []subresult
	for _, s := range g.CompositeRequest {
		out = append(out, subresult{halted(), s.ReferenceID})
	}
	return out
}

func checkGraphs(list []graph) rowErrors {
	seen, nodes := map[string]bool{}, 0
	for _, g := range list {
		if seen[g.GraphID] || !graphID.MatchString(g.GraphID) || len(g.GraphID) >= maxGraphID {
			return refuse("INVALID_INPUT", "Every graph needs a graphId of its own that begins with a letter or a number and is shorter than 40 characters")
		}
		seen[g.GraphID] = true
		nodes += len(g.CompositeRequest)
		if errs := g.check(); errs != nil {
			return errs
		}
	}
	if len(list) == 0 || len(list) > maxGraphs || nodes > maxGraphNodes {
		return refuse("INVALID_INPUT", fmt.Sprintf("Between 1 and %d graphs with at most %d nodes are allowed", maxGraphs, maxGraphNodes))
	}
	return nil
}

var graphID = regexp.MustCompile(`^[A-Za-z0-9]`)

// check holds a graph to its size: how many nodes hang on one another, and how many
// kinds there are.
func (g graph) check() rowErrors {
	depth, kinds := map[string]int{}, map[string]bool{}
	for _, s := range g.CompositeRequest {
		_, resource, found := strings.Cut(s.URL, "/sobjects/")
		if !found {
			return refuse("INVALID_INPUT", "A graph may only use sobjects resources, not "+s.URL)
		}
		object, _, _ := strings.Cut(resource, "/")
		kinds[strings.ToUpper(s.Method)+" "+strings.ToLower(object)] = true
		depth[s.ReferenceID] = 1
		for _, found := range reference.FindAllStringSubmatch(s.URL+string(s.Body), -1) {
			depth[s.ReferenceID] = max(depth[s.ReferenceID], depth[found[1]]+1)
		}
		if depth[s.ReferenceID] > maxGraphDepth {
			return refuse("INVALID_INPUT", fmt.Sprintf("Graph %s is more than %d nodes deep", g.GraphID, maxGraphDepth))
		}
	}
	if len(kinds) > maxGraphKinds {
		return refuse("INVALID_INPUT", fmt.Sprintf("Graph %s has more than %d different nodes", g.GraphID, maxGraphKinds))
	}
	return checkSubrequests(g.CompositeRequest, maxGraphNodes)
}
