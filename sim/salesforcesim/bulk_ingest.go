package salesforcesim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
)

var delimiters = map[string]rune{"COMMA": ',', "TAB": '\t', "PIPE": '|', "SEMICOLON": ';', "CARET": '^', "BACKQUOTE": '`'}

// Sizes of an upload (Bulk API 2.0 Developer Guide, "Limits").
const (
	maxUpload   = 100 << 20
	maxPart     = 100_000
	bulkChunk   = 200
	maxHeader   = 32_000
	untouched   = ""
	setNullCell = "#N/A"
)

// createMultipart creates a job with its data in one request.
func (o *Org) createMultipart(c *call) *answer {
	_, params, err := mime.ParseMediaType(c.header.Get("Content-Type"))
	if err != nil {
		return refusal(refuse("INVALIDJOB", "the multipart header cannot be read"))
	}
	var spec metadataMap
	var content []byte
	for reader := multipart.NewReader(bytes.NewReader(c.body), params["boundary"]); ; {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return refusal(refuse("INVALIDJOB", "the multipart body cannot be read"))
		}
		data, err := io.ReadAll(io.LimitReader(part, maxUpload))
		switch {
		case err != nil:
			return refusal(refuse("INVALIDJOB", "the multipart body cannot be read"))
		case part.FormName() == "job":
			if json.Unmarshal(data, &spec) != nil {
				return refusal(refuse("INVALIDJOB", "the job part is not JSON"))
			}
		case part.FormName() == "content":
			content = data
		}
	}
	if spec == nil || len(content) > maxPart {
		return refusal(refuse("INVALIDJOB", "a job part is needed, and at most 100,000 characters of content"))
	}
	j, errs := o.newJob(c, spec, true)
	if errs != nil {
		return refusal(errs)
	}
	j.content, j.state = content, jobUploaded
	o.keepJob(j)
	return o.jobAnswer(j, false)
}

// jobContent answers what is below a job: upload and results.
func (o *Org) jobContent(c *call, j *job, what string) *answer {
	if j.kind == "V2Query" {
		return o.queryJobContent(c, j, what)
	}
	if what == "batches" {
		return c.methods(map[string]func() *answer{"PUT": func() *answer { return o.upload(c, j) }})
	}
	o.jobs.mu.Lock()
	defer o.jobs.mu.Unlock()
	switch what {
	case "successfulresults":
		return csvAnswer(j.table([]string{"sf__Id", "sf__Created"}, j.succeeded))
	case "failedresults":
		return csvAnswer(j.table([]string{"sf__Id", "sf__Error"}, j.rejected))
	case "unprocessedrecords":
		return csvAnswer(j.table(nil, j.unread))
	}
	return refusal(notFound())
}

func csvAnswer(text []byte) *answer {
	return &answer{status: http.StatusOK, typ: "text/csv", body: text}
}

// table renders a result file; the two columns of the org come quoted.
func (j *job) table(own []string, rows [][]string) []byte {
	out := appendCSV(nil, append(own[:len(own):len(own)], j.header...), delimiters[j.delimiter], len(own))
	for _, row := range rows {
		out = appendCSV(out, row, delimiters[j.delimiter], len(own))
	}
	return out
}

// appendCSV writes one line. The first quoted cells are always in quotes, the
// others where they need them.
func appendCSV(dst []byte, cells []string, comma rune, quoted int) []byte {
	for i, cell := range cells {
		if i > 0 {
			dst = append(dst, byte(comma))
		}
		if i >= quoted && cell != "" && !strings.ContainsAny(cell, "\"\r\n"+string(comma)) {
			dst = append(dst, cell...)
			continue
		}
		if i >= quoted && cell == "" {
			continue
		}
		dst = append(append(append(dst, '"'), strings.ReplaceAll(cell, `"`, `""`)...), '"')
	}
	return append(dst, '\n')
}

