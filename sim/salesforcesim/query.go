package salesforcesim

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"tandem/sim/salesforcesim/soql"
)

// Page sizes of a query (REST API Developer Guide, "Query Options Header").
const (
	minBatch     = 200
	defaultBatch = 2000
)

// locatorLife is how long the rest of a result can be asked for.
const locatorLife = 48 * time.Hour

// cursorRows bounds the ids kept for unread pages over all cursors; the
// cursors that were made first go first.
const cursorRows = 4_000_000

// cursor is a result of which pages are still to come: the ids, and how to
// render them.
type cursor struct {
	plan    *soql.Plan
	ids     []string
	all     bool
	userID  string
	expires time.Time
}

type cursorList struct {
	mu    sync.Mutex
	open  map[string]*cursor
	order []string
	rows  int
	next  int
}

func newCursorList() *cursorList { return &cursorList{open: map[string]*cursor{}} }

// closeAll forgets every locator.
func (l *cursorList) closeAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open, l.order, l.rows = map[string]*cursor{}, nil, 0
}

func (l *cursorList) add(c *cursor, pod string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next++
	digits := strconv.FormatInt(int64(l.next), 36)
	id := "01g" + pod + strings.Repeat("0", 9-len(digits)) + digits
	id += checksum(id)
	l.open[id] = c
	l.order = append(l.order, id)
	l.rows += len(c.ids)
	for l.rows > cursorRows && len(l.order) > 1 {
		l.rows -= len(l.open[l.order[0]].ids)
		delete(l.open, l.order[0])
		l.order = l.order[1:]
	}
	return id
}

func (l *cursorList) get(id string, now time.Time) *cursor {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.open[id]
	if c == nil || now.After(c.expires) {
		return nil
	}
	return c
}

// queryResource answers /query and /queryAll, with q or with a locator.
func (o *Org) queryResource(c *call, tooling bool) *answer {
	if len(c.seg) == 2 {
		return o.nextPage(c, c.seg[1])
	}
	if text := c.query.Get("explain"); text != "" {
		return o.explain(c, text)
	}
	text := c.query.Get("q")
	if strings.TrimSpace(text) == "" {
		return refusal(refuse("MALFORMED_QUERY", "A query string has to be specified"))
	}
	var out *answer
	c.read(func(a *access) { out = o.runQuery(c, a, text, tooling) })
	return out
}

