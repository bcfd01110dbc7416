package salesforce

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// Limits of the composite resources and of queries (REST API guide, "sObject
// Collections" and "Query").
const (
	maxCollection = 200
	maxRetrieve   = 2000
	pageRows      = 2000
	maxLiteral    = 4000 // characters of one string in a WHERE clause
	uriMargin     = 200  // for the host and the path before a query
)

// Read answers by id or by a text field. Ids that are no Salesforce ids are
// absent without a call.
func (c *Client) Read(ctx context.Context, q connector.Query) ([]core.Record, error) {
	if own, prices := splitPrices(q.Object, q.Fields); len(prices) > 0 {
		q.Fields = own
		recs, err := c.Read(ctx, q)
		if err == nil {
			err = c.addPrices(ctx, recs, prices)
		}
		return recs, err
	}
	if q.By != "" {
		return c.readByField(ctx, q)
	}
	found := make(map[string]core.Record, len(q.Values))
	var ids []string
	for _, v := range distinct(q.Values) {
		if id := ID18(v); id != "" {
			ids = append(ids, id)
		}
	}
	if err := c.readByID(ctx, q, distinct(ids), found); err != nil {
		return nil, err
	}
	out := make([]core.Record, len(q.Values))
	for i, v := range q.Values {
		rec, ok := found[ID18(v)]
		if !ok {
			rec = absent(q.Object, v)
		}
		out[i] = rec
	}
	return out, nil
}

