package hubspot

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

const (
	listSize   = 100 // records a list page (CRM guides)
	searchSize = 200 // records a search page (search guide)
	// maxQuery keeps list URLs below the portal's 414, maxSearchBody below the
	// 3,000 characters of the search guide; wider field lists are read in
	// batches instead.
	maxQuery      = 6000
	maxSearchBody = 2900
)

// Scan streams all records of an object by the list endpoint, or those modified
// in a window or with a yes/no property that says yes by search: in id order within a fixed window, so that no offset
// ever comes near the 10,000 rows that search gives.
func (c *Client) Scan(ctx context.Context, s connector.Scan, yield func(connector.Page) error) error {
	pos, err := c.startScan(ctx, s)
	if err != nil {
		return err
	}
	for {
		records, next, err := c.scanPage(ctx, s, pos)
		if err != nil {
			return err
		}
		page := connector.Page{Records: records, Covered: pos.until}
		page.At, _ = c.clock.read()
		if next != "" {
			page.Next = position{pos.until, next}.String()
		}
		if err := yield(page); err != nil || next == "" {
			return err
		}
		if next == pos.cursor {
			return &connector.Error{Side: core.HubSpot, Class: core.ClassTransient, Code: connector.CodeNotJSON,
				RetryAt: c.cfg.Now().Add(serverPause), Message: "the portal gave the same page cursor twice: " + next}
		}
		pos.cursor = next
	}
}

// position is where a scan stands: the end of its window and the portal's
// cursor or the last record id.
type position struct {
	until  time.Time
	cursor string
}

// String is the form given out as Page.Next.
func (p position) String() string { return strconv.FormatInt(p.until.UnixMilli(), 10) + ":" + p.cursor }

func parsePosition(s string) (position, error) {
	ms, cursor, found := strings.Cut(s, ":")
	until, err := strconv.ParseInt(ms, 10, 64)
	if !found || err != nil || cursor == "" {
		return position{}, &connector.Error{Side: core.HubSpot, Class: core.ClassRejected, Code: "bad_position", Err: err,
			Message: fmt.Sprintf("%q is not a position of a scan", s), Mend: "start the scan again"}
	}
	return position{time.UnixMilli(until).UTC(), cursor}, nil
}

// startScan fixes the end of the window: as asked, or the portal's own time
// less the lag of its index.
func (c *Client) startScan(ctx context.Context, s connector.Scan) (position, error) {
	if s.After != "" {
		return parsePosition(s.After)
	}
	if !s.Until.IsZero() {
		return position{until: s.Until.UTC().Truncate(time.Millisecond)}, nil
	}
	now, err := c.serverTime(ctx)
	return position{until: now.Add(-c.cfg.IndexLag).Truncate(time.Millisecond)}, err
}

// serverTime is the portal's clock; it asks only when no answer told it yet.
func (c *Client) serverTime(ctx context.Context) (time.Time, error) {
	if at, ok := c.clock.read(); ok {
		return at, nil
	}
	if _, err := c.call(ctx, request{method: http.MethodGet, path: accountPath}, nil); err != nil {
		return time.Time{}, err
	}
	at, ok := c.clock.read()
	if !ok {
		return c.cfg.Now().Add(-time.Minute), nil // no Date header at all: stay clear of any sane offset
	}
	return at, nil
}

// scanPage reads one page and gives the cursor of the next, blank at the end.
func (c *Client) scanPage(ctx context.Context, s connector.Scan, pos position) ([]core.Record, string, error) {
	if s.True == "" && s.Since.IsZero() || s.Deleted {
		return c.listPage(ctx, s, pos)
	}
	return c.searchPage(ctx, s, pos)
}

func (c *Client) listPage(ctx context.Context, s connector.Scan, pos position) ([]core.Record, string, error) {
	r, whole := listRequest(s, pos.cursor)
	var w wireRecords
	if _, err := c.call(ctx, r, &w); err != nil {
		return nil, "", err
	}
	records := make([]core.Record, 0, len(w.Results))
	var cut []int // records with more associations than the list shows
	for i := range w.Results {
		record := w.Results[i].record(s.Object)
		if !inWindow(record.Stamp, s) {
			continue
		}
		if listRelated(&record, &w.Results[i], s) {
			cut = append(cut, len(records))
		}
		records = append(records, record)
	}
	err := c.complete(ctx, s, records, cut, whole)
	return records, string(w.Paging.Next.After), err
}

// listRelated fills Related from the list's own answer; it reports whether the
// list shows only a part.
func listRelated(r *core.Record, w *wireRecord, s connector.Scan) (cut bool) {
	if s.Deleted {
		return false
	}
	for _, to := range s.Related {
		relations, complete := w.listedLinks(s.Object, to)
		setRelated(r, to, relations)
		cut = cut || !complete
	}
	return cut
}

