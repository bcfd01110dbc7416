package salesforce

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// Paths of the two kinds of Bulk API 2.0 jobs.
const (
	queryJobs  = "/jobs/query"
	ingestJobs = "/jobs/ingest"
)

// resultRows is how many rows one call for results brings.
const resultRows = 5000

// scanBulk reads everything by a bulk query: no paging by the org's query
// engine, and a handful of calls for any number of rows.
func (c *Client) scanBulk(ctx context.Context, s connector.Scan, at cursor, yield func(connector.Page) error) error {
	var job jobInfo
	err := c.visible(ctx, s.Object, withSystem(s.Fields), func(fields []string) error {
		operation, where := wholeOf(s.Object)
		_, err := c.post(ctx, c.data(queryJobs), jobRequest{Operation: operation, Query: selectFrom(s.Object, fields, where)}, &job)
		if err != nil {
			return err
		}
		return c.finished(ctx, queryJobs, job.ID)
	})
	if err != nil {
		return err
	}
	at.Job = job.ID
	return c.scanJob(ctx, s, at, yield)
}

// finished waits for a query job and fails unless it completed.
func (c *Client) finished(ctx context.Context, kind, id string) error {
	job, err := c.wait(ctx, kind, id)
	if err != nil {
		return err
	}
	if job.State != "JobComplete" {
		return c.jobFailure(job)
	}
	return nil
}

// jobFailure is the error of a job as a whole, "CODE : text" or only text.
func (c *Client) jobFailure(job jobInfo) *connector.Error {
	code, message := splitJobError(job.Error)
	e := refusal(apiErrors{{StatusCode: code, Message: message}}, c.cfg.Now())
	if job.Error == "" {
		e.Class, e.Message = core.ClassTransient, "the job ended as "+job.State
		e.RetryAt = c.cfg.Now().Add(time.Minute)
	}
	return e
}

// wait looks at a job until it has ended, at growing intervals.
func (c *Client) wait(ctx context.Context, kind, id string) (jobInfo, error) {
	every := c.cfg.PollEvery
	for {
		var job jobInfo
		if _, err := c.get(ctx, c.data(kind+"/%s", id), "", &job); err != nil {
			return job, err
		}
		switch job.State {
		case "JobComplete", "Failed", "Aborted":
			return job, nil
		}
		if err := connector.Pause(ctx, every); err != nil {
			return job, fmt.Errorf("wait for bulk job: %w", err)
		}
		every = min(every*3/2, 15*c.cfg.PollEvery)
	}
}

// scanJob yields the results of a finished query job, page by page behind a
// locator. The results stay readable for seven days.
func (c *Client) scanJob(ctx context.Context, s connector.Scan, at cursor, yield func(connector.Page) error) error {
	for {
		recs, next, err := c.results(ctx, s.Object, at)
		if err != nil {
			return lostJob(err)
		}
		p := connector.Page{Records: recs, Covered: at.Until}
		if at.At = next; next != "" {
			p.Next = at.String()
		}
		if err := yield(p); err != nil || next == "" {
			return err
		}
	}
}

// lostJob makes of an expired job what it means: the scan cannot be resumed.
func lostJob(err error) error {
	var e *connector.Error
	if errors.As(err, &e) && e.Class == core.ClassGone {
		e.Class, e.Code, e.Mend = core.ClassRejected, connector.CodePositionLost, "start the scan anew"
	}
	return err
}

// results reads one page of a query job's rows while they arrive.
func (c *Client) results(ctx context.Context, object core.Object, at cursor) ([]core.Record, string, error) {
	query := url.Values{"maxRecords": {strconv.Itoa(resultRows)}}
	if at.At != "" {
		query.Set("locator", at.At)
	}
	resp, _, err := c.open(ctx, call{method: http.MethodGet, path: c.data(queryJobs+"/%s/results", at.Job), query: query.Encode(), accept: typeCSV, stream: true})
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	var recs []core.Record
	err = c.eachLine(ctx, resp, func(values map[string]string) { recs = append(recs, recordOf(object, values)) })
	if told, bad := strconv.Atoi(resp.Header.Get("Sforce-NumberOfRecords")); err == nil && bad == nil && told != len(recs) {
		err = c.broken(ctx, io.ErrUnexpectedEOF)
	}
	next := resp.Header.Get("Sforce-Locator")
	if next == "null" {
		next = ""
	}
	if err == nil && next != "" && next == at.At {
		err = loops(next)
	}
	return recs, next, err
}

// eachLine reads a CSV answer, which begins with a header line. Inside a quoted
// value a CRLF arrives as LF.
func (c *Client) eachLine(ctx context.Context, resp *http.Response, line func(values map[string]string)) error {
	if media := resp.Header.Get("Content-Type"); media != "" && !isCSV(media) {
		body, _ := readCapped(resp.Body, maxErrorBody)
		return c.unreadable(answer{status: resp.StatusCode, header: resp.Header}, body)
	}
	r := csv.NewReader(resp.Body)
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	for err == nil {
		var cells []string
		if cells, err = r.Read(); err != nil {
			break
		}
		values := make(map[string]string, len(header))
		for i, name := range header {
			values[name] = cells[i]
		}
		line(values)
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return c.brokenLines(ctx, err)
}

// brokenLines tells an answer that stopped from one that is no CSV.
func (c *Client) brokenLines(ctx context.Context, err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return &connector.Error{Side: core.Salesforce, Class: core.ClassTransient, Code: connector.CodeNotJSON,
			Message: "bulk results are no CSV", RetryAt: c.cfg.Now().Add(30 * time.Second), Err: err}
	}
	return c.broken(ctx, err)
}

func isCSV(media string) bool { return len(media) >= len(typeCSV) && media[:len(typeCSV)] == typeCSV }

// abort ends a job; one that has ended already refuses, which is as good.
func (c *Client) abort(ctx context.Context, id string) error {
	_, err := c.patch(ctx, c.data(ingestJobs+"/%s", id), map[string]string{"state": "Aborted"})
	if refusedForGood(err) {
		return nil
	}
	return err
}
