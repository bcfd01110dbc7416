package salesforce

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// Limits of a bulk ingest job (Bulk API 2.0 guide): from 2,000 rows on it is
// cheaper than REST; 100 MB of CSV a job; a cell holds 131,072 characters.
const (
	bulkFrom    = 2000
	maxJobRows  = 50_000
	maxJobBytes = 64 << 20
	maxCell     = 131_072
)

// cleared is the cell that sets a field to null; an empty cell leaves it alone.
const cleared = "#N/A"

// bulkParts takes out of the items what goes by bulk jobs, and the rest. A row
// must be found again in the results, which come in any order: an update by its
// id, a create by its unique key.
func (w *writing) bulkParts(items []item) (jobs [][]item, rest []item) {
	if len(items) <= bulkFrom || w.kind == core.OpArchive || w.c.cfg.JobStarted == nil {
		return nil, items
	}
	seen := make(map[string]bool, len(items))
	var fit []item
	for _, it := range items {
		key := correlation(it.op)
		if key == "" || seen[key] || !fitsCSV(it.op) {
			rest = append(rest, it)
			continue
		}
		seen[key] = true
		fit = append(fit, it)
	}
	if len(fit) <= bulkFrom {
		return nil, items
	}
	return jobSized(fit), rest
}

func jobSized(items []item) [][]item {
	var out [][]item
	start, size := 0, 0
	for i, it := range items {
		if i > start && (i-start == maxJobRows || size+len(it.body) > maxJobBytes) {
			out = append(out, items[start:i])
			start, size = i, 0
		}
		size += len(it.body)
	}
	return append(out, items[start:])
}

// correlation is the value by which a result row is matched to its op.
func correlation(op core.Op) string {
	if op.Kind == core.OpUpdate {
		return ID18(op.Target.ID)
	}
	if op.UniqueField == "" {
		return ""
	}
	return op.UniqueValue
}

// fitsCSV reports that a CSV cell can say what each field of the op says, and that the
// op asks for nothing a job cannot do.
func fitsCSV(op core.Op) bool {
	if op.Assign || op.Strict {
		return false
	}
	for _, v := range op.Fields {
		if v == cleared || len(v) > maxCell {
			return false
		}
	}
	return true
}

// correlationColumn is the column of the correlation value.
func correlationColumn(op core.Op) string {
	if op.Kind == core.OpUpdate {
		return "Id"
	}
	return op.UniqueField
}

// encodeCSV is the upload of a job: the union of the ops' fields as columns,
// sorted, behind the correlation column.
func encodeCSV(items []item) []byte {
	first := correlationColumn(items[0].op)
	seen := map[string]bool{first: true}
	var columns []string
	for _, it := range items {
		for name := range it.op.Fields {
			if !seen[name] {
				seen[name] = true
				columns = append(columns, name)
			}
		}
	}
	slices.Sort(columns)
	var buf bytes.Buffer
	out := csv.NewWriter(&buf)
	_ = out.Write(append([]string{first}, columns...))
	line := make([]string, len(columns)+1)
	for _, it := range items {
		line[0] = correlation(it.op)
		for i, name := range columns {
			line[i+1] = cell(it.op, name)
		}
		_ = out.Write(line)
	}
	out.Flush()
	return buf.Bytes()
}

// cell is the field of an op in CSV. A create has nothing to clear.
func cell(op core.Op, field string) string {
	v, given := op.Fields[field]
	if given && v == "" && op.Kind == core.OpUpdate {
		return cleared
	}
	return v
}

// ingest runs one bulk job and settles its items. The job's id is stored before
// the rows are uploaded, so that a crash leaves nothing that cannot be settled.
func (w *writing) ingest(ctx context.Context, items []item) error {
	job, err := w.openJob(ctx, items)
	if err != nil {
		return w.refuseAll(items, err)
	}
	w.begun = true
	if err := w.upload(ctx, job.ID, encodeCSV(items)); err != nil {
		if !ambiguous(err) && w.c.abort(ctx, job.ID) == nil {
			return w.refuseAll(items, err)
		}
		w.unknown(items, err)
		return nil
	}
	w.collect(ctx, job.ID, items)
	return nil
}

// openJob creates the job and has its id stored.
func (w *writing) openJob(ctx context.Context, items []item) (jobInfo, error) {
	var job jobInfo
	operation := "insert"
	if w.kind == core.OpUpdate {
		operation = "update"
	}
	_, err := w.c.post(ctx, w.c.data(ingestJobs), jobRequest{Operation: operation, Object: string(w.obj), ContentType: "CSV", LineEnding: "LF"}, &job)
	if err != nil {
		return job, unsent(err) // an empty job changes nothing, so it is certain that no row was applied
	}
	keys := make([]string, len(items))
	for i, it := range items {
		keys[i] = it.op.Key
	}
	if err := w.c.cfg.JobStarted(ctx, job.ID, keys); err != nil {
		_ = w.c.abort(ctx, job.ID) // the job is empty; if this fails too the org ends it after a day
		return job, &connector.Error{Side: core.Salesforce, Class: core.ClassTransient, Code: "job_not_saved",
			Message: "the bulk job could not be stored", RetryAt: w.c.cfg.Now().Add(time.Minute), Err: err}
	}
	return job, nil
}

