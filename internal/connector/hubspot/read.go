package hubspot

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
)

const (
	batchSize = 100 // inputs of a record batch (CRM guides)
	// maxSingles bounds the single reads that tell an absorbed id from an absent
	// one: per 100 ids asked.
	maxSingles = 10
)

// Read answers by id or by a unique property, strongly consistent. A contact is
// found by any of its addresses as far as the portal's batch read finds it.
func (c *Client) Read(ctx context.Context, q connector.Query) ([]core.Record, error) {
	var out []core.Record
	for _, one := range q.Apart() {
		for values := range slices.Chunk(one.Values, batchSize) {
			part := one
			part.Values = values
			records, err := c.readChunk(ctx, part)
			if err != nil {
				return nil, err
			}
			out = append(out, records...)
		}
	}
	if q.By != "" {
		out = sortedByID(out)
	}
	if err := c.relate(ctx, q.Object, out, q.Related); err != nil {
		return nil, err
	}
	return out, nil
}

func (c *Client) readChunk(ctx context.Context, q connector.Query) ([]core.Record, error) {
	if q.By == "" {
		return c.readIDs(ctx, q)
	}
	found, err := c.batchRead(ctx, q, q.Values, false)
	if err != nil || !q.Deleted {
		return found, err
	}
	missing := unmatched(q, found)
	deleted, err := c.batchRead(ctx, q, missing, true)
	return append(found, deleted...), err
}

// unmatched are the values asked for that no record holds.
func unmatched(q connector.Query, found []core.Record) []string {
	held := map[string]bool{}
	for _, r := range found {
		held[strings.ToLower(r.Values[q.By])] = true
	}
	var out []string
	for _, v := range q.Values {
		if !held[strings.ToLower(v)] {
			out = append(out, v)
		}
	}
	return out
}

func sortedByID(records []core.Record) []core.Record {
	slices.SortFunc(records, func(a, b core.Record) int {
		return cmp.Or(byID(a.Ref.ID, b.Ref.ID), cmp.Compare(a.Presence, b.Presence))
	})
	return slices.CompactFunc(records, func(a, b core.Record) bool { return a.Ref == b.Ref })
}

// readIDs gives one record per id: the live one, the archived one where asked,
// the survivor of a merge, or Absent.
func (c *Client) readIDs(ctx context.Context, q connector.Query) ([]core.Record, error) {
	found := lookup{}
	live, err := c.batchRead(ctx, q, q.Values, false)
	if err != nil {
		return nil, err
	}
	found.add(live)
	if missing := found.missing(q.Values); q.Deleted && len(missing) > 0 {
		deleted, err := c.batchRead(ctx, q, missing, true)
		if err != nil {
			return nil, err
		}
		found.add(deleted)
	}
	if err := c.readSingles(ctx, q, found); err != nil {
		return nil, err
	}
	out := make([]core.Record, 0, len(q.Values))
	for _, id := range q.Values {
		out = append(out, found.record(q.Object, id))
	}
	return out, nil
}

// readSingles asks for ids that the batch did not know one by one: only a
// single read follows a merge for certain (merge guide). An archived record is
// what the batch told about it.
func (c *Client) readSingles(ctx context.Context, q connector.Query, found lookup) error {
	if !typeOf(q.Object).merges {
		return nil
	}
	for i, id := range found.missing(q.Values) {
		if i == maxSingles {
			return nil
		}
		var w wireRecord
		_, err := c.call(ctx, singleRead(q.Object, id, q.Fields), &w)
		if connector.ClassOf(err) == core.ClassGone {
			continue
		}
		if err != nil {
			return err
		}
		found[id] = w.record(q.Object)
	}
	return nil
}

func singleRead(object core.Object, id string, fields []string) request {
	return request{method: http.MethodGet, path: objectPath(object, id),
		query: url.Values{"properties": {strings.Join(fieldsFor(object, fields), ",")}}}
}

// lookup finds records by their id and by the ids they absorbed.
type lookup map[string]core.Record

func (l lookup) add(records []core.Record) {
	for _, r := range records {
		for _, alias := range r.Aliases {
			if _, taken := l[alias]; !taken {
				l[alias] = r
			}
		}
	}
	for _, r := range records {
		l[r.Ref.ID] = r
	}
}

func (l lookup) missing(ids []string) []string {
	var out []string
	for _, id := range ids {
		if _, ok := l[id]; !ok && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

func (l lookup) record(object core.Object, id string) core.Record {
	r, ok := l[id]
	if !ok {
		return absent(object, id)
	}
	return alsoKnownAs(r, id)
}

// batchRead reads up to a batch of ids, or of values of q.By.
func (c *Client) batchRead(ctx context.Context, q connector.Query, values []string, archived bool) ([]core.Record, error) {
	if len(values) == 0 {
		return nil, nil
	}
	var w wireRecords
	_, err := c.call(ctx, batchReadRequest(q, values, archived), &w)
	if err != nil {
		return nil, err
	}
	records := make([]core.Record, 0, len(w.Results))
	for i := range w.Results {
		records = append(records, w.Results[i].record(q.Object))
	}
	return records, nil
}

func batchReadRequest(q connector.Query, values []string, archived bool) request {
	body := wireInputs{Properties: fieldsFor(q.Object, q.Fields), IDProperty: q.By}
	if q.By != "" && !slices.Contains(body.Properties, q.By) {
		body.Properties = append(body.Properties, q.By)
	}
	seen := map[string]bool{}
	for _, v := range values {
		if !seen[v] {
			body.Inputs = append(body.Inputs, wireInput{ID: v})
		}
		seen[v] = true
	}
	r := request{method: http.MethodPost, path: objectPath(q.Object, "batch", "read"), body: body}
	if archived {
		r.query = url.Values{"archived": {"true"}}
	}
	return r
}
