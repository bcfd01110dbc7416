package salesforcesim

import (
	"net/http"
	"strconv"
	"strings"

	"tandem/sim/salesforcesim/soql"
)

func itoa(n int) string { return strconv.Itoa(n) }

// queryPlan is a bound query with the rights it was bound for.
type queryPlan struct {
	plan  *soql.Plan
	all   bool
	types []string // of the columns
}

// resultPage is how many rows a page of a bulk result has unless the caller
// wants another number, and resultPages how many a listing shows.
const (
	resultPage  = 50_000
	resultPages = 5
)

// prepareQuery checks a query before the job exists, as the API does.
func (o *Org) prepareQuery(c *call, j *job, text string) rowErrors {
	if j.operation != "query" && j.operation != "queryAll" {
		return refuse("INVALIDJOB", "InvalidJob : The operation "+j.operation+" is not supported here")
	}
	var errs rowErrors
	c.read(func(a *access) {
		var plan *soql.Plan
		if plan, errs = o.planQuery(a, text, false); errs != nil {
			return
		}
		if part := plan.BulkRefusal(); part != "" {
			errs = refuse("API_ERROR", "Query is not supported by the Bulk API: "+part)
			return
		}
		j.query, j.object, j.columns = text, plan.Object().Name, plan.Header()
		j.plan = queryPlan{plan, j.operation == "queryAll", o.columnTypes(o.objects[strings.ToLower(j.object)], j.columns)}
	})
	if errs == nil {
		o.jobs.mu.Lock()
		defer o.jobs.mu.Unlock()
		o.jobs.asked = append(o.jobs.asked, o.now())
	}
	return errs
}

// columnTypes finds the type behind each column of a result; a column that
// goes through a polymorphic parent counts as text.
func (o *Org) columnTypes(ob *object, columns []string) []string {
	types := make([]string, len(columns))
	for i, column := range columns {
		at, rest := ob, column
		for at != nil {
			step, further, nested := strings.Cut(rest, ".")
			if !nested {
				if f := at.field(rest); f != nil {
					types[i] = f.typ
				}
				break
			}
			link := at.byRelation[strings.ToLower(step)]
			if link == nil {
				break
			}
			at, rest = o.objects[strings.ToLower(link.refTo[0])], further
		}
	}
	return types
}

// runQueryJob fixes which rows the result has; they are rendered when they
// are fetched.
func (o *Org) runQueryJob(j *job) {
	begun := o.now()
	o.mu.RLock()
	a := o.accessOf(j.by.userID)
	var ids []string
	for id := range j.plan.plan.IDs(o.source(a, j.plan.all)) {
		ids = append(ids, id)
	}
	o.mu.RUnlock()
	o.jobs.mu.Lock()
	j.ids, j.processed = ids, len(ids)
	o.jobs.mu.Unlock()
	o.jobs.end(j, jobComplete, "", o.now(), o.now().Sub(begun))
}

// queryJobContent answers …/results and …/resultPages.
func (o *Org) queryJobContent(c *call, j *job, what string) *answer {
	if what != "results" && what != "resultpages" {
		return refusal(notFound())
	}
	o.jobs.mu.Lock()
	state, ids := j.state, j.ids
	o.jobs.mu.Unlock()
	switch {
	case c.version != j.version:
		a := refusal(refuse("API_ERROR", "The API version of this request is not that of the job"))
		a.status = http.StatusConflict
		return a
	case state != jobComplete:
		return refusal(refuse("INVALIDJOBSTATE", "The results of a job in state "+state+" cannot be fetched"))
	}
	from, size, ok := pageOf(c, len(ids))
	if !ok {
		return refusal(refuse("INVALID_QUERY_LOCATOR", "invalid query locator"))
	}
	if what == "resultpages" {
		return c.listPages(j, from, size, len(ids))
	}
	until := min(from+size, len(ids))
	text, n := o.renderRows(c, j, ids[from:until])
	next := "null"
	if until < len(ids) {
		next = locatorText(until)
	}
	a := csvAnswer(text)
	a.header = map[string]string{"Sforce-NumberOfRecords": itoa(n), "Sforce-Locator": next}
	return a
}

// Locators are opaque to callers; here they name the row a page starts with.
func locatorText(row int) string { return "Ll" + strconv.FormatInt(int64(row), 36) }

func pageOf(c *call, total int) (from, size int, ok bool) {
	size = resultPage
	if n, err := strconv.Atoi(c.query.Get("maxRecords")); err == nil && n > 0 {
		size = n
	}
	locator := c.query.Get("locator")
	if locator == "" {
		return 0, size, true
	}
	digits, known := strings.CutPrefix(locator, "Ll")
	n, err := strconv.ParseInt(digits, 36, 64)
	return int(n), size, known && err == nil && n >= 0 && int(n) <= total
}

func (c *call) listPages(j *job, from, size, total int) *answer {
	base := "/services/data/v" + j.version + "/jobs/query/" + j.id
	pages := []map[string]string{}
	at := from
	for ; at < total && len(pages) < resultPages; at += size {
		link := base + "/results?maxRecords=" + itoa(size)
		if at > 0 {
			link += "&locator=" + locatorText(at)
		}
		pages = append(pages, map[string]string{"resultUrl": link})
	}
	var next any
	if at < total {
		next = base + "/resultPages?maxRecords=" + itoa(size) + "&locator=" + locatorText(at)
	}
	return marshalled(http.StatusOK, map[string]any{"resultPages": pages, "nextRecordsUrl": next, "done": at >= total})
}

// renderRows writes a page with its header line; rows that vanished since
// the job ran are left out.
func (o *Org) renderRows(c *call, j *job, ids []string) ([]byte, int) {
	comma := delimiters[j.delimiter]
	out := appendCSV(nil, j.columns, comma, len(j.columns))
	n := 0
	c.read(func(a *access) {
		src := o.source(a, j.plan.all)
		var values []value
		cells := make([]string, len(j.columns))
		for _, id := range ids {
			rec, ok := j.plan.plan.Record(src, id)
			if !ok {
				continue
			}
			values = j.plan.plan.Flat(values[:0], rec)
			for i, v := range values {
				cells[i] = csvText(v, j.plan.types[i])
			}
			out = appendCSV(out, cells, comma, len(cells))
			n++
		}
	})
	return out, n
}

// csvText renders a value for a bulk result: null is empty, datetimes end
// in Z.
func csvText(v value, typ string) string {
	switch v.Kind() {
	case soql.KindNull:
		return ""
	case soql.KindNumber:
		return string(appendNumber(nil, v.Num(), typ))
	case soql.KindDateTime:
		return v.Time().Format("2006-01-02T15:04:05.000Z")
	}
	return v.String()
}
