package salesforcesim

import (
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The states of a bulk job.
const (
	jobOpen       = "Open"
	jobUploaded   = "UploadComplete"
	jobInProgress = "InProgress"
	jobComplete   = "JobComplete"
	jobFailed     = "Failed"
	jobAborted    = "Aborted"
)

// resultsKept is how long the results of a job can be fetched.
const resultsKept = 7 * 24 * time.Hour

// job is a bulk job. Its list's lock guards it.
type job struct {
	id, kind               string // kind is V2Ingest or V2Query
	operation, object, key string
	delimiter, ending      string
	version                string
	query                  string
	state, problem         string
	by                     actor
	created, changed, due  time.Time
	delay                  time.Duration // between due times
	content                []byte
	processed, failed      int
	took                   time.Duration

	header    []string   // of the upload
	succeeded [][]string // id, created, then the input
	rejected  [][]string // id, error, then the input
	unread    [][]string // rows no batch reached
	columns   []string   // header of a query's result
	ids       []string   // rows of a query's result, in order
	plan      queryPlan
}

// jobList holds the bulk jobs of an org and moves them by the clock.
type jobList struct {
	mu    sync.Mutex
	byID  map[string]*job
	order []string
	asked []time.Time // when query jobs were created, for the daily limit
	run   sync.Mutex  // one mover at a time
}

func newJobList() *jobList { return &jobList{byID: map[string]*job{}} }

// queries counts the query jobs of the last 24 hours.
func (l *jobList) queries(now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = slices.DeleteFunc(l.asked, func(t time.Time) bool { return now.Sub(t) > 24*time.Hour })
	return len(l.asked)
}

// bulk answers /jobs/ingest and /jobs/query.
func (o *Org) bulk(c *call) *answer {
	if c.nested || len(c.seg) < 2 || c.seg[1] != "ingest" && c.seg[1] != "query" {
		return refusal(notFound())
	}
	ingest := c.seg[1] == "ingest"
	if len(c.seg) == 2 {
		return c.methods(map[string]func() *answer{"GET": func() *answer { return o.listJobs(c, ingest) }, "POST": func() *answer { return o.createJob(c, ingest) }})
	}
	j := o.jobs.find(c.seg[2], ingest)
	if j == nil {
		return refusal(notFound())
	}
	if len(c.seg) == 3 {
		return c.methods(map[string]func() *answer{
			"GET": func() *answer { return o.jobAnswer(j, true) }, "PATCH": func() *answer { return o.moveJob(c, j) }, "DELETE": func() *answer { return o.deleteJob(j) },
		})
	}
	return o.jobContent(c, j, strings.ToLower(c.seg[3]))
}

func (l *jobList) find(id string, ingest bool) *job {
	full, ok := canonicalID(id)
	if !ok {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	j := l.byID[full]
	if j == nil || (j.kind == "V2Ingest") != ingest {
		return nil
	}
	return j
}

func (o *Org) createJob(c *call, ingest bool) *answer {
	if strings.HasPrefix(c.header.Get("Content-Type"), "multipart/") {
		return o.createMultipart(c)
	}
	spec, errs := c.object()
	if errs != nil {
		return refusal(errs)
	}
	j, errs := o.newJob(c, metadataMap(spec), ingest)
	if errs != nil {
		return refusal(errs)
	}
	o.keepJob(j)
	return o.jobAnswer(j, false)
}

func (o *Org) keepJob(j *job) {
	o.mu.Lock()
	j.id = o.ids.make("750")
	o.mu.Unlock()
	o.jobs.mu.Lock()
	o.jobs.byID[j.id] = j
	o.jobs.order = append(o.jobs.order, j.id)
	o.jobs.mu.Unlock()
	if j.state == jobUploaded {
		o.schedule(j)
	}
}

func (o *Org) newJob(c *call, spec metadataMap, ingest bool) (*job, rowErrors) {
	now := o.now()
	j := &job{kind: "V2Query", operation: spec.text("operation"), version: c.version, by: c.by, created: now, changed: now, state: jobUploaded}
	j.by.origin = "com/salesforce/api/bulkapi/" + c.version
	j.by.noAssign = spec.text("assignmentRuleId") == ""
	j.by.allowAlert = false
	j.delimiter, j.ending = orElse(spec.text("columnDelimiter"), "COMMA"), orElse(spec.text("lineEnding"), "LF")
	if delimiters[j.delimiter] == 0 || j.ending != "LF" && j.ending != "CRLF" {
		return nil, refuse("INVALIDJOB", "Unable to parse Job: columnDelimiter or lineEnding is not known")
	}
	if !ingest {
		return j, o.prepareQuery(c, j, spec.text("query"))
	}
	j.kind, j.state = "V2Ingest", jobOpen
	return j, o.prepareIngest(c, j, spec)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

var bulkOperations = map[string]right{"insert": mayCreate, "update": mayEdit, "upsert": mayEdit, "delete": mayDelete, "hardDelete": mayDelete}

func (o *Org) prepareIngest(c *call, j *job, spec metadataMap) rowErrors {
	ob := o.visible(c, spec.text("object"), false)
	if ob == nil && j.operation == "insert" {
		ob = o.visibleEvent(c, spec.text("object"))
	}
	if ob == nil {
		return refuse("INVALIDENTITY", "Entity '"+spec.text("object")+"' is not supported by the Bulk API.")
	}
	if _, ok := bulkOperations[j.operation]; !ok {
		return refuse("INVALIDJOB", "InvalidJob : The operation "+j.operation+" is not supported here")
	}
	if j.operation == "hardDelete" && !o.mayHardDelete(c) {
		return refuse("FEATURENOTENABLED", "hardDelete operation requires special user profile permission, please contact your system administrator")
	}
	if typ := spec.text("contentType"); typ != "" && typ != "CSV" {
		return refuse("INVALIDJOB", "InvalidJob : The content type "+typ+" is not supported")
	}
	j.object = ob.name
	if j.operation != "upsert" {
		return nil
	}
	j.key = spec.text("externalIdFieldName")
	if j.key == "" {
		return refuse("INVALIDJOB", "InvalidJob : Missing required external id field name for upsert")
	}
	var errs rowErrors
	c.read(func(a *access) {
		var f *field
		if f, errs = a.keyField(ob, j.key); errs != nil {
			errs = refuse("INVALIDJOB", "InvalidJob : Field name provided, "+j.key+" does not match an External ID, Salesforce Id, or indexed field for "+ob.name)
		} else {
			j.key = f.name
		}
	})
	return errs
}

// mayHardDelete: the permission is off for everybody until an administrator
// gives it (Bulk API 2.0 Guide, "Create a Job").
func (o *Org) mayHardDelete(c *call) (may bool) {
	c.read(func(a *access) { may = a.system[permHardDelete] })
	return may
}

// jobAnswer renders a job; full is the form that polling gets.
func (o *Org) jobAnswer(j *job, full bool) *answer {
	o.jobs.mu.Lock()
	defer o.jobs.mu.Unlock()
	return marshalled(http.StatusOK, j.info(full))
}

func (j *job) info(full bool) map[string]any {
	version, _ := strconv.ParseFloat(j.version, 64)
	m := map[string]any{
		"id": j.id, "operation": j.operation, "object": j.object, "createdById": j.by.userID, "createdDate": formatMoment(j.created), "systemModstamp": formatMoment(j.changed),
		"state": j.state, "concurrencyMode": "Parallel", "contentType": "CSV", "apiVersion": oneDecimal(version),
	}
	if j.kind == "V2Query" || full || j.state == jobOpen {
		m["lineEnding"], m["columnDelimiter"] = j.ending, j.delimiter
	}
	if j.key != "" {
		m["externalIdFieldName"] = j.key
	}
	if j.state == jobOpen && j.kind == "V2Ingest" {
		m["contentUrl"] = "services/data/v" + j.version + "/jobs/ingest/" + j.id + "/batches"
	}
	if !full {
		return m
	}
	m["jobType"], m["retries"], m["totalProcessingTime"], m["numberRecordsProcessed"] = j.kind, 0, j.took.Milliseconds(), j.processed
	if j.kind == "V2Ingest" {
		m["apiActiveProcessingTime"], m["apexProcessingTime"], m["numberRecordsFailed"] = j.took.Milliseconds(), 0, j.failed
	} else {
		m["isPkChunkingSupported"] = true
	}
	if j.problem != "" {
		m["errorMessage"] = j.problem
	}
	return m
}

// oneDecimal keeps "65.0" a number with its decimal.
type oneDecimal float64

// MarshalJSON renders the number with exactly one decimal.
func (d oneDecimal) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(d), 'f', 1, 64), nil
}

func formatMoment(t time.Time) string {
	return t.UTC().Truncate(time.Second).Format("2006-01-02T15:04:05.000-0700")
}

func (o *Org) listJobs(c *call, ingest bool) *answer {
	o.jobs.mu.Lock()
	defer o.jobs.mu.Unlock()
	records := []any{}
	for _, id := range o.jobs.order {
		j := o.jobs.byID[id]
		if typ := c.query.Get("jobType"); j != nil && (j.kind == "V2Ingest") == ingest && (typ == "" || typ == j.kind) {
			info := j.info(true)
			for _, detail := range []string{"numberRecordsProcessed", "numberRecordsFailed", "retries", "totalProcessingTime", "apiActiveProcessingTime", "apexProcessingTime"} {
				delete(info, detail)
			}
			records = append(records, info)
		}
	}
	return marshalled(http.StatusOK, map[string]any{"done": true, "nextRecordsUrl": nil, "records": records})
}

// moveJob answers PATCH: the caller ends the upload or gives the job up.
func (o *Org) moveJob(c *call, j *job) *answer {
	body, errs := c.object()
	if errs != nil {
		return refusal(errs)
	}
	to := metadataMap(body).text("state")
	o.jobs.mu.Lock()
	from := j.state
	switch {
	case to == jobAborted && (from == jobOpen || from == jobUploaded || from == jobInProgress):
	case to == jobUploaded && from == jobOpen && j.kind == "V2Ingest":
	default:
		o.jobs.mu.Unlock()
		return refusal(refuse("INVALIDJOBSTATE", "Invalid job state transition from "+from+" to "+to+" not allowed"))
	}
	j.state, j.changed = to, o.now()
	info := marshalled(http.StatusOK, j.info(false))
	o.jobs.mu.Unlock()
	if to == jobUploaded {
		o.schedule(j)
	}
	return info
}

func (o *Org) deleteJob(j *job) *answer {
	o.jobs.mu.Lock()
	defer o.jobs.mu.Unlock()
	if j.state == jobOpen || j.state == jobInProgress {
		return refusal(refuse("INVALIDJOBSTATE", "Cannot delete a job in state "+j.state+"; abort it first"))
	}
	delete(o.jobs.byID, j.id)
	return &answer{status: http.StatusNoContent}
}

// schedule lets the clock move a job on: it waits, it works, it is done, each
// a delay after the other. The timers only wake the mover; what counts is the
// org's clock.
func (o *Org) schedule(j *job) {
	o.jobs.mu.Lock()
	j.due, j.delay = o.now().Add(o.options().BulkDelay), o.options().BulkDelay
	o.jobs.mu.Unlock()
	time.AfterFunc(o.options().BulkDelay, o.runJobs)
	time.AfterFunc(2*o.options().BulkDelay, o.runJobs)
}

// runJobs moves every job whose time has come: uploaded ones begin, begun
// ones do their work and end.
func (o *Org) runJobs() {
	if !o.jobs.anyDue(o.now()) || !o.jobs.run.TryLock() {
		return
	}
	defer o.jobs.run.Unlock()
	for _, j := range o.jobs.takeDue(o.now()) {
		switch {
		case j.kind == "V2Query":
			o.runQueryJob(j)
		default:
			o.runIngest(j)
		}
	}
}

func (l *jobList) anyDue(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, j := range l.byID {
		if !j.due.IsZero() && !j.due.After(now) {
			return true
		}
	}
	return false
}

// takeDue begins the jobs that have waited and gives those whose work is due.
func (l *jobList) takeDue(now time.Time) []*job {
	l.mu.Lock()
	defer l.mu.Unlock()
	var work []*job
	for id, j := range l.byID {
		if now.Sub(j.changed) > resultsKept && j.due.IsZero() {
			delete(l.byID, id)
		}
		if j.due.IsZero() || j.due.After(now) {
			continue
		}
		if j.state == jobUploaded {
			j.state, j.changed, j.due = jobInProgress, now, j.due.Add(j.delay)
		}
		if j.due.After(now) {
			continue
		}
		j.due = time.Time{}
		if j.state == jobInProgress {
			work = append(work, j)
		}
	}
	sort.Slice(work, func(a, b int) bool { return work[a].id < work[b].id })
	return work
}

// end closes a job unless its owner aborted it meanwhile.
func (l *jobList) end(j *job, state, problem string, now time.Time, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if j.state == jobInProgress {
		j.state, j.problem = state, problem
	}
	j.changed, j.took, j.content = now, took, nil
}

func invalidBatch(format string, args ...any) string {
	return "InvalidBatch : " + fmt.Sprintf(format, args...)
}