func (o *Org) upload(c *call, j *job) *answer {
	if typ := c.header.Get("Content-Type"); !strings.HasPrefix(typ, "text/csv") {
		return refusal(refuse("UNSUPPORTED_MEDIA_TYPE", "Content type "+typ+" is not supported; send text/csv"))
	}
	o.jobs.mu.Lock()
	defer o.jobs.mu.Unlock()
	switch {
	case j.state != jobOpen || j.content != nil:
		return refusal(refuse("INVALIDJOBSTATE", "Found multiple contents for job: <"+j.id+">, please 'Close' / 'Abort' / 'Delete' the current Job "+
			"then create a new Job and make sure you only do 'PUT' once on a given Job."))
	case len(c.body) > maxUpload:
		return refusal(refuse("CLIENTINPUTERROR", "the upload is larger than 100 MB"))
	}
	j.content = append([]byte{}, c.body...)
	return &answer{status: http.StatusCreated}
}

// runIngest works through an upload in chunks of 200 rows, each a transaction
// in which bad rows fail alone.
func (o *Org) runIngest(j *job) {
	begun := o.now()
	end := func(state, problem string) { o.jobs.end(j, state, problem, o.now(), o.now().Sub(begun)) }
	in := newUpload(j)
	header, problem := in.header()
	if header == nil && problem == "" {
		end(jobComplete, "")
		return
	}
	o.jobs.mu.Lock()
	j.header = header
	o.jobs.mu.Unlock()
	if problem == "" {
		problem = o.checkHeader(j)
	}
	for problem == "" {
		rows, more, bad := in.rows(len(header))
		o.runChunk(j, rows)
		if problem = bad; problem == "" && !more {
			end(jobComplete, "")
			return
		}
	}
	o.jobs.mu.Lock()
	j.unread = append(j.unread, in.rest()...)
	o.jobs.mu.Unlock()
	end(jobFailed, problem)
}

// checkHeader looks every column up: one that is unknown fails the job.
func (o *Org) checkHeader(j *job) string {
	problem := ""
	o.mu.RLock()
	defer o.mu.RUnlock()
	ob, a := o.sobject(j.object), o.accessOf(j.by.userID)
	hasID, hasKey := false, false
	for _, name := range j.header {
		if len(strings.Join(j.header, ",")) > maxHeader {
			return invalidBatch("The header is longer than 32,000 characters")
		}
		column := strings.TrimSpace(name)
		hasID = hasID || strings.EqualFold(column, "Id")
		hasKey = hasKey || strings.EqualFold(column, j.key)
		if !columnKnown(o, a, ob, column) {
			problem = invalidBatch("Field name not found : %s", name)
			break
		}
	}
	switch {
	case problem != "":
		return problem
	case j.operation == "upsert" && !hasKey:
		return invalidBatch("Field name not found : %s", j.key)
	case j.byID() && !hasID:
		return invalidBatch("Field name not found : Id")
	case (j.operation == "delete" || j.operation == "hardDelete") && len(j.header) > 1:
		return invalidBatch("The '%s' batch must contain only ids", j.operation)
	}
	return ""
}

// columnKnown also takes Account.Ext__c and Type:Who.Ext__c for parents.
func columnKnown(o *Org, a *access, ob *object, column string) bool {
	relation, key, nested := strings.Cut(column, ".")
	if !nested {
		return a.field(ob, column) != nil
	}
	if _, bare, typed := strings.Cut(relation, ":"); typed {
		relation = bare
	}
	f := ob.byRelation[strings.ToLower(relation)]
	if f == nil || !a.seesField(f) {
		return false
	}
	for _, target := range f.refTo {
		if parent := o.objects[strings.ToLower(target)]; parent != nil && a.field(parent, key) != nil {
			return true
		}
	}
	return false
}