// complete reads what the list did not show: fields that did not fit into its
// URL, and further associations.
func (c *Client) complete(ctx context.Context, s connector.Scan, records []core.Record, cut []int, whole bool) error {
	if !whole {
		if err := c.refill(ctx, s, records); err != nil {
			return err
		}
	}
	if len(cut) == 0 {
		return nil
	}
	part := make([]core.Record, 0, len(cut))
	for _, i := range cut {
		part = append(part, records[i])
	}
	if err := c.relate(ctx, s.Object, part, s.Related); err != nil {
		return err
	}
	for n, i := range cut {
		records[i] = part[n]
	}
	return nil
}

// inWindow holds list rows to the window asked for.
func inWindow(stamp time.Time, s connector.Scan) bool {
	return !stamp.Before(s.Since) && (s.Until.IsZero() || stamp.Before(s.Until))
}

// listRequest builds a list page; whole is false where the fields did not fit.
func listRequest(s connector.Scan, after string) (r request, whole bool) {
	fields := fieldsFor(s.Object, s.Fields)
	text := strings.Join(fields, ",")
	if whole = len(url.QueryEscape(text)) <= maxQuery; !whole {
		text = strings.Join(fieldsFor(s.Object, nil), ",")
	}
	query := url.Values{"limit": {strconv.Itoa(listSize)}, "properties": {text}}
	if after != "" {
		query.Set("after", after)
	}
	if s.Deleted {
		query.Set("archived", "true")
	} else if len(s.Related) > 0 {
		query.Set("associations", joinObjects(s.Related))
	}
	return request{method: http.MethodGet, path: objectPath(s.Object), query: query}, whole
}

func joinObjects(objects []core.Object) string {
	names := make([]string, 0, len(objects))
	for _, o := range objects {
		names = append(names, string(o))
	}
	return strings.Join(names, ",")
}

// refill reads all fields of the page's records in batches.
func (c *Client) refill(ctx context.Context, s connector.Scan, records []core.Record) error {
	places := map[string]int{}
	ids := make([]string, 0, len(records))
	for i, r := range records {
		places[r.Ref.ID] = i
		ids = append(ids, r.Ref.ID)
	}
	q := connector.Query{Object: s.Object, Fields: s.Fields}
	for chunk := range slices.Chunk(ids, batchSize) {
		full, err := c.batchRead(ctx, q, chunk, s.Deleted)
		if err != nil {
			return err
		}
		for _, r := range full {
			if i, ok := places[r.Ref.ID]; ok {
				r.Related = records[i].Related
				records[i] = r
			}
		}
	}
	return nil
}

type wireFilter struct {
	Property string `json:"propertyName"`
	Operator string `json:"operator"`
	Value    string `json:"value"`
}

type wireSearch struct {
	Groups     []wireFilterGroup `json:"filterGroups"`
	Sorts      []wireSort        `json:"sorts"`
	Properties []string          `json:"properties"`
	Limit      int               `json:"limit"`
}

type wireFilterGroup struct {
	Filters []wireFilter `json:"filters"`
}

type wireSort struct {
	Property  string `json:"propertyName"`
	Direction string `json:"direction"`
}

func (c *Client) searchPage(ctx context.Context, s connector.Scan, pos position) ([]core.Record, string, error) {
	body, whole := searchBody(s, pos)
	var w wireRecords
	_, err := c.call(ctx, request{method: http.MethodPost, path: objectPath(s.Object, "search"), body: body}, &w)
	if err != nil {
		return nil, "", err
	}
	records := make([]core.Record, 0, len(w.Results))
	for i := range w.Results {
		records = append(records, w.Results[i].record(s.Object))
	}
	next := ""
	if len(records) > 0 && w.Paging.Next.After != "" {
		next = records[len(records)-1].Ref.ID
	}
	if !whole {
		err = c.refill(ctx, s, records)
	}
	if err == nil {
		err = c.relate(ctx, s.Object, records, s.Related)
	}
	return records, next, err
}

// searchBody asks for the window's records behind the last id seen, in id order.
func searchBody(s connector.Scan, pos position) (body wireSearch, whole bool) {
	filters := searched(s, pos)
	if pos.cursor != "" {
		filters = append(filters, wireFilter{recordID, "GT", pos.cursor})
	}
	body = wireSearch{Groups: []wireFilterGroup{{filters}}, Sorts: []wireSort{{recordID, "ASCENDING"}},
		Properties: fieldsFor(s.Object, s.Fields), Limit: searchSize}
	if whole = len(strings.Join(body.Properties, `","`)) <= maxSearchBody-500; !whole {
		body.Properties = fieldsFor(s.Object, nil)
	}
	return body, whole
}

// searched are the conditions of a scan that the search answers.
func searched(s connector.Scan, pos position) []wireFilter {
	if s.True != "" {
		return []wireFilter{{s.True, "EQ", "true"}}
	}
	stamp := typeOf(s.Object).stamp
	return []wireFilter{
		{stamp, "GTE", strconv.FormatInt(s.Since.UnixMilli(), 10)},
		{stamp, "LT", strconv.FormatInt(pos.until.UnixMilli(), 10)},
	}
}
