package hubspot

import (
	"context"
	"net/http"
	"slices"
	"strings"

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
			found, err := c.findPage(ctx, object, property, chunk, append(slices.Clone(fields), property), after)
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

// FindSparingly is Find without the records of values that more than a page of records
// have.
func (c *Client) FindSparingly(ctx context.Context, object core.Object, property string, values, fields []string) ([]core.Record, error) {
	var out []core.Record
	for chunk := range slices.Chunk(values, findValues) {
		found, err := c.findSome(ctx, object, property, chunk, append(slices.Clone(fields), property))
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return sortedByID(out), nil
}

// findSome asks for ever fewer values until the records of these fit a page.
func (c *Client) findSome(ctx context.Context, object core.Object, property string, values, fields []string) ([]core.Record, error) {
	found, err := c.findPage(ctx, object, property, values, fields, "")
	switch half := len(values) / 2; {
	case err != nil || len(found) < searchSize:
		return found, err
	case half == 0:
		return nil, nil
	default:
		first, err := c.findSome(ctx, object, property, values[:half], fields)
		if err != nil {
			return nil, err
		}
		second, err := c.findSome(ctx, object, property, values[half:], fields)
		return append(first, second...), err
	}
}

func (c *Client) findPage(ctx context.Context, object core.Object, property string, values, fields []string, after string) ([]core.Record, error) {
	filters := []wireFindFilter{{Property: property, Operator: "IN", Values: lowered(values)}}
	if after != "" {
		filters = append(filters, wireFindFilter{Property: recordID, Operator: "GT", Value: after})
	}
	body := wireFind{Groups: []wireFindGroup{{filters}}, Sorts: []wireSort{{recordID, "ASCENDING"}}, Properties: fieldsFor(object, fields), Limit: searchSize}
	var w wireRecords
	if _, err := c.call(ctx, request{method: http.MethodPost, path: objectPath(object, "search"), body: body}, &w); err != nil {
		return nil, err
	}
	records := make([]core.Record, 0, len(w.Results))
	for i := range w.Results {
		records = append(records, w.Results[i].record(object))
	}
	return records, nil
}

// lowered are the values in lower case, which an IN filter on a text wants.
func lowered(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = strings.ToLower(v)
	}
	return out
}