// runChunk saves up to 200 rows and files their results.
func (o *Org) runChunk(j *job, rows [][]string) {
	o.jobs.mu.Lock()
	aborted := j.state != jobInProgress
	if aborted {
		j.unread = append(j.unread, rows...)
	}
	o.jobs.mu.Unlock()
	if aborted || len(rows) == 0 {
		return
	}
	results := make([]saved, len(rows))
	o.transact(j.by, func(t *tx) {
		ob := o.sobject(j.object)
		seen := j.keysTwice(ob, rows)
		for i, row := range rows {
			results[i] = t.bulkRow(j, ob, row, seen)
		}
	})
	o.jobs.mu.Lock()
	defer o.jobs.mu.Unlock()
	for i, s := range results {
		j.processed++
		if len(s.errs) == 0 {
			isNew := j.operation == "insert" || s.created != nil && *s.created
			j.succeeded = append(j.succeeded, append([]string{s.id, map[bool]string{true: "true", false: "false"}[isNew]}, rows[i]...))
			continue
		}
		j.failed++
		id := ""
		if j.byID() {
			id = s.id
		}
		j.rejected = append(j.rejected, append([]string{id, errorCell(s.errs)}, rows[i]...))
	}
}

// keysTwice lists the keys that several rows of a batch have; it is empty unless
// the job upserts.
func (j *job) keysTwice(ob *object, rows [][]string) map[string]bool {
	column := slices.IndexFunc(j.header, func(name string) bool { return strings.EqualFold(strings.TrimSpace(name), j.key) })
	if j.operation != "upsert" || column < 0 {
		return map[string]bool{}
	}
	keys := make([]map[string]any, len(rows))
	for i, cells := range rows {
		if cell := cells[column]; cell != untouched && cell != setNullCell {
			keys[i] = map[string]any{j.key: cell}
		}
	}
	return keysTwice(ob.field(j.key), keys)
}

// errorCell renders a row's errors as CODE:message:fields --.
func errorCell(errs rowErrors) string {
	e := errs[0]
	message := e.message
	if e.code == "DUPLICATES_DETECTED" {
		message = "Use one of these records?"
	}
	return e.code + ":" + message + ":" + strings.Join(e.fields, ",") + " --"
}

// bulkRow saves one row of the upload.
func (t *tx) bulkRow(j *job, ob *object, cells []string, seen map[string]bool) saved {
	row, errs := t.cellsToRow(j, ob, cells)
	if len(errs) > 0 {
		return saved{errs: errs}
	}
	switch j.operation {
	case "insert":
		return t.insertRow(ob, row)
	case "update":
		return t.updateRow(ob, row, seen)
	case "upsert":
		return t.upsertRow(ob.field(j.key), row, seen)
	}
	_, id := withoutID(row)
	full, ok := canonicalID(id)
	if !ok {
		return saved{id: id, errs: refuse("MALFORMED_ID", "malformed id "+id, "Id")}
	}
	errs = t.remove(ob, full)
	if j.operation == "hardDelete" && len(errs) == 0 {
		t.purge(full)
	}
	return saved{id: full, errs: errs}
}

// byID reports that rows name the records by id.
func (j *job) byID() bool {
	return j.operation == "update" || j.operation == "delete" || j.operation == "hardDelete"
}

// cellsToRow turns cells into the form of a JSON row: an empty cell leaves
// its field alone and #N/A clears it. Bulk does not trim, but saving does.
func (t *tx) cellsToRow(j *job, ob *object, cells []string) (map[string]any, rowErrors) {
	row := make(map[string]any, len(cells))
	for i, cell := range cells {
		column := strings.TrimSpace(j.header[i])
		if cell == untouched {
			continue
		}
		relation, key, nested := strings.Cut(column, ".")
		if nested {
			typ, bare, typed := strings.Cut(relation, ":")
			if !typed {
				row[relation] = map[string]any{key: cell}
				continue
			}
			row[bare] = map[string]any{key: cell, "attributes": map[string]any{"type": typ}}
			continue
		}
		if cell == setNullCell {
			row[column] = nil
			continue
		}
		if f := ob.field(column); f != nil {
			if _, errs := f.coerce(cell); len(errs) > 0 && errs[0].parse {
				return nil, undeserialized(i, cell, f)
			}
		}
		row[column] = cell
	}
	return row, nil
}

// undeserialized is the bulk wording of a value of the wrong type; columns
// count from zero.
func undeserialized(column int, cell string, f *field) rowErrors {
	soap := orElse(soapTypes[f.typ], "xsd:string")
	return refuse("INVALID_FIELD", "Failed to deserialize field at col "+itoa(column)+". Due to, '"+cell+"' is not a valid value for the type "+soap, f.name)
}
