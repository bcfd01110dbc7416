// Package soql runs the part of SOQL that integrations use, the way the Salesforce REST API does: same grammar, same
// refusals with the same codes and carets, same null and case rules (SOQL and SOSL Reference, summer '26).
//
// It is a leaf: it knows nothing of how records are kept. A store shows it three small things:
//
//   - [Schema] names the objects and fields the user may see (a hidden field is simply not there),
//   - [Source] hands out rows, with the help of [Probe]s that tell which index would serve,
//   - [Row] gives one field of one row as a [Value].
//
// A query goes through three steps, each with its own errors:
//
//	q, err := soql.Parse("SELECT Id, Owner.Name FROM Account WHERE Name LIKE 'Ac%' ORDER BY Name LIMIT 5")
//	if err != nil { … }                    // MALFORMED_QUERY
//	plan, err := q.Plan(schema, soql.Env{Now: now, Zone: orgZone})
//	if err != nil { … }                    // INVALID_FIELD, INVALID_TYPE, INVALID_QUERY_FILTER_OPERATOR …
//	for rec := range plan.Records(source) {
//		for _, c := range rec.Cells { … }  // in SELECT order, canonical names
//	}
//
// Every error of Parse and Plan is an [*Error]. Without ORDER BY and grouping, records are produced one at a time in the
// order in which the source scans; nothing is collected.
//
// A long result is paged by keeping the ids: [Plan.IDs] lists them, [Plan.Record] builds the record of one id again.
package soql