// upload sends the rows and closes the job. Until it is closed nothing is
// applied.
func (w *writing) upload(ctx context.Context, id string, rows []byte) error {
	_, err := w.c.do(ctx, call{method: http.MethodPut, path: w.c.data(ingestJobs+"/%s/batches", id), body: rows, typ: typeCSV, stream: true})
	if err != nil {
		return unsent(err)
	}
	_, err = w.c.do(ctx, call{method: http.MethodPatch, path: w.c.data(ingestJobs+"/%s", id), body: []byte(`{"state":"UploadComplete"}`)})
	return err
}

// ResumeJob settles the ops of a bulk job that an earlier process started. A
// job that was never closed is aborted: its ops were not applied.
func (c *Client) ResumeJob(ctx context.Context, jobID string, ops []core.Op) ([]core.Outcome, error) {
	if len(ops) == 0 {
		return nil, nil
	}
	if makesPersons(ops) {
		outs, err := c.ResumeJob(ctx, jobID, accountsOf(ops))
		if err != nil {
			return nil, err
		}
		return c.contactsOf(ctx, ops, outs), nil
	}
	var job jobInfo
	if _, err := c.get(ctx, c.data(ingestJobs+"/%s", jobID), "", &job); err != nil {
		return nil, err
	}
	w := &writing{c: c, kind: ops[0].Kind, obj: ops[0].Target.Object, out: make([]core.Outcome, len(ops)), begun: true}
	items := make([]item, len(ops))
	for i, op := range ops {
		items[i] = item{at: i, op: op}
	}
	if job.State == "Open" {
		if err := c.abort(ctx, jobID); err != nil {
			return nil, err
		}
	}
	w.collect(ctx, jobID, items)
	return w.out, nil
}

// collect waits for the job and settles its items from the three lists of
// results. What is in none of them is unknown.
func (w *writing) collect(ctx context.Context, id string, items []item) {
	w.unknown(items, fmt.Errorf("bulk job %s did not tell", id))
	job, err := w.c.wait(ctx, ingestJobs, id)
	if err != nil {
		w.unknown(items, err)
		return
	}
	byKey := make(map[string]item, len(items))
	for _, it := range items {
		byKey[strings.ToLower(correlation(it.op))] = it
	}
	for _, list := range []string{"successfulResults", "failedResults", "unprocessedrecords"} {
		if err := w.takeResults(ctx, job, list, byKey); err != nil {
			w.unknownOnly(items, err)
			return
		}
	}
	if job.State != "JobComplete" && job.Processed == 0 {
		w.untouched(items, job)
	}
}

// untouched settles what no list tells of a job that ended before its first
// row.
func (w *writing) untouched(items []item, job jobInfo) {
	for _, it := range items {
		if w.out[it.at].Status == core.Unknown {
			w.out[it.at] = refused(it.op, w.notProcessed(job))
		}
	}
}

// notProcessed is the failure of a row that a job did not come to: its own
// schema error, or to be tried again.
func (w *writing) notProcessed(job jobInfo) *connector.Error {
	e := w.c.jobFailure(job)
	if e.Class != core.ClassSchema {
		e.Class, e.RetryAt = core.ClassTransient, w.c.cfg.Now().Add(time.Minute)
	}
	return e
}

// unknownOnly tells why items that no list settled are unknown.
func (w *writing) unknownOnly(items []item, err error) {
	for _, it := range items {
		if w.out[it.at].Status == core.Unknown {
			w.unknown([]item{it}, err)
		}
	}
}

// takeResults reads one list of a job's results.
func (w *writing) takeResults(ctx context.Context, job jobInfo, list string, byKey map[string]item) error {
	resp, _, err := w.c.open(ctx, call{method: http.MethodGet, path: w.c.data(ingestJobs+"/%s/"+list, job.ID) + "/", accept: typeCSV, stream: true})
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	return w.c.eachLine(ctx, resp, func(values map[string]string) {
		it, ok := byKey[strings.ToLower(keyOf(values, byKey))]
		if !ok {
			return
		}
		w.out[it.at] = w.rowOutcome(it.op, job, list, values)
	})
}

// keyOf finds the correlation value of a result row, whatever case the column's
// name has by now.
func keyOf(values map[string]string, byKey map[string]item) string {
	for _, it := range byKey {
		want := correlationColumn(it.op)
		for name, v := range values {
			if strings.EqualFold(name, want) {
				return v
			}
		}
		return ""
	}
	return ""
}

// rowOutcome is what a result row says of its op.
func (w *writing) rowOutcome(op core.Op, job jobInfo, list string, values map[string]string) core.Outcome {
	switch list {
	case "successfulResults":
		return core.Outcome{Key: op.Key, Status: core.Applied, ID: orElse(ID18(values["sf__Id"]), values["sf__Id"])}
	case "failedResults":
		return refused(op, w.rowFailure(values["sf__Error"]))
	}
	return refused(op, w.notProcessed(job))
}

// rowFailure reads the error cell of a row, CODE:message:fields --.
func (w *writing) rowFailure(cell string) *connector.Error {
	code, message := splitJobError(cell)
	one := apiError{StatusCode: code, Message: message}
	if text, names, ok := cutLast(strings.TrimSuffix(strings.TrimSpace(message), "--"), ":"); ok && !strings.Contains(strings.TrimSpace(names), " ") {
		one.Message = text
		if names = strings.TrimSpace(names); names != "" {
			one.Fields = strings.Split(names, ",")
		}
	}
	return refusal(apiErrors{one}, w.c.cfg.Now())
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
