package salesforcesim

import (
	"net/http"
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// explainedPlan is one way of running a query (REST API Developer Guide, "Get
// Feedback on Query Performance").
type explainedPlan struct {
	Cardinality          int        `json:"cardinality"`
	Fields               []string   `json:"fields"`
	LeadingOperationType string     `json:"leadingOperationType"`
	Notes                []planNote `json:"notes"`
	RelativeCost         float64    `json:"relativeCost"`
	SobjectCardinality   int        `json:"sobjectCardinality"`
	SobjectType          string     `json:"sobjectType"`
}

type planNote struct {
	Description   string   `json:"description"`
	Fields        []string `json:"fields"`
	TableEnumOrID string   `json:"tableEnumOrId"`
}

// explain answers /query?explain=…: how the org would run the query.
func (o *Org) explain(c *call, text string) *answer {
	var out *answer
	c.read(func(a *access) {
		plan, errs := o.planQuery(a, text, false)
		if errs != nil {
			out = refusal(errs)
			return
		}
		ob := o.objects[strings.ToLower(plan.Object().Name)]
		all := ob.records.live
		p := explainedPlan{Cardinality: all, Fields: []string{}, LeadingOperationType: "TableScan", Notes: []planNote{}, RelativeCost: 1, SobjectCardinality: all, SobjectType: ob.name}
		if fields := indexedOf(ob, plan); len(fields) > 0 {
			p.Cardinality, p.Fields, p.LeadingOperationType = countUpTo(plan, o.source(a, false)), fields, "Index"
			p.RelativeCost = float64(p.Cardinality) / float64(max(all, 1))
		}
		out = marshalled(http.StatusOK, map[string]any{"plans": []explainedPlan{p}, "sourceQuery": text})
	})
	return out
}

// countUpTo counts the rows of a query; an aggregate has none of its own.
func countUpTo(plan *soql.Plan, src soql.Source) int {
	if plan.CountOnly() {
		return plan.Count(src)
	}
	n := 0
	for range plan.IDs(src) {
		n++
	}
	return n
}

// indexedOf are the fields of the filter for which every org has an index: ids,
// references, external ids, and the stamps of creation and change.
func indexedOf(ob *object, plan *soql.Plan) (fields []string) {
	for _, name := range plan.Indexed() {
		f := ob.field(name)
		if f.idLookup() || f.typ == "reference" || f.sys == sysCreated || f.sys == sysStamp {
			fields = append(fields, name)
		}
	}
	return fields
}
