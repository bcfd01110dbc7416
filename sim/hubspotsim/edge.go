package hubspotsim

import (
	"fmt"
	"mime"
	"net/http"
	"strings"
)

// What the vendor's edge refuses before any API sees it; its answers are pages.

// maxURI is the longest path with query in bytes; the vendor names no number.
const maxURI = 16 << 10

func (p *Portal) edge(w *answer, r *http.Request, status int) {
	if status == http.StatusMethodNotAllowed {
		w.header.Set("Allow", strings.Join(p.routes.methods(r), ", "))
	}
	title := fmt.Sprint(status, " ", http.StatusText(status))
	w.encode(reply{status: status, body: html("<html><head><title>Error " + title + "</title></head><body><h2>HTTP ERROR " + title + "</h2></body></html>")})
	name := map[int]string{http.StatusNotFound: " (unknown path)"}[status]
	if name == "" {
		name = " (refused)"
	}
	p.meter.count(r.Method+name, "unknown", w.status, false)
}

// find matches a request; literal segments win because they are listed first.
// Otherwise it gives the status that the edge refuses with.
func (rt routeTable) find(r *http.Request) (*route, *call, int) {
	if len(r.URL.RequestURI()) > maxURI {
		return nil, nil, http.StatusRequestURITooLong
	}
	s := spell(r.URL.EscapedPath())
	if !s.served() {
		return nil, nil, http.StatusNotFound
	}
	refused := http.StatusNotFound
	for _, route := range rt[s.seg[0]] {
		vars, ok := route.match(s.seg)
		switch {
		case !ok:
		case route.method != r.Method:
			refused = http.StatusMethodNotAllowed
		case !route.takes(r):
			return nil, nil, http.StatusUnsupportedMediaType
		default:
			return route, &call{r: r, ver: s.version, vars: vars}, 0
		}
	}
	return nil, nil, refused
}

// methods are those that a path knows.
func (rt routeTable) methods(r *http.Request) []string {
	var out []string
	s := spell(r.URL.EscapedPath())
	for _, route := range rt[s.seg[0]] {
		if _, ok := route.match(s.seg); ok && !contains(out, route.method) {
			out = append(out, route.method)
		}
	}
	return out
}

// takes says whether the body is of a kind that the endpoint reads. A call
// without a body needs none, and one that names none is read: no document says
// what the vendor does then.
func (r *route) takes(req *http.Request) bool {
	given := req.Header.Get("Content-Type")
	if req.ContentLength == 0 || given == "" || req.Method == http.MethodGet || req.Method == http.MethodDelete {
		return true
	}
	kind, _, err := mime.ParseMediaType(given)
	want := "application/json"
	if r.body != "" {
		want = r.body
	}
	return err == nil && kind == want
}