// readByID retrieves by POST, which takes 2,000 ids whatever the fields. Paths
// through parents and deleted rows are only reachable by a query.
func (c *Client) readByID(ctx context.Context, q connector.Query, ids []string, found map[string]core.Record) error {
	if q.Deleted || slices.ContainsFunc(q.Fields, func(f string) bool { return strings.Contains(f, ".") }) {
		recs, err := c.queryIn(ctx, q, "Id", ids)
		for _, rec := range recs {
			found[rec.Ref.ID] = rec
		}
		return err
	}
	for chunk := range slices.Chunk(ids, maxRetrieve) {
		err := c.visible(ctx, q.Object, withSystem(q.Fields), func(fields []string) error {
			return halving(chunk, func(ids []string) error { return c.retrieve(ctx, q.Object, ids, fields, found) })
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// retrieve adds one call's records to found; an id that the org does not show
// comes back as null.
func (c *Client) retrieve(ctx context.Context, object core.Object, ids, fields []string, found map[string]core.Record) error {
	var rows []row
	if _, err := c.post(ctx, c.data("/composite/sobjects/%s", object), retrieveRequest{IDs: ids, Fields: fields}, &rows); err != nil {
		return notFoundObject(err, object)
	}
	for _, r := range rows {
		if r != nil {
			rec := record(object, r, fields)
			found[rec.Ref.ID] = rec
		}
	}
	return nil
}

// readByField returns every match in id order. A value longer than a literal
// may be is longer than any field that can be filtered, so nothing matches it.
func (c *Client) readByField(ctx context.Context, q connector.Query) ([]core.Record, error) {
	var asked []connector.Query
	for _, one := range q.Apart() {
		if one.Values = askable(one); len(one.Values) > 0 {
			asked = append(asked, one)
		}
	}
	recs, err := c.queryAny(ctx, asked)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(recs, func(a, b core.Record) int { return cmp.Compare(a.Ref.ID, b.Ref.ID) })
	return slices.CompactFunc(recs, func(a, b core.Record) bool { return a.Ref == b.Ref }), nil
}

// queryAny reads the rows that meet any of the conditions: by one statement where that
// fits the URI and the org takes every value, else by one for each.
func (c *Client) queryAny(ctx context.Context, asked []connector.Query) (out []core.Record, err error) {
	if where := conditionOf(asked); len(asked) > 1 {
		resource, fields := resourceOf(asked[0])
		if len(soqlQuery(selectFrom(asked[0].Object, fields, where)))+uriMargin <= maxURI {
			err := c.visible(ctx, asked[0].Object, fields, func(fields []string) (err error) {
				out, err = c.records(ctx, resource, asked[0].Object, fields, where, "")
				return err
			})
			if !badID(err) {
				return out, err
			}
		}
	}
	out = nil
	for _, q := range asked {
		recs, err := c.queryIn(ctx, q, q.By, q.Values)
		if err != nil {
			return nil, err
		}
		out = append(out, recs...)
	}
	return out, nil
}

// conditionOf is a condition that holds where one of the questions' does.
func conditionOf(asked []connector.Query) string {
	parts := make([]string, len(asked))
	for i, q := range asked {
		parts[i] = q.By + " IN (" + literals(q, q.Values) + ")"
	}
	return strings.Join(parts, " OR ")
}

// resourceOf is where a question is asked, and for which fields.
func resourceOf(q connector.Query) (resource string, fields []string) {
	if q.Deleted {
		return "queryAll", withSystem(q.Fields, deletedFields...)
	}
	return "query", withSystem(q.Fields)
}

// queryIn reads the rows whose field is one of the values.
func (c *Client) queryIn(ctx context.Context, q connector.Query, by string, values []string) ([]core.Record, error) {
	resource, fields := resourceOf(q)
	var out []core.Record
	overhead := min(len(soqlQuery(selectFrom(q.Object, fields, by+" IN ()")))+uriMargin, maxURI/2)
	for _, chunk := range inChunks(values, overhead) {
		err := c.visible(ctx, q.Object, fields, func(fields []string) error {
			return halving(chunk, func(values []string) error {
				recs, err := c.records(ctx, resource, q.Object, fields, by+" IN ("+literals(q, values)+")", "")
				out = append(out, recs...)
				return err
			})
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// plainValue is a number or a day as SOQL wants it: without quotes (SOQL and SOSL
// Reference, "Date Formats and Date Literals in WHERE").
var plainValue = regexp.MustCompile(`^(-?[0-9]{1,18}(\.[0-9]{1,18})?|[0-9]{4}-[0-9]{2}-[0-9]{2})$`)

// askable are the values of a query, each once, that a statement can hold: nothing that
// somebody typed reaches it unquoted.
func askable(q connector.Query) []string {
	return slices.DeleteFunc(distinct(q.Values), func(v string) bool { return len(v) > maxLiteral || q.Plain && !plainValue.MatchString(v) })
}

// FindSparingly answers every record that has one of the query's values in its field,
// without those of values that very many records share: what does not fit a page is asked
// in parts, and a part given up that does not fit when it is an eighth.
func (c *Client) FindSparingly(ctx context.Context, q connector.Query) ([]core.Record, error) {
	var out []core.Record
	overhead := min(len(soqlQuery(selectFrom(q.Object, withSystem(q.Fields), q.By+" IN ()")))+uriMargin, maxURI/2)
	for _, chunk := range inChunks(askable(q), overhead) {
		recs, err := c.findSome(ctx, q, chunk, eighth)
		if err != nil {
			return nil, err
		}
		out = append(out, recs...)
	}
	slices.SortFunc(out, func(a, b core.Record) int { return cmp.Compare(a.Ref.ID, b.Ref.ID) })
	return slices.CompactFunc(out, func(a, b core.Record) bool { return a.Ref == b.Ref }), nil
}

// eighth is how often values are halved.
const eighth = 3

func (c *Client) findSome(ctx context.Context, q connector.Query, values []string, halvings int) (out []core.Record, err error) {
	err = c.visible(ctx, q.Object, withSystem(q.Fields), func(fields []string) (err error) {
		out, err = c.records(ctx, "query", q.Object, fields, q.By+" IN ("+literals(q, values)+")", fmt.Sprintf(" LIMIT %d", pageRows))
		return err
	})
	switch half := len(values) / 2; {
	case err != nil || len(out) < pageRows:
		return out, err
	case halvings == 0 || half == 0:
		return nil, nil
	default:
		first, err := c.findSome(ctx, q, values[:half], halvings-1)
		if err != nil {
			return nil, err
		}
		second, err := c.findSome(ctx, q, values[half:], halvings-1)
		return append(first, second...), err
	}
}

// literals are the values of a query's field as a statement has them.
func literals(q connector.Query, values []string) string {
	if q.Plain {
		return strings.Join(values, ",")
	}
	return quoteAll(values)
}

// records runs a statement and reads all its rows. A field list that is too
// long for the URI is fetched by POST for the ids found; rows of the recycle
// bin then come with the fields that say so only, since nothing but a query
// reaches them.
func (c *Client) records(ctx context.Context, resource string, object core.Object, fields []string, where, tail string) ([]core.Record, error) {
	soql := selectFrom(object, fields, where) + tail
	if narrow := narrowed(fields); len(soqlQuery(soql)) > maxURI && len(narrow) < len(fields) {
		recs, err := c.records(ctx, resource, object, narrow, where, tail)
		if err != nil || resource != "query" {
			return recs, err
		}
		return c.widen(ctx, object, fields, recs)
	}
	rows, err := c.queryAll(ctx, resource, soql)
	recs := make([]core.Record, 0, len(rows))
	for _, r := range rows {
		recs = append(recs, record(object, r, fields))
	}
	return recs, err
}

// narrowed are the fields that only a query can answer.
func narrowed(fields []string) []string {
	return slices.DeleteFunc(slices.Clone(fields), func(f string) bool {
		return !slices.Contains(systemFields, f) && !slices.Contains(deletedFields, f) && !strings.Contains(f, ".")
	})
}

// widen adds the fields that a query could not name. A record deleted meanwhile
// keeps what the query told.
func (c *Client) widen(ctx context.Context, object core.Object, fields []string, recs []core.Record) ([]core.Record, error) {
	plain := slices.DeleteFunc(slices.Clone(fields), func(f string) bool { return strings.Contains(f, ".") })
	for chunk := range slices.Chunk(recs, maxRetrieve) {
		ids := make([]string, len(chunk))
		for i, rec := range chunk {
			ids[i] = rec.Ref.ID
		}
		found := map[string]core.Record{}
		if err := c.retrieve(ctx, object, ids, plain, found); err != nil {
			return nil, err
		}
		for _, rec := range chunk {
			maps.Copy(rec.Values, found[rec.Ref.ID].Values)
		}
	}
	return recs, nil
}

// halving runs over all values, or over ever smaller parts of them where one is
// refused as no id of the object; that one alone then has no match.
func halving(values []string, run func([]string) error) error {
	err := run(values)
	if !badID(err) || len(values) == 0 {
		return err
	}
	if len(values) == 1 {
		return nil
	}
	half := len(values) / 2
	if err := halving(values[:half], run); err != nil {
		return err
	}
	return halving(values[half:], run)
}

func badID(err error) bool {
	var e *connector.Error
	if !errors.As(err, &e) {
		return false
	}
	return e.Code == "MALFORMED_ID" || e.Code == "INVALID_ID_FIELD" ||
		e.Code == "INVALID_QUERY_FILTER_OPERATOR" && strings.Contains(strings.ToLower(e.Message), "invalid id")
}

// queryAll reads all pages of a statement. resource is query, queryAll or
// tooling/query.
func (c *Client) queryAll(ctx context.Context, resource, soql string) ([]row, error) {
	var out []row
	path, query := "/services/data/"+c.cfg.APIVersion+"/"+resource, soqlQuery(soql)
	seen := map[string]bool{}
	for {
		var page queryAnswer
		ans, err := c.json(ctx, call{method: http.MethodGet, path: path, query: query, batch: pageRows}, &page)
		if err != nil {
			return nil, err
		}
		out = append(out, page.Records...)
		if page.Done || page.Next == "" {
			return out, nil
		}
		if path, err = nextPath(ans.instance, page.Next); err != nil {
			return nil, err
		}
		if query = ""; seen[path] {
			return nil, loops(path)
		}
		seen[path] = true
	}
}

// loops refuses a listing whose next page was read before.
func loops(path string) error {
	return &connector.Error{Side: core.Salesforce, Class: core.ClassTransient, Code: "INVALID_QUERY_LOCATOR",
		Message: "the next page of a query was already read: " + clip(path, 100)}
}

// count is the approximate number of an object's rows.
func (c *Client) count(ctx context.Context, object core.Object) (int, error) {
	var counts recordCounts
	_, err := c.get(ctx, c.data("/limits/recordCount"), "sObjects="+url.QueryEscape(string(object)), &counts)
	if err != nil || len(counts.Objects) == 0 {
		return 0, err
	}
	return counts.Objects[0].Count, nil
}
