package salesforcesim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// The API versions that the org answers, and the first one that REST had. Those
// before the oldest are retired (Salesforce Help, "Salesforce Platform API
// Versions 21.0 through 30.0 Retirement").
const (
	firstVersion  = 20
	oldestVersion = 31
	newestVersion = 68
)

// checkVersion refuses a version that is retired or not there.
func checkVersion(v string) rowErrors {
	n, ok := strings.CutPrefix(v, "v")
	number, err := strconv.ParseFloat(n, 64)
	switch {
	case !ok || err != nil || number < firstVersion || number > newestVersion:
		return notFound()
	case number < oldestVersion:
		return rowErrors{{code: "UNSUPPORTED_API_VERSION", message: "The requested resource is no longer available: API version " + n + " is retired", retired: true}}
	}
	return nil
}

func versions() []map[string]string {
	var out []map[string]string
	seasons := []string{"Winter", "Spring", "Summer"}
	for v := oldestVersion; v <= newestVersion; v++ {
		n := v - oldestVersion // version 31 is Summer '14
		label := fmt.Sprintf("%s '%d", seasons[(n+2)%3], 14+(n+2)/3)
		number := strconv.Itoa(v) + ".0"
		out = append(out, map[string]string{"label": label, "url": "/services/data/v" + number, "version": number})
	}
	return out
}

// dispatch finds the resource of a call and lets it answer.
func (o *Org) dispatch(c *call) *answer {
	if len(c.seg) == 0 {
		return o.resources(c)
	}
	switch c.seg[0] {
	case "sobjects":
		return o.sobjects(c, c.seg[1:], false)
	case "query", "queryAll":
		return c.reads(func() *answer { return o.queryResource(c, false) })
	case "search":
		return c.reads(func() *answer { return o.search(c) })
	case "parameterizedSearch":
		return o.parameterizedSearch(c)
	case "recent":
		return c.reads(func() *answer { return o.recent(c) })
	case "event":
		return o.eventSchemaByID(c)
	case "limits":
		return c.reads(func() *answer { return o.limits(c) })
	case "composite":
		return o.composite(c)
	case "jobs":
		return o.bulk(c)
	case "tooling":
		return o.toolingResource(c)
	}
	return refusal(notFound())
}

func (o *Org) toolingResource(c *call) *answer {
	if len(c.seg) < 2 {
		return refusal(notFound())
	}
	switch c.seg[1] {
	case "query":
		c.seg = c.seg[1:]
		return c.reads(func() *answer { return o.queryResource(c, true) })
	case "sobjects":
		return o.sobjects(c, c.seg[2:], true)
	}
	return refusal(notFound())
}

// resources lists what is under a version.
func (o *Org) resources(c *call) *answer {
	base := "/services/data/v" + c.version + "/"
	out := map[string]string{"identity": baseURL(c.r) + "/id/" + o.id() + "/" + c.by.userID}
	for _, name := range []string{"composite", "event", "jobs", "limits", "parameterizedSearch", "query", "queryAll", "recent", "search", "sobjects", "tooling"} {
		out[name] = base + name
	}
	return marshalled(http.StatusOK, out)
}

// sobjects routes /sobjects and /tooling/sobjects.
func (o *Org) sobjects(c *call, seg []string, tooling bool) *answer {
	if len(seg) == 0 {
		return c.reads(func() *answer { return o.describeGlobal(c, tooling) })
	}
	ob := o.visible(c, seg[0], tooling)
	if ob == nil && !tooling {
		ob = o.visibleEvent(c, seg[0])
	}
	entity, changes := changeEventOf(seg[0])
	switch {
	case len(seg) == 2 && seg[1] == "eventSchema" && !tooling && changes:
		return c.reads(func() *answer { return o.eventSchemaOf(c, entity) })
	case ob == nil:
		return refusal(notFound())
	case len(seg) == 2 && seg[1] == "eventSchema" && ob.event:
		return c.reads(func() *answer { return o.eventSchemaOf(c, ob.name) })
	case ob.event:
		return o.eventResource(c, ob, seg[1:])
	case len(seg) == 1:
		return c.methods(map[string]func() *answer{"GET": func() *answer { return o.basicInfo(c, ob) }, "POST": func() *answer { return o.create(c, ob) }})
	case seg[1] == "describe":
		return o.describes(c, ob, seg[2:])
	case seg[1] == "updated" || seg[1] == "deleted":
		return c.methods(map[string]func() *answer{"GET": func() *answer { return o.replication(c, ob, seg[1]) }})
	case len(seg) == 2:
		return o.recordResource(c, ob, seg[1])
	case isRecordID(ob, seg[1]):
		return o.relationResource(c, ob, seg[1], seg[2:])
	case len(seg) == 3:
		return o.byExternalID(c, ob, seg[1], seg[2])
	}
	return refusal(notFound())
}

