package hubspot

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// memberPage is the largest page of memberships (lists guide).
const memberPage = 250

type wireList struct {
	List struct {
		ID         text            `json:"listId"`
		Name       string          `json:"name"`
		TypeID     string          `json:"objectTypeId"`
		Processing string          `json:"processingType"`
		Status     string          `json:"processingStatus"`
		Filters    json.RawMessage `json:"filterBranch"`
	} `json:"list"`
}

// List reads a list by id or, failing that, by the name of a list of the object, or of
// contacts or companies: HubSpot looks a name up by the type of the list's records.
func (c *Client) List(ctx context.Context, of core.Object, idOrName string) (connector.List, error) {
	if _, err := strconv.ParseUint(idOrName, 10, 64); err == nil {
		l, err := c.readList(ctx, pathOf("/crm/v3/lists", idOrName))
		if connector.ClassOf(err) != core.ClassGone {
			return l, err
		}
	}
	var l connector.List
	var err error
	for i, object := range []core.Object{of, core.Contacts, core.Companies} {
		if i > 0 && object == of {
			continue
		}
		l, err = c.readList(ctx, pathOf("/crm/v3/lists/object-type-id", typeOf(object).typeID, "name", idOrName))
		if connector.ClassOf(err) != core.ClassGone {
			break
		}
	}
	return l, err
}

func (c *Client) readList(ctx context.Context, path string) (connector.List, error) {
	var w wireList
	_, err := c.call(ctx, request{method: http.MethodGet, path: path, query: url.Values{"includeFilters": {"true"}}}, &w)
	if err != nil {
		return connector.List{}, err
	}
	object, ok := objectOf(w.List.TypeID)
	if !ok {
		object = core.Object(w.List.TypeID)
	}
	return connector.List{ID: string(w.List.ID), Name: w.List.Name, Object: object,
		Active: w.List.Processing == "DYNAMIC", Settled: w.List.Status == "" || w.List.Status == "COMPLETE", Filters: w.List.Filters}, nil
}

type wireMembers struct {
	Results []struct {
		ID    text   `json:"recordId"`
		Since string `json:"membershipTimestamp"`
	} `json:"results"`
	Paging paging `json:"paging"`
	Total  int    `json:"total"`
}

func (w *wireMembers) whole() bool { return w.Results != nil }

// Memberships streams the members of a list in the order they joined, from the
// page that a cursor asks for (lists guide, memberships/join-order).
func (c *Client) Memberships(ctx context.Context, listID, cursor string, yield func(connector.MemberPage) error) error {
	for {
		w, err := c.memberPage(ctx, listID, cursor)
		if err != nil {
			return err
		}
		next := string(w.Paging.Next.After)
		if next == cursor {
			next = ""
		}
		if err := yield(connector.MemberPage{Members: w.members(), Cursor: cursor, Next: next, Total: w.Total}); err != nil || next == "" {
			return err
		}
		cursor = next
	}
}

func (c *Client) memberPage(ctx context.Context, listID, after string) (wireMembers, error) {
	query := url.Values{"limit": {strconv.Itoa(memberPage)}}
	if after != "" {
		query.Set("after", after)
	}
	var w wireMembers
	_, err := c.call(ctx, request{method: http.MethodGet, path: pathOf("/crm/v3/lists", listID, "memberships", "join-order"), query: query}, &w)
	return w, err
}

func (w *wireMembers) members() []connector.Member {
	out := make([]connector.Member, len(w.Results))
	for i, r := range w.Results {
		out[i] = connector.Member{ID: string(r.ID), Joined: parseTime(r.Since)}
	}
	return out
}

// Members tells which records are in the list now and since when; the portal
// does not tell when it evaluated a record that is not in the list. It asks
// record by record or pages through the list, whichever takes fewer calls.
func (c *Client) Members(ctx context.Context, listID string, ids []string) (map[string]time.Time, error) {
	if len(ids) == 0 {
		return map[string]time.Time{}, nil
	}
	first, err := c.memberPage(ctx, listID, "")
	if err != nil {
		return nil, err
	}
	if pages := (first.Total + memberPage - 1) / memberPage; pages > len(ids)+2 {
		return c.membersByRecord(ctx, listID, ids)
	}
	out := map[string]time.Time{}
	keep := func(p connector.MemberPage) error {
		for _, m := range p.Members {
			if slices.Contains(ids, m.ID) {
				out[m.ID] = m.Joined
			}
		}
		return nil
	}
	next := string(first.Paging.Next.After)
	if err := keep(connector.MemberPage{Members: first.members()}); err != nil || next == "" {
		return out, err
	}
	return out, c.Memberships(ctx, listID, next, keep)
}

type wireRecordLists struct {
	Results []struct {
		ID    text   `json:"listId"`
		Last  string `json:"lastAddedTimestamp"`
		First string `json:"firstAddedTimestamp"`
	} `json:"results"`
}

func (c *Client) membersByRecord(ctx context.Context, listID string, ids []string) (map[string]time.Time, error) {
	list, err := c.List(ctx, core.Contacts, listID)
	if err != nil {
		return nil, err
	}
	out := map[string]time.Time{}
	for _, id := range ids {
		var w wireRecordLists
		path := pathOf("/crm/v3/lists/records", typeOf(list.Object).typeID, id, "memberships")
		_, err := c.call(ctx, request{method: http.MethodGet, path: path}, &w)
		if err != nil && connector.ClassOf(err) != core.ClassGone {
			return nil, err
		}
		for _, r := range w.Results {
			if string(r.ID) == list.ID {
				out[id] = parseTime(cmp.Or(r.Last, r.First))
			}
		}
	}
	return out, nil
}
