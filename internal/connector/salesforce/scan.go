package salesforce

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// safeEdge is how far behind the org's clock a scan ends by itself: stamps have
// one-second granularity, so the running second is not over. Transactions that
// commit late with an older stamp are the business of Caps.Overlap.
const safeEdge = 2 * time.Second

// defaultBulkFrom is the size from which everything is read by a bulk query. Below
// it paging is the quicker way: its first rows come at once, while a job is
// queued first.
const defaultBulkFrom = 50 * pageRows

// cursor is what Page.Next holds. A resumed scan keeps the window that it
// began with.
type cursor struct {
	Until time.Time `json:"until"`
	Stamp time.Time `json:"stamp,omitzero"`
	ID    string    `json:"id,omitempty"`
	Job   string    `json:"job,omitempty"`
	At    string    `json:"at,omitempty"` // locator within the job's results
	Gone  bool      `json:"gone,omitempty"`
}

func (k cursor) String() string {
	b, _ := json.Marshal(k)
	return string(b)
}

// Scan streams an object's rows: everything by id or by a bulk query, a window
// by modification stamp and id. Every page carries the same Covered.
func (c *Client) Scan(ctx context.Context, s connector.Scan, yield func(connector.Page) error) error {
	if own, prices := splitPrices(s.Object, s.Fields); len(prices) > 0 {
		s.Fields = own
		return c.Scan(ctx, s, c.priced(ctx, prices, yield))
	}
	start, err := c.startOf(ctx, s)
	if err != nil {
		return err
	}
	give := yield
	yield = func(p connector.Page) error {
		p.At = c.meter.clock()
		return give(p)
	}
	switch {
	case s.Deleted:
		return c.scanDeleted(ctx, s, start, yield)
	case !s.Since.IsZero():
		return c.scanWindow(ctx, "query", s, start, start.Until, yield)
	case start.Job != "":
		return c.scanJob(ctx, s, start, yield)
	}
	if start.ID == "" && s.True == "" {
		big, err := c.isBig(ctx, s.Object)
		if err != nil {
			return err
		}
		if big {
			return c.scanBulk(ctx, s, start, yield)
		}
	}
	return c.scanByID(ctx, s, start, yield)
}

// startOf is where a scan begins: behind After, or at the beginning of a window
// whose end is fixed now.
func (c *Client) startOf(ctx context.Context, s connector.Scan) (cursor, error) {
	var k cursor
	if s.After != "" {
		if err := json.Unmarshal([]byte(s.After), &k); err != nil {
			return k, &connector.Error{Side: core.Salesforce, Class: core.ClassRejected, Code: connector.CodePositionLost, Message: "the place to resume the scan at is unreadable", Mend: "start the scan anew", Err: err}
		}
		return k, nil
	}
	if !s.Until.IsZero() {
		k.Until = s.Until.UTC()
		return k, nil
	}
	if s.True != "" { // covers no time
		return k, nil
	}
	now, err := c.now(ctx)
	k.Until = now.Add(-safeEdge).Truncate(time.Second)
	return k, err
}

// now is the org's own clock. The version list is the cheapest resource: it
// needs no session and counts against no limit.
func (c *Client) now(ctx context.Context) (time.Time, error) {
	ans, err := c.get(ctx, "/services/data", "", nil)
	return ans.clock, err
}

// isBig tells whether a bulk query pays. The count is cached by the org and a
// user may not be allowed to ask it; paging is right in any case.
func (c *Client) isBig(ctx context.Context, object core.Object) (bool, error) {
	n, err := c.count(ctx, object)
	if refusedForGood(err) {
		return false, nil
	}
	return n > c.cfg.BulkFrom, err
}

// scanByID pages through all rows in id order. A row changed meanwhile may be
// seen in either state, which is why Covered is the beginning of the scan.
func (c *Client) scanByID(ctx context.Context, s connector.Scan, at cursor, yield func(connector.Page) error) error {
	resource, all := wholeOf(s.Object)
	if s.True != "" {
		all = joined(all, s.True+" = true")
	}
	for {
		where := all
		if at.ID != "" {
			where = joined(all, "Id > "+quote(at.ID))
		}
		recs, err := c.page(ctx, resource, s, where, "Id")
		if err != nil {
			return err
		}
		p := connector.Page{Records: recs, Covered: at.Until}
		if len(recs) == pageRows {
			at.ID = recs[len(recs)-1].Ref.ID
			p.Next = at.String()
		}
		if err := yield(p); err != nil || p.Next == "" {
			return err
		}
	}
}

// wholeOf is the resource that lists all live rows of an object, with the condition that
// it needs. Activities that were archived are in queryAll alone (REST API guide,
// "QueryAll"), and are no less there for that.
func wholeOf(object core.Object) (resource, where string) {
	if slices.Contains(activities, object) {
		return "queryAll", "IsDeleted = false"
	}
	return "query", ""
}

// joined is both of two conditions.
func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + " AND " + b
}

// scanWindow pages through [Since, Until) by stamp and id. The last row of a
// page is the key of the next, so rows of one second may span pages and rows
// that change meanwhile move behind the window without shifting others.
func (c *Client) scanWindow(ctx context.Context, resource string, s connector.Scan, at cursor, covered time.Time, yield func(connector.Page) error) error {
	for {
		recs, err := c.page(ctx, resource, s, windowWhere(s, at), "SystemModstamp,Id")
		if err != nil {
			return err
		}
		p := connector.Page{Records: recs, Covered: covered}
		if len(recs) == pageRows {
			last := recs[len(recs)-1]
			at.Stamp, at.ID = last.Stamp, last.Ref.ID
			p.Next = at.String()
		}
		if err := yield(p); err != nil || p.Next == "" {
			return err
		}
	}
}

// windowWhere is the condition of the page behind a cursor. The lower bound
// stays a plain comparison, so that the index on the stamp serves it.
func windowWhere(s connector.Scan, at cursor) string {
	from := s.Since
	if at.Stamp.After(from) {
		from = at.Stamp
	}
	where := ""
	if s.Deleted {
		where = "IsDeleted = true AND "
	}
	if !from.IsZero() {
		where += "SystemModstamp >= " + soqlTime(from) + " AND "
	}
	where += "SystemModstamp < " + soqlTime(ceilSecond(at.Until))
	if at.ID != "" {
		where += fmt.Sprintf(" AND (SystemModstamp > %s OR Id > %s)", soqlTime(at.Stamp), quote(at.ID))
	}
	return where
}

// ceilSecond rounds up, because stamps are whole seconds and a literal has no
// fractions: a stamp below the exact end is below the rounded one too.
func ceilSecond(t time.Time) time.Time {
	return t.Add(time.Second - 1).Truncate(time.Second)
}

// page reads one page of a scan in a fixed order.
func (c *Client) page(ctx context.Context, resource string, s connector.Scan, where, order string) ([]core.Record, error) {
	fields := withSystem(s.Fields)
	if s.Deleted {
		fields = withSystem(s.Fields, deletedFields...)
	}
	var recs []core.Record
	err := c.visible(ctx, s.Object, fields, func(fields []string) error {
		var err error
		recs, err = c.records(ctx, resource, s.Object, fields, where, " ORDER BY "+order+" LIMIT "+strconv.Itoa(pageRows))
		return err
	})
	return recs, err
}