// isRecordID tells an id of the object from the name of a key field.
func isRecordID(ob *object, s string) bool {
	id, ok := canonicalID(s)
	return ok && id[:3] == ob.prefix
}

// describes routes /sobjects/X/describe and what is below it.
func (o *Org) describes(c *call, ob *object, rest []string) *answer {
	switch {
	case len(rest) == 0:
		return c.methods(map[string]func() *answer{"GET": func() *answer { return o.describe(c, ob) }})
	case len(rest) == 1 && rest[0] == "layouts":
		return c.methods(map[string]func() *answer{"GET": func() *answer { return o.layouts(c, ob) }})
	}
	return refusal(notFound())
}

// visible finds an object that this API serves and the user may read.
func (o *Org) visible(c *call, name string, tooling bool) *object {
	var out *object
	c.read(func(a *access) {
		if ob := o.objects[strings.ToLower(name)]; ob != nil && tooling == ob.tooling && a.may(ob, mayRead) {
			out = ob
		}
	})
	return out
}

func (c *call) methods(by map[string]func() *answer) *answer {
	if h, ok := by[c.method]; ok {
		return h()
	}
	if h, ok := by[http.MethodGet]; ok && c.method == http.MethodHead {
		return h()
	}
	var allowed []string
	for _, m := range []string{"HEAD", "GET", "POST", "PUT", "PATCH", "DELETE"} {
		_, ok := by[m]
		if _, reads := by["GET"]; ok || m == "HEAD" && reads {
			allowed = append(allowed, m)
		}
	}
	return refusal(refuse("METHOD_NOT_ALLOWED", "HTTP Method '"+c.method+"' not allowed. Allowed are "+strings.Join(allowed, ",")))
}

// reads answers a resource that can only be read.
func (c *call) reads(work func() *answer) *answer {
	return c.methods(map[string]func() *answer{"GET": work})
}

// read runs work that looks at records, with the caller's rights.
func (c *call) read(work func(*access)) {
	if c.tx == nil {
		c.o.mu.RLock()
		defer c.o.mu.RUnlock()
	}
	work(c.o.accessOf(c.by.userID))
}

// write runs work in the call's transaction, or in one of its own.
func (c *call) write(work func(*tx)) {
	if c.tx != nil {
		work(c.tx)
		return
	}
	c.o.transact(c.by, work)
}

// transact runs work in a transaction; a panic undoes it and frees the lock.
func (o *Org) transact(by actor, work func(*tx)) {
	t := o.begin(by)
	finished := false
	defer func() {
		if !finished {
			t.abort()
		}
	}()
	if !by.system {
		t.by.access = o.accessOf(by.userID)
	}
	work(t)
	finished = true
	t.commit()
}

// object reads the body as a JSON object; numbers keep their digits.
func (c *call) object() (map[string]any, rowErrors) {
	var m map[string]any
	if errs := c.decode(&m); errs != nil {
		return nil, errs
	}
	if m == nil {
		return nil, refuse("JSON_PARSER_ERROR", noBody)
	}
	return m, nil
}

func (c *call) decode(into any) rowErrors {
	if typ := c.header.Get("Content-Type"); !c.nested && typ != "" && !strings.Contains(typ, "json") {
		return refuse("UNSUPPORTED_MEDIA_TYPE", "Content type "+typ+" is not supported.")
	}
	if len(bytes.TrimSpace(c.body)) == 0 {
		return refuse("JSON_PARSER_ERROR", noBody)
	}
	dec := json.NewDecoder(bytes.NewReader(c.body))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return jsonProblem(c.body, err)
	}
	return nil
}

// endpoint is the path with ids and values left out, for the statistics.
func (c *call) endpoint() string {
	out := make([]string, len(c.seg))
	for i, s := range c.seg {
		out[i] = s
		_, isID := canonicalID(s)
		value := i == 3 && c.seg[0] == "sobjects"
		locator := i == 1 && (c.seg[0] == "query" || c.seg[0] == "queryAll")
		if isID || value || locator {
			out[i] = "{}"
		}
	}
	return "/" + strings.Join(out, "/")
}
