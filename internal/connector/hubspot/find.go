package hubspot

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// findValues is the most values of one IN filter (search guide).
const findValues = 100

type wireFind struct {
	Groups     []wireFindGroup `json:"filterGroups"`
	Sorts      []wireSort      `json:"sorts"`
	Properties []string        `json:"properties"`
	Limit      int             `json:"limit"`
}

type wireFindGroup struct {
	Filters []wireFindFilter `json:"filters"`
}

type wireFindFilter struct {
	Property string   `json:"propertyName"`
	Operator string   `json:"operator"`
	Values   []string `json:"values,omitempty"`
	Value    string   `json:"value,omitempty"`
}

// Find answers every live record that holds one of the values in a property that
// need not be unique, in id order. It asks the search index, which runs some
// seconds behind the records; the comparison ignores case.
func (c *Client) Find(ctx context.Context, object core.Object, property string, values, fields []string) ([]core.Record, error) {
	var out []core.Record
	for chunk := range slices.Chunk(values, findValues) {
		for after := ""; ; {
			found, _, err := c.findPage(ctx, object, property, chunk, append(slices.Clone(fields), property), after)
			if err != nil {
				return nil, err
			}
			out = append(out, found...)
			if len(found) < searchSize {
				break
			}
			after = found[len(found)-1].Ref.ID
		}
	}
	return sortedByID(out), nil
}

// FindSparingly is Find by a query, without the records of values that very many share: what does not
// fit a page is asked in parts, and a part given up that does not fit when it is an
// eighth, or at once where several pages of records come to a value.
func (c *Client) FindSparingly(ctx context.Context, q connector.Query) ([]core.Record, error) {
	var out []core.Record
	for chunk := range slices.Chunk(q.Values, findValues) {
		found, err := c.findSome(ctx, q.Object, q.By, chunk, append(slices.Clone(q.Fields), q.By), eighth)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return sortedByID(out), nil
}

// eighth is how often values are halved, pagesEach how many pages of records to a value
// are too many to begin with it.
const eighth, pagesEach = 3, 4

func (c *Client) findSome(ctx context.Context, object core.Object, property string, values, fields []string, halvings int) ([]core.Record, error) {
	found, total, err := c.findPage(ctx, object, property, values, fields, "")
	switch half := len(values) / 2; {
	case err != nil || total <= searchSize:
		return found, err
	case half == 0 || halvings == 0 || total > pagesEach*searchSize*len(values):
		return nil, nil
	default:
		first, err := c.findSome(ctx, object, property, values[:half], fields, halvings-1)
		if err != nil {
			return nil, err
		}
		second, err := c.findSome(ctx, object, property, values[half:], fields, halvings-1)
		return append(first, second...), err
	}
}

func (c *Client) findPage(ctx context.Context, object core.Object, property string, values, fields []string, after string) (records []core.Record, total int, err error) {
	filters := []wireFindFilter{{Property: property, Operator: "IN", Values: lowered(values)}}
	if after != "" {
		filters = append(filters, wireFindFilter{Property: recordID, Operator: "GT", Value: after})
	}
	body := wireFind{Groups: []wireFindGroup{{filters}}, Sorts: []wireSort{{recordID, "ASCENDING"}}, Properties: fieldsFor(object, fields), Limit: searchSize}
	var w struct {
		wireRecords
		Total int `json:"total"`
	}
	if _, err := c.call(ctx, request{method: http.MethodPost, path: objectPath(object, "search"), body: body}, &w); err != nil {
		return nil, 0, err
	}
	for i := range w.Results {
		records = append(records, w.Results[i].record(object))
	}
	return records, w.Total, nil
}

// lowered are the values in lower case, which an IN filter on a text wants.
func lowered(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = strings.ToLower(v)
	}
	return out
}
