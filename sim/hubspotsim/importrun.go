package hubspotsim

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// importDelay is how long an import waits before its rows are read.
const importDelay = 2 * time.Second

// runImport reads the rows; what one row gets wrong spoils that row alone.
func (p *Portal) runImport(j *importJob) {
	if j.state != importStarted {
		return
	}
	by := &actor{client: "import", who: "import " + strconv.Itoa(j.id), source: sourceImport, sourceID: strconv.Itoa(j.id), userID: j.userID}
	for n, f := range j.request.Files {
		for i, cells := range j.rows[f.Name] {
			row := importRow{FileID: n + 1, Line: i + 1, Data: cells}
			if f.Page.HasHeader {
				row.Line++
			}
			p.importRow(j, f, row, by)
		}
	}
	j.state, j.updated, j.rows = importDone, p.nowMS(), nil
}

// importRow writes the records of one row, one of each type, and ties them.
func (p *Portal) importRow(j *importJob, f importFile, row importRow, by *actor) {
	j.counters["TOTAL_ROWS"]++
	var tables []*table
	var records []*record
	for _, t := range p.importTables(f) {
		if f.blank(row, t) {
			continue
		}
		r, e := p.importRecord(j, f, row, t, by)
		if e != nil {
			j.fail(p, row, t, e)
			continue
		}
		for i, ot := range tables {
			p.associate(by, t, r, wish{to: ot, id: records[i].id})
		}
		tables, records = append(tables, t), append(records, r)
	}
}

// blank says whether a row says nothing of a type.
func (f importFile) blank(row importRow, t *table) bool {
	for i, col := range f.Page.Columns {
		if col.TypeID == t.id && i < len(row.Data) && row.Data[i] != "" {
			return false
		}
	}
	return true
}

func (p *Portal) importTables(f importFile) []*table {
	var out []*table
	seen := map[*table]bool{}
	for _, col := range f.Page.Columns {
		if t := p.names[col.TypeID]; t != nil && !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	return out
}

// importRecord finds a record by the row's id or key and changes it, or makes it.
func (p *Portal) importRecord(j *importJob, f importFile, row importRow, t *table, by *actor) (*record, *apiError) {
	values, r, e := p.importValues(j, f, row, t)
	if e != nil {
		return nil, e
	}
	operation := j.request.Operations[t.id]
	switch {
	case r == nil && operation == "UPDATE":
		return nil, notFound()
	case r == nil:
		if r, e = p.create(t, by, values, nil); e == nil {
			j.counters["CREATED_OBJECTS"]++
		}
		return r, e
	case operation == "CREATE":
		return nil, alreadyExists(t, r.id)
	}
	if e = p.update(t, r, by, values); e == nil {
		j.counters["UPDATED_OBJECTS"]++
	}
	return r, e
}

// importValues reads a row's cells of one type and finds the record they name.
func (p *Portal) importValues(j *importJob, f importFile, row importRow, t *table) (map[string]string, *record, *apiError) {
	values := map[string]string{}
	var found *record
	for i, col := range f.Page.Columns {
		if col.TypeID != t.id || i >= len(row.Data) || row.Data[i] == "" {
			continue
		}
		if col.Kind == "HUBSPOT_OBJECT_ID" {
			r, e := p.findLive(t, row.Data[i])
			if e != nil {
				return nil, nil, e
			}
			found = r
			continue
		}
		d := t.schema.find(col.Property)
		if d == nil {
			continue
		}
		values[d.name] = importText(d, row.Data[i], j.request.DateFormat)
		if found == nil {
			found = p.importKey(t, d, row.Data[i])
		}
	}
	return values, found, nil
}

// importKey finds the record that a key in a row stands for: an import goes by
// addresses, domains and unique properties.
func (p *Portal) importKey(t *table, d *property, cell string) *record {
	switch {
	case t.id == typeCompany && d.name == "domain":
		return p.byAnyDomain(normaliseDomain(cell))
	case t.id == typeContact && d.name == "email", d.unique:
		return p.byKey(t, d, cell)
	}
	return nil
}

// importLayouts are how the dates of a file may be written.
var importLayouts = map[string]string{"DAY_MONTH_YEAR": "2/1/2006", "MONTH_DAY_YEAR": "1/2/2006", "YEAR_MONTH_DAY": "2006/1/2"}

// importText brings a cell with a date into the form of the API.
func importText(d *property, cell, format string) string {
	layout := importLayouts[format]
	if layout == "" || d.kind != typeDate && d.kind != typeDatetime {
		return cell
	}
	at, err := time.Parse(layout, strings.NewReplacer("-", "/", ".", "/").Replace(cell))
	if err != nil {
		return cell
	}
	return at.Format(time.DateOnly)
}

// fail books what is wrong with a row. Property errors keep their code.
func (j *importJob) fail(p *Portal, row importRow, t *table, e *apiError) {
	kind, message := "UNKNOWN_ERROR", e.Message
	if len(e.problems) > 0 {
		kind, message = e.problems[0].Code, e.problems[0].Message
	}
	if e.Status == http.StatusNotFound {
		kind = "INVALID_OBJECT_ID"
	}
	j.counters["ERRORS"]++
	j.errors = append(j.errors, importError{ID: strconv.Itoa(j.id*1000 + len(j.errors)), CreatedAt: p.nowMS(), Type: kind, Message: message,
		TypeID: t.id, Source: row})
}
