package hubspotsim

import (
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"
)

//go:embed pages/*.html
var pageFiles embed.FS

var pageTemplates = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// pageHead is what every page shows.
type pageHead struct {
	Title, Portal, Now, Problem string
}

func isPage(path string) bool {
	return path == "/" || strings.HasPrefix(path, "/records/") ||
		strings.HasPrefix(path, "/oauth/") && strings.HasSuffix(path, "/authorize")
}

// buildPages makes the site for people. Whoever uses it is the portal's
// administrator; forms from other sites are refused.
func (p *Portal) buildPages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/records/companies", http.StatusFound)
	})
	mux.HandleFunc("GET /records/{type}", p.pageList)
	mux.HandleFunc("GET /records/{type}/new", p.pageNew)
	mux.HandleFunc("POST /records/{type}/new", p.pageCreate)
	mux.HandleFunc("GET /records/{type}/{id}", p.pageRecord)
	mux.HandleFunc("POST /records/{type}/{id}", p.pageSave)
	mux.HandleFunc("POST /records/{type}/{id}/{action}", p.pageAction)
	mux.HandleFunc("GET /oauth/authorize", p.pageAuthorize)
	mux.HandleFunc("GET /oauth/{portal}/authorize", p.pageAuthorize)
	mux.HandleFunc("POST /oauth/authorize", p.pageApprove)
	return http.NewCrossOriginProtection().Handler(mux)
}

func (p *Portal) head(title string, r *http.Request) pageHead {
	return pageHead{Title: title, Portal: p.portalID, Now: p.clock().UTC().Format("2006-01-02 15:04:05 MST"), Problem: r.URL.Query().Get("problem")}
}

func render(w http.ResponseWriter, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
	var b strings.Builder
	if err := pageTemplates.ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, "render page: "+err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = w.Write([]byte(b.String())) // a browser that went away sees nothing
}

type pageRow struct {
	ID, Updated string
	Cells       []string
}

type listPage struct {
	pageHead
	Type, Query, Next string
	Archived          bool
	Total             int
	Columns           []string
	Rows              []pageRow
}

const rowsPerPage = 50

func (t *table) listColumns() []string {
	if t.id == typeContact {
		return []string{"firstname", "lastname", "email", "phone", "company"}
	}
	return []string{"name", "domain", "city", "country", "phone"}
}

// show builds a page under the lock and sends it without.
func (p *Portal) show(w http.ResponseWriter, r *http.Request, template string, build func(t *table) any) {
	p.mu.RLock()
	var data any
	if t := p.names[r.PathValue("type")]; t != nil && (t.id == typeCompany || t.id == typeContact) {
		data = build(t)
	}
	p.mu.RUnlock()
	switch to := data.(type) {
	case nil:
		http.NotFound(w, r)
	case redirect:
		http.Redirect(w, r, string(to), http.StatusFound)
	default:
		render(w, template, data)
	}
}

// redirect is a page that is somewhere else.
type redirect string

func (p *Portal) pageList(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, "list", func(t *table) any { return p.listPage(t, r) })
}

func (p *Portal) listPage(t *table, r *http.Request) listPage {
	q := r.URL.Query()
	page := listPage{pageHead: p.head(strings.ToUpper(t.plural[:1])+t.plural[1:], r), Type: t.plural, Query: q.Get("q"),
		Archived: queryBool(q, "archived"), Columns: t.listColumns()}
	after, _ := parseID(q.Get("after"))
	words := strings.Fields(strings.ToLower(page.Query))
	for _, rec := range t.order {
		v := p.see(t, rec)
		if rec.live() == page.Archived || !v.mentions(words) {
			continue
		}
		page.Total++
		if rec.id < after || len(page.Rows) > rowsPerPage {
			continue
		}
		page.Rows = append(page.Rows, v.row(page.Columns))
	}
	if len(page.Rows) > rowsPerPage {
		page.Next = "?" + url.Values{"q": {page.Query}, "archived": {q.Get("archived")}, "after": {page.Rows[rowsPerPage].ID}}.Encode()
		page.Rows = page.Rows[:rowsPerPage]
	}
	return page
}

func (w view) row(columns []string) pageRow {
	out := pageRow{ID: formatID(w.r.id), Updated: showTime(w.v.updated)}
	for _, name := range columns {
		out.Cells = append(out.Cells, w.get(name))
	}
	return out
}

func showTime(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02 15:04:05") }
