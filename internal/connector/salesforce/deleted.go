package salesforce

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// Limits of getDeleted (REST API guide, "sObject Get Deleted"): fifteen days
// back, seconds ignored, more than one minute.
const (
	deletedReach = 15 * 24 * time.Hour
	deletedSpan  = 14 * 24 * time.Hour
	deletedLeast = 2 * time.Minute
)

// scanDeleted streams the rows of the recycle bin, which know what they were
// merged into, and then the ids that only the delete log still knows. The log
// is asked first, since it may cover less than the window.
func (c *Client) scanDeleted(ctx context.Context, s connector.Scan, at cursor, yield func(connector.Page) error) error {
	log, covered, err := c.deleteLog(ctx, s, at.Until)
	if err != nil {
		return err
	}
	if !at.Gone {
		err = c.scanWindow(ctx, "queryAll", s, at, covered, func(p connector.Page) error {
			for _, rec := range p.Records {
				delete(log, rec.Ref.ID)
			}
			if p.Next == "" {
				p.Next = cursor{Until: at.Until, Gone: true}.String()
			}
			return yield(p)
		})
		if err != nil {
			return err
		}
	}
	recs, err := c.leftOver(ctx, s, log)
	if err != nil {
		return err
	}
	return yield(connector.Page{Records: recs, Covered: covered})
}

// leftOver are the records of log entries that the recycle bin did not show in
// the window: purged ones as the log has them, those with a stamp outside the
// window as they are read now, restored ones not at all.
func (c *Client) leftOver(ctx context.Context, s connector.Scan, log map[string]time.Time) ([]core.Record, error) {
	ids := slices.Sorted(maps.Keys(log))
	recs, err := c.Read(ctx, connector.Query{Object: s.Object, Values: ids, Fields: s.Fields, Deleted: true})
	if err != nil {
		return nil, err
	}
	for i := range recs {
		if recs[i].Presence == core.Absent {
			recs[i] = core.Record{Ref: refTo(s.Object, ids[i]), Presence: core.Deleted, Stamp: log[ids[i]]}
		}
	}
	return slices.DeleteFunc(recs, func(r core.Record) bool { return r.Presence == core.Live }), nil
}

// deleteLog is the delete log of the scan's window by id, and the time up to
// which it is complete.
func (c *Client) deleteLog(ctx context.Context, s connector.Scan, until time.Time) (map[string]time.Time, time.Time, error) {
	start := s.Since
	if start.IsZero() {
		start = until.Add(-deletedReach + time.Hour)
	}
	log := map[string]time.Time{}
	covered := until
	for start = start.UTC().Truncate(time.Minute); start.Before(until); start = start.Add(deletedSpan) {
		end := start.Add(deletedSpan)
		if end.After(until) {
			end = ceilMinute(until)
		}
		from := start
		if end.Sub(from) < deletedLeast {
			from = end.Add(-deletedLeast) // what is told twice is one entry
		}
		got, err := c.deletedBetween(ctx, s.Object, from, end, log)
		if err != nil {
			return nil, until, err
		}
		if !got.IsZero() && got.Before(covered) && end.After(got) {
			covered = got
			break
		}
	}
	if covered.Before(s.Since) {
		covered = s.Since // the log counts by minutes; the last scan answered for what was before
	}
	return log, covered, nil
}

// ceilMinute ends a log window behind t, because the log ignores seconds.
func ceilMinute(t time.Time) time.Time { return t.Add(time.Minute - 1).Truncate(time.Minute) }

// deletedBetween adds one window of the log, in halves where it holds more ids
// than one answer may.
func (c *Client) deletedBetween(ctx context.Context, object core.Object, start, end time.Time, log map[string]time.Time) (time.Time, error) {
	var ans deletedAnswer
	_, err := c.get(ctx, c.data("/sobjects/%s/deleted/", object), url.Values{"start": {soqlTime(start)}, "end": {soqlTime(end)}}.Encode(), &ans)
	var e *connector.Error
	if errors.As(err, &e) {
		switch {
		case e.Code == "EXCEEDED_ID_LIMIT" && end.Sub(start) >= 2*deletedLeast:
			middle := start.Add(end.Sub(start) / 2).Truncate(time.Minute)
			if _, err := c.deletedBetween(ctx, object, start, middle, log); err != nil {
				return time.Time{}, err
			}
			return c.deletedBetween(ctx, object, middle, end, log)
		case e.Code == "INVALID_REPLICATION_DATE":
			return time.Time{}, &connector.Error{Side: core.Salesforce, Class: core.ClassRejected, Code: connector.CodePositionLost,
				Message: "the delete log does not reach back to " + soqlTime(start), Mend: "compare all ids of the object", Err: e}
		}
	}
	for _, r := range ans.Records {
		log[orElse(ID18(r.ID), r.ID)] = parseTime(r.Date)
	}
	return parseTime(ans.Covered), err
}
