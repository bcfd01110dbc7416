package hubspotsim

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
)

// maxImportRows is the most rows of one import file.
const maxImportRows = 1_048_576

// States of an import.
const (
	importStarted  = "STARTED"
	importDone     = "DONE"
	importCanceled = "CANCELED"
)

// importColumn says what a column of an import file means.
type importColumn struct {
	TypeID   string `json:"columnObjectTypeId"`
	Name     string `json:"columnName"`
	Property string `json:"propertyName"`
	Kind     string `json:"columnType"`
}

type importFile struct {
	Name   string `json:"fileName"`
	Format string `json:"fileFormat"`
	Page   struct {
		HasHeader bool           `json:"hasHeader"`
		Columns   []importColumn `json:"columnMappings"`
	} `json:"fileImportPage"`
}

type importRequest struct {
	Name       string            `json:"name"`
	Operations map[string]string `json:"importOperations"`
	DateFormat string            `json:"dateFormat"`
	Files      []importFile      `json:"files"`
}

// importJob is one import with what came of it.
type importJob struct {
	id               int
	request          importRequest
	raw              json.RawMessage
	rows             map[string][][]string // by file name, the header left out
	state            string
	counters         map[string]int
	errors           []importError
	created, updated int64
	userID           int
}

type importRow struct {
	FileID    int      `json:"fileId"`
	Line      int      `json:"lineNumber"`
	Data      []string `json:"rowData"`
	Encrypted bool     `json:"containsEncryptedProperties"`
}

type importError struct {
	ID        string    `json:"id"`
	CreatedAt int64     `json:"createdAt"`
	Type      string    `json:"errorType"`
	Message   string    `json:"errorMessage"`
	TypeID    string    `json:"objectTypeId"`
	Invalid   string    `json:"invalidValue,omitempty"`
	Source    importRow `json:"sourceData"`
}

func (p *Portal) importRoutes(rt routeTable) {
	add := func(method, pattern string, write bool, handle func(*call) (reply, *apiError)) {
		rt.add(route{scopes: scope("crm.import"), write: write, handle: handle}, method, "imports"+pattern)
	}
	rt.add(route{scopes: scope("crm.import"), write: true, body: "multipart/form-data", handle: p.startImport}, "POST", "imports")
	add("GET", "", false, p.listImports)
	add("GET", "/{id}", false, p.getImport)
	add("GET", "/{id}/errors", false, p.importErrors)
	add("POST", "/{id}/cancel", true, p.cancelImport)
}

// startImport takes the multipart body: the request as JSON and the files.
func (p *Portal) startImport(c *call) (reply, *apiError) {
	job := &importJob{id: 1000 + len(p.imports), rows: map[string][][]string{}, state: importStarted, counters: map[string]int{},
		created: p.nowMS(), updated: p.nowMS(), userID: c.b.userID}
	if e := job.read(c); e != nil {
		return reply{}, e
	}
	if e := p.checkImport(job); e != nil {
		return reply{}, e
	}
	p.imports = append(p.imports, job)
	p.later(importDelay, func() { p.runImport(job) })
	return ok(job.body())
}

// read takes the parts of the body.
func (j *importJob) read(c *call) *apiError {
	_, params, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return &apiError{Status: http.StatusUnsupportedMediaType, Message: "Imports are sent as multipart/form-data"}
	}
	parts := multipart.NewReader(bytes.NewReader(c.body), params["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return invalid("The multipart body cannot be read")
		}
		content, err := io.ReadAll(part)
		if err != nil {
			return invalid("The multipart body cannot be read")
		}
		if e := j.part(part.FormName(), part.FileName(), content); e != nil {
			return e
		}
	}
}

func (j *importJob) part(name, file string, content []byte) *apiError {
	switch name {
	case "importRequest":
		j.raw = content
		if err := json.Unmarshal(content, &j.request); err != nil {
			e := badBody(content, err)
			e.place(content)
			e.jsonProblem = ""
			return e
		}
	case "files":
		rows := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff"))))
		rows.FieldsPerRecord = -1
		all, err := rows.ReadAll()
		if err != nil {
			return invalid("File " + file + " is not a valid CSV file")
		}
		j.rows[file] = all
	}
	return nil
}

// checkImport refuses what can be seen to be wrong before any row is read.
func (p *Portal) checkImport(j *importJob) *apiError {
	if j.request.Name == "" || len(j.request.Files) == 0 {
		return invalid("An import needs a name and files in its importRequest")
	}
	for _, f := range j.request.Files {
		rows, given := j.rows[f.Name]
		if !given {
			return invalid("File " + f.Name + " is named in importRequest but was not uploaded")
		}
		if f.Page.HasHeader && len(rows) > 0 {
			j.rows[f.Name] = rows[1:]
		}
		if len(rows) > maxImportRows {
			return invalid("File " + f.Name + " has more than " + strconv.Itoa(maxImportRows) + " rows")
		}
		if e := p.checkColumns(f); e != nil {
			return e
		}
	}
	return nil
}

func (p *Portal) checkColumns(f importFile) *apiError {
	for _, col := range f.Page.Columns {
		if col.TypeID == "" {
			continue // the column is left out
		}
		t, e := p.table(col.TypeID)
		if e != nil {
			return e
		}
		if col.Property != "" && t.schema.find(col.Property) == nil {
			return invalid("Property '" + col.Property + "' does not exist on object type " + col.TypeID)
		}
	}
	return nil
}

func (j *importJob) body() map[string]any {
	types := append([]string{}, sortedKeys(j.request.Operations)...)
	files := make([]string, len(j.request.Files))
	for i := range files {
		files[i] = strconv.Itoa(i + 1)
	}
	counters := map[string]int{}
	for key, n := range j.counters {
		counters[key] = n
	}
	return map[string]any{"id": strconv.Itoa(j.id), "state": j.state, "createdAt": formatMS(j.created), "updatedAt": formatMS(j.updated),
		"optOutImport": false, "importName": j.request.Name, "importSource": "API", "importRequestJson": j.raw, "mappedObjectTypeIds": types,
		"metadata": map[string]any{"counters": counters, "fileIds": files, "objectLists": []any{}}}
}

func (p *Portal) listImports(*call) (reply, *apiError) {
	list := []map[string]any{}
	for i := len(p.imports) - 1; i >= 0; i-- {
		list = append(list, p.imports[i].body())
	}
	return ok(map[string]any{"results": list})
}

func (p *Portal) importOf(c *call) (*importJob, *apiError) {
	for _, j := range p.imports {
		if strconv.Itoa(j.id) == c.vars["id"] {
			return j, nil
		}
	}
	return nil, notFound()
}

func (p *Portal) getImport(c *call) (reply, *apiError) {
	j, e := p.importOf(c)
	if e != nil {
		return reply{}, e
	}
	return ok(j.body())
}

func (p *Portal) importErrors(c *call) (reply, *apiError) {
	j, e := p.importOf(c)
	if e != nil {
		return reply{}, e
	}
	list := j.errors
	if list == nil {
		list = []importError{}
	}
	return ok(map[string]any{"results": list})
}

func (p *Portal) cancelImport(c *call) (reply, *apiError) {
	j, e := p.importOf(c)
	if e != nil {
		return reply{}, e
	}
	if j.state != importStarted {
		return reply{}, invalid("Import " + c.vars["id"] + " has ended and cannot be canceled")
	}
	j.state, j.updated = importCanceled, p.nowMS()
	now := formatMS(p.nowMS())
	return ok(map[string]any{"status": "COMPLETE", "startedAt": now, "completedAt": now, "requestedAt": formatMS(j.created)})
}
