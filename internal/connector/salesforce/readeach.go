package salesforce

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// maxQueries is how many queries one composite call may hold (REST API Developer Guide,
// "Send Multiple Requests Using Composite").
const maxQueries = 5

// statement is one query of a composite call, for the question at a place.
type statement struct {
	of     int
	query  string
	object core.Object
	fields []string
}

// ReadEach answers questions by field as Read does, several in one call: the requests of a
// composite count as one. A question that is refused there is asked by itself, which tells
// a hidden field and an id of another object from a real refusal.
func (c *Client) ReadEach(ctx context.Context, questions []connector.Query) ([][]core.Record, error) {
	out, alone := make([][]core.Record, len(questions)), make([]bool, len(questions))
	var together []statement
	for i, q := range questions {
		list, fit := c.statements(i, q)
		together, alone[i] = append(together, list...), !fit
	}
	for part := range slices.Chunk(together, maxQueries) {
		if err := c.askTogether(ctx, part, out, alone); err != nil {
			return nil, err
		}
	}
	for i, q := range questions {
		if alone[i] {
			recs, err := c.Read(ctx, q)
			if err != nil {
				return nil, err
			}
			out[i] = recs
			continue
		}
		slices.SortFunc(out[i], func(a, b core.Record) int { return cmp.Compare(a.Ref.ID, b.Ref.ID) })
		out[i] = slices.CompactFunc(out[i], func(a, b core.Record) bool { return a.Ref == b.Ref })
	}
	return out, nil
}

// statements are the queries that answer a question, each no longer than a URI may be; fit
// is false where only Read can tell.
func (c *Client) statements(of int, q connector.Query) (out []statement, fit bool) {
	if _, prices := splitPrices(q.Object, q.Fields); q.By == "" || q.Deleted || len(prices) > 0 {
		return nil, false
	}
	_, fields := resourceOf(q)
	fields = c.unhidden(q.Object, fields)
	for _, one := range q.Apart() {
		values := askable(one)
		overhead := len(soqlQuery(selectFrom(q.Object, fields, one.By+" IN ()"))) + uriMargin
		if overhead > maxURI/2 {
			return nil, false
		}
		for _, chunk := range inChunks(values, overhead) {
			soql := selectFrom(q.Object, fields, one.By+" IN ("+literals(one, chunk)+")")
			out = append(out, statement{of: of, query: soqlQuery(soql), object: q.Object, fields: fields})
		}
	}
	return out, true
}

// askTogether makes one call of statements and adds what they found, or notes whose
// question is to be asked alone.
func (c *Client) askTogether(ctx context.Context, list []statement, out [][]core.Record, alone []bool) error {
	if list = slices.DeleteFunc(slices.Clone(list), func(s statement) bool { return alone[s.of] }); len(list) == 0 {
		return nil
	}
	var req compositeRequest
	for i, s := range list {
		req.Requests = append(req.Requests, subrequest{Method: http.MethodGet, URL: c.data("/query") + "?" + s.query, Ref: "q" + strconv.Itoa(i)})
	}
	var ans compositeAnswer
	switch _, err := c.post(ctx, c.data("/composite"), req, &ans); {
	case err != nil && !declinedTogether(err):
		return err
	case err != nil || len(ans.Responses) != len(list):
		for _, s := range list {
			alone[s.of] = true
		}
		return nil
	}
	for i, s := range list {
		var page queryAnswer
		if ans.Responses[i].Status != http.StatusOK || json.Unmarshal(ans.Responses[i].Body, &page) != nil || !page.whole() || !page.Done {
			alone[s.of] = true
			continue
		}
		for _, r := range page.Records {
			out[s.of] = append(out[s.of], record(s.object, r, s.fields))
		}
	}
	return nil
}

// declinedTogether reports that the composite as such was refused, and not its caller.
func declinedTogether(err error) bool {
	class := connector.ClassOf(err)
	return class == core.ClassRejected || class == core.ClassSchema
}