// zoneOf is the time zone of every user of an org; it is UTC where the machine has
// no time zone data.
func zoneOf(opt Options) *time.Location {
	zone, err := time.LoadLocation(opt.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

func (o *Org) queryEnv(userID string) soql.Env {
	return soql.Env{Now: o.now(), Zone: o.zone, UserID: userID}
}

// planQuery parses and binds a query for a user.
func (o *Org) planQuery(a *access, text string, tooling bool) (*soql.Plan, rowErrors) {
	q, err := soql.Parse(text)
	if err != nil {
		return nil, queryError(err)
	}
	plan, err := q.Plan(side{a, o, tooling}, o.queryEnv(a.user.id))
	if err != nil {
		return nil, queryError(err)
	}
	return plan, nil
}

func queryError(err error) rowErrors {
	var e *soql.Error
	if errors.As(err, &e) {
		return refuse(e.Code, e.Message)
	}
	return refuse("MALFORMED_QUERY", err.Error())
}

// side narrows a user's schema to the objects of the data or of the Tooling
// API.
type side struct {
	*access
	o       *Org
	tooling bool
}

// Object makes side a [soql.Schema].
func (s side) Object(name string) (*soql.Object, bool) {
	ob := s.o.objects[strings.ToLower(name)]
	if ob == nil || ob.tooling != s.tooling && (ob.tooling || !ob.setup) {
		return nil, false
	}
	return s.access.Object(name)
}

func (o *Org) source(a *access, all bool) source {
	return source{org: o, deleted: all, admin: a.system[permModifyAll], masked: !a.system[permDecrypt]}
}

func (o *Org) runQuery(c *call, a *access, text string, tooling bool) *answer {
	plan, errs := o.planQuery(a, text, tooling)
	if errs != nil {
		return refusal(errs)
	}
	if c.query.Get("columns") == "true" {
		return o.columns(plan)
	}
	all := c.seg[0] == "queryAll"
	src := o.source(a, all)
	if plan.CountOnly() {
		return jsonAnswer(http.StatusOK, []byte(`{"totalSize":`+strconv.Itoa(plan.Count(src))+`,"done":true,"records":[]}`))
	}
	size := c.batchSize()
	page := newPage(c.version)
	var ids []string
	for rec := range plan.Records(src) {
		if page.n < size {
			page.add(rec)
		}
		if plan.Aggregate() {
			ids = append(ids, "")
		} else {
			ids = append(ids, rec.ID)
		}
	}
	if plan.Aggregate() && len(ids) > size {
		return refusal(refuse("EXCEEDED_ID_LIMIT", "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch"))
	}
	if !plan.Aggregate() && forView.MatchString(text) {
		o.viewed.note(a.user.id, ids)
	}
	if len(ids) <= size {
		return page.finish(len(ids), "")
	}
	id := o.cursor.add(&cursor{plan: plan, ids: ids, all: all, userID: a.user.id, expires: o.now().Add(locatorLife)}, o.ids.pod)
	return page.finish(len(ids), c.nextURL(id, size, tooling))
}

func (c *call) nextURL(id string, from int, tooling bool) string {
	middle := "/query/"
	if tooling {
		middle = "/tooling/query/"
	}
	return "/services/data/v" + c.version + middle + id + "-" + strconv.Itoa(from)
}

// batchSize reads Sforce-Query-Options, which is a hint within bounds.
func (c *call) batchSize() int {
	for _, part := range strings.FieldsFunc(c.header.Get("Sforce-Query-Options"), func(r rune) bool { return r == ',' || r == ';' }) {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		if n, err := strconv.Atoi(strings.TrimSpace(v)); err == nil && strings.EqualFold(strings.TrimSpace(k), "batchSize") {
			return min(max(n, minBatch), defaultBatch)
		}
	}
	return defaultBatch
}

// nextPage answers /query/{locator}-{from}.
func (o *Org) nextPage(c *call, locator string) *answer {
	lost := refuse("INVALID_QUERY_LOCATOR", "invalid query locator")
	id, rest, _ := strings.Cut(locator, "-")
	from, err := strconv.Atoi(rest)
	cur := o.cursor.get(id, o.now())
	if err != nil || cur == nil || cur.userID != c.by.userID || from < 0 || from >= len(cur.ids) {
		return refusal(lost)
	}
	size := c.batchSize()
	page := newPage(c.version)
	c.read(func(a *access) {
		src := o.source(a, cur.all)
		for _, id := range cur.ids[from:min(from+size, len(cur.ids))] {
			if rec, ok := cur.plan.Record(src, id); ok {
				page.add(rec)
			}
		}
	})
	if from+size >= len(cur.ids) {
		return page.finish(len(cur.ids), "")
	}
	return page.finish(len(cur.ids), c.nextURL(id, from+size, c.seg[0] == "tooling"))
}

// page collects rendered rows; the envelope's head is written last because it
// tells the total.
type page struct {
	version string
	skip    int // rows that are still to be left out
	rows    []byte
	n       int
}

func newPage(version string) *page { return &page{version: version, rows: make([]byte, 0, 4096)} }

func (p *page) add(rec *soql.Record) {
	if p.skip > 0 {
		p.skip--
		return
	}
	if p.n > 0 {
		p.rows = append(p.rows, ',')
	}
	p.rows = appendRecord(p.rows, p.version, rec)
	p.n++
}

func (p *page) finish(total int, next string) *answer {
	out := make([]byte, 0, len(p.rows)+160)
	out = strconv.AppendInt(append(out, `{"totalSize":`...), int64(total), 10)
	out = strconv.AppendBool(append(out, `,"done":`...), next == "")
	if next != "" {
		out = appendString(append(out, `,"nextRecordsUrl":`...), next)
	}
	out = append(append(out, `,"records":[`...), p.rows...)
	return jsonAnswer(http.StatusOK, append(out, ']', '}'))
}
