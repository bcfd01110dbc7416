package hubspot

import (
	"context"
	"net/http"
	"slices"

	"tandem/internal/core"
)

const linkReadSize = 1000 // inputs of associations batch/read (associations v4 guide)

// wireLinkQuery is one input of associations batch/read; After goes on behind
// the first 500 associations of a record.
type wireLinkQuery struct {
	ID    string `json:"id"`
	After string `json:"after,omitempty"`
}

// relate fills Related of the live records.
func (c *Client) relate(ctx context.Context, from core.Object, records []core.Record, targets []core.Object) error {
	for _, to := range targets {
		links, err := c.links(ctx, from, to, liveIDs(records))
		if err != nil {
			return err
		}
		for i := range records {
			if records[i].Presence == core.Live {
				setRelated(&records[i], to, links[records[i].Ref.ID])
			}
		}
	}
	return nil
}

func setRelated(r *core.Record, to core.Object, relations []core.Relation) {
	if r.Related == nil {
		r.Related = map[core.Object][]core.Relation{}
	}
	slices.SortFunc(relations, func(a, b core.Relation) int { return byID(a.ID, b.ID) })
	r.Related[to] = relations
}

func liveIDs(records []core.Record) []string {
	var ids []string
	for _, r := range records {
		if r.Presence == core.Live {
			ids = append(ids, r.Ref.ID)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// links reads the associations of records. A record without any is told as an
// error by the portal; here it has no entry.
func (c *Client) links(ctx context.Context, from, to core.Object, ids []string) (map[string][]core.Relation, error) {
	out := map[string][]core.Relation{}
	queries := make([]wireLinkQuery, 0, len(ids))
	for _, id := range ids {
		queries = append(queries, wireLinkQuery{ID: id})
	}
	for len(queries) > 0 {
		n := min(len(queries), linkReadSize)
		rows, err := c.linkRows(ctx, from, to, queries[:n])
		if err != nil {
			return nil, err
		}
		queries = append(queries[n:], collectLinks(out, from, to, rows, queries[:n])...)
	}
	for id, relations := range out {
		out[id] = oneOfEach(relations)
	}
	return out, nil
}

// oneOfEach joins what comes several times, once for each label or on two pages.
func oneOfEach(relations []core.Relation) []core.Relation {
	slices.SortStableFunc(relations, func(a, b core.Relation) int { return byID(a.ID, b.ID) })
	out := relations[:0]
	for _, r := range relations {
		if len(out) == 0 || out[len(out)-1].ID != r.ID {
			out = append(out, r)
			continue
		}
		same := &out[len(out)-1]
		same.Primary = same.Primary || r.Primary
		for _, label := range r.Labels {
			if !slices.Contains(same.Labels, label) {
				same.Labels = append(same.Labels, label)
			}
		}
	}
	return out
}

// Relations is that of connector.Relations (associations v4 guide, "Retrieve associated
// records").
func (c *Client) Relations(ctx context.Context, from, to core.Object, ids []string) (map[string][]core.Relation, error) {
	return c.links(ctx, from, to, ids)
}

func (c *Client) linkRows(ctx context.Context, from, to core.Object, queries []wireLinkQuery) (wireLinkRows, error) {
	var rows wireLinkRows
	_, err := c.call(ctx, request{method: http.MethodPost,
		path: pathOf("/crm/v4/associations", string(from), string(to), "batch", "read"),
		body: map[string]any{"inputs": queries}}, &rows)
	return rows, err
}

// collectLinks adds the rows to out and gives the queries for what is left. A
// cursor that does not move ends the paging.
func collectLinks(out map[string][]core.Relation, from, to core.Object, rows wireLinkRows, asked []wireLinkQuery) []wireLinkQuery {
	primary := linkKinds[objectPair{from, to}].primary
	var more []wireLinkQuery
	for _, row := range rows.Results {
		id := string(row.From.ID)
		for _, target := range row.To {
			relation := core.Relation{ID: string(target.ID)}
			for _, t := range target.Types {
				relation.Primary = relation.Primary || (primary != 0 && t.Category == categoryDefined && t.TypeID == primary)
				if t.Label != "" && (t.Category != categoryDefined || t.TypeID != primary) {
					relation.Labels = append(relation.Labels, t.Label)
				}
			}
			out[id] = append(out[id], relation)
		}
		next := wireLinkQuery{ID: id, After: string(row.Paging.Next.After)}
		if next.After != "" && !slices.Contains(asked, next) {
			more = append(more, next)
		}
	}
	return more
}

// listedLinks reads associations as the list endpoint gives them, by legacy
// type names: contact_to_company is the primary one, the plain one ends in
// _unlabeled. complete is false where there are more than the list shows.
func (w *wireRecord) listedLinks(from, to core.Object) (relations []core.Relation, complete bool) {
	primary := ""
	if linkKinds[objectPair{from, to}].primary != 0 {
		primary = typeOf(from).singular + "_to_" + typeOf(to).singular
	}
	links := w.Associations[string(to)]
	for _, l := range links.Results {
		i := slices.IndexFunc(relations, func(r core.Relation) bool { return r.ID == string(l.ID) })
		if i < 0 {
			i = len(relations)
			relations = append(relations, core.Relation{ID: string(l.ID)})
		}
		relations[i].Primary = relations[i].Primary || (primary != "" && l.Type == primary)
	}
	return relations, links.Paging.Next.After == ""
}
