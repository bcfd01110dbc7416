package salesforcesim

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"sort"
	"strings"

	"tandem/sim/salesforcesim/soql"
)

//go:embed pages/*.html
var pageFiles embed.FS

var pages = template.Must(template.ParseFS(pageFiles, "pages/*.html"))

// pageObjects are the objects that the pages list and edit.
var pageObjects = []string{"Account", "Contact", "Lead", "Opportunity"}

// listColumns and formColumns say what the pages show of each object.
var listColumns = map[string][]string{
	"Account":     {"Name", "Website", "Phone", "BillingCity", "Industry", "OwnerId"},
	"Contact":     {"Name", "Email", "Phone", "AccountId", "Title", "OwnerId"},
	"Lead":        {"Name", "Company", "Email", "Status", "IsConverted", "OwnerId"},
	"Opportunity": {"Name", "AccountId", "StageName", "Amount", "CloseDate", "OwnerId"},
}

// pageRows is how many records a list shows.
const pageRows = 100

// pageView is what every page is rendered from.
type pageView struct {
	Objects []string
	Object  string
	Search  string
	Message string
	Problem string
	Org     string
	User    string
	Columns []string
	Rows    []pageRow
	Total   int
	ID      string
	Fields  []pageField
	Facts   []pageField
	IsLead  bool
	Merges  bool
}

type pageRow struct {
	ID    string
	Cells []string
}

type pageField struct {
	Name, Label, Type, Value string
	Options                  []string
	Required                 bool
	Link                     string
}

// servePage is the org's own page for people: list, search, view, edit,
// create, delete, merge and convert as the administrator. It works without
// scripts, only from this machine, and refuses forms that other sites post.
func (o *Org) servePage(w http.ResponseWriter, r *http.Request, path string) {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil && !net.ParseIP(host).IsLoopback() {
		http.Error(w, "the pages of the simulated org are for this machine only", http.StatusForbidden)
		return
	}
	http.NewCrossOriginProtection().Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { o.pageRoute(w, r, path) })).ServeHTTP(w, r)
}

func (o *Org) pageRoute(w http.ResponseWriter, r *http.Request, path string) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	object := pageObject(parts[0])
	switch {
	case path == "/":
		o.listPage(w, r, pageObjects[0])
	case object == "":
		http.NotFound(w, r)
	case r.Method == http.MethodPost:
		o.pagePost(w, r, object, parts[1:])
	case len(parts) == 1:
		o.listPage(w, r, object)
	case len(parts) == 2:
		o.editPage(w, r, object, parts[1], "")
	default:
		http.NotFound(w, r)
	}
}

func pageObject(name string) string {
	for _, known := range pageObjects {
		if strings.EqualFold(known, name) {
			return known
		}
	}
	return ""
}

// Plural is what many records of an object are called.
func (pageView) Plural(object string) string {
	if stem, ok := strings.CutSuffix(object, "y"); ok {
		return stem + "ies"
	}
	return object + "s"
}

func (o *Org) view(r *http.Request, object string) pageView {
	info := o.Info()
	return pageView{Objects: pageObjects, Object: object, Search: r.URL.Query().Get("q"), Message: r.URL.Query().Get("m"), Org: info.OrgID, User: info.AdminUsername,
		IsLead: object == "Lead", Merges: object != "Opportunity"}
}

func render(w http.ResponseWriter, name string, status int, v pageView) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_ = pages.ExecuteTemplate(w, name, v)
}

func (o *Org) listPage(w http.ResponseWriter, r *http.Request, object string) {
	v := o.view(r, object)
	v.Columns = listColumns[object]
	o.mu.RLock()
	ob := o.objects[strings.ToLower(object)]
	needle := strings.ToLower(strings.TrimSpace(v.Search))
	for i := len(ob.records.rows) - 1; i >= 0; i-- {
		rec := ob.records.rows[i]
		if rec == nil || rec.deleted || !rec.mentions(o, needle) {
			continue
		}
		v.Total++
		if len(v.Rows) < pageRows {
			v.Rows = append(v.Rows, o.pageRow(rec, v.Columns))
		}
	}
	o.mu.RUnlock()
	sort.SliceStable(v.Rows, func(i, j int) bool { return strings.ToLower(v.Rows[i].Cells[0]) < strings.ToLower(v.Rows[j].Cells[0]) })
	render(w, "list.html", http.StatusOK, v)
}

// mentions reports that the record's id, name or any text has the words.
func (r *record) mentions(o *Org, needle string) bool {
	if needle == "" || strings.HasPrefix(strings.ToLower(r.id), needle) {
		return true
	}
	if f := r.object.field("Name"); f.compute != nil && strings.Contains(fold(o.value(r, f)), needle) {
		return true
	}
	for _, v := range r.cells.all() {
		if v.Kind() == soql.KindText && strings.Contains(fold(v), needle) {
			return true
		}
	}
	return false
}

func (o *Org) pageRow(r *record, columns []string) pageRow {
	row := pageRow{ID: r.id}
	for _, name := range columns {
		row.Cells = append(row.Cells, o.shown(r, r.object.field(name)))
	}
	return row
}

// shown is a value as a person reads it: a reference by its name.
func (o *Org) shown(r *record, f *field) string {
	v := o.value(r, f)
	if f.typ == "reference" {
		if target := o.find(v.Str()); target != nil {
			return o.value(target, target.object.field("Name")).Str()
		}
	}
	return pageText(v)
}

func pageText(v value) string {
	if v.IsNull() {
		return ""
	}
	return v.String()
}

// editPage shows one record, or an empty form for the id "new".
func (o *Org) editPage(w http.ResponseWriter, r *http.Request, object, id, problem string) {
	v := o.view(r, object)
	v.Problem, v.ID = problem, id
	status := http.StatusOK
	if problem != "" {
		status = http.StatusUnprocessableEntity
	}
	o.mu.RLock()
	ob := o.objects[strings.ToLower(object)]
	rec := ob.records.find(id)
	if id != "new" && (rec == nil || rec.deleted) {
		o.mu.RUnlock()
		http.NotFound(w, r)
		return
	}
	a := o.accessOf(o.adminID)
	for _, f := range ob.fields {
		if a.seesField(f) {
			o.pageField(&v, r, rec, f)
		}
	}
	o.mu.RUnlock()
	render(w, "edit.html", status, v)
}

func (o *Org) pageField(v *pageView, r *http.Request, rec *record, f *field) {
	p := pageField{Name: f.name, Label: f.label, Type: f.typ, Required: f.required}
	if rec != nil {
		p.Value = pageText(o.value(rec, f))
	}
	if r.PostForm.Has(f.name) {
		p.Value = r.PostForm.Get(f.name)
	}
	for _, option := range f.picks {
		p.Options = append(p.Options, option.value)
	}
	writable := f.compute == nil && f.formula == nil && f.sys == sysNone && (f.updateable || rec == nil && f.createable)
	switch {
	case writable:
		v.Fields = append(v.Fields, p)
	case rec != nil && p.Value != "":
		if target := o.find(p.Value); target != nil && pageObject(target.object.name) != "" {
			p.Link = "/" + target.object.name + "/" + target.id
		}
		v.Facts = append(v.Facts, p)
	}
}

// pagePost does what a form asks for.
func (o *Org) pagePost(w http.ResponseWriter, r *http.Request, object string, rest []string) {
	if err := r.ParseForm(); err != nil || len(rest) == 0 {
		http.Error(w, "the form cannot be read", http.StatusBadRequest)
		return
	}
	id, action := rest[0], ""
	if len(rest) > 1 {
		action = rest[1]
	}
	to, message, err := o.pageAction(r, object, id, action)
	if err != nil {
		o.editPage(w, r, object, id, err.Error())
		return
	}
	http.Redirect(w, r, to+"?m="+url.QueryEscape(message), http.StatusSeeOther)
}

func (o *Org) pageAction(r *http.Request, object, id, action string) (to, message string, err error) {
	door, list := o.As("admin"), "/"+object
	switch {
	case action == "" && id == "new":
		made, err := door.Create(object, o.formValues(r, object, ""))
		return list + "/" + made, "Created.", err
	case action == "":
		return list + "/" + id, "Saved.", door.Update(object, id, o.formValues(r, object, id))
	case action == "delete":
		return list, "Deleted.", door.Delete(object, id)
	case action == "merge":
		loser := strings.TrimSpace(r.PostForm.Get("loser"))
		return list + "/" + id, "Merged.", door.Merge(object, id, loser)
	case action == "convert":
		done, err := door.ConvertLead(id, Convert{AccountID: strings.TrimSpace(r.PostForm.Get("account")), ContactID: strings.TrimSpace(r.PostForm.Get("contact")),
			NoOpportunity: r.PostForm.Get("opportunity") == ""})
		return "/Contact/" + done.ContactID, "Converted.", err
	}
	return "", "", errors.New(fmt.Sprint("unknown action ", action))
}

// formValues takes from a form what differs from the record, so that only
// what a person touched is written.
func (o *Org) formValues(r *http.Request, object, id string) map[string]any {
	o.mu.RLock()
	defer o.mu.RUnlock()
	ob := o.objects[strings.ToLower(object)]
	rec := ob.records.find(id)
	out := map[string]any{}
	for name := range r.PostForm {
		f := ob.field(name)
		if f == nil {
			continue
		}
		text := strings.ReplaceAll(r.PostForm.Get(name), "\r\n", "\n")
		before := ""
		if rec != nil {
			before = strings.ReplaceAll(pageText(rec.at(f)), "\r\n", "\n")
		}
		switch {
		case text == before || rec == nil && text == "":
		case text == "":
			out[name] = nil
		default:
			out[name] = text
		}
	}
	return out
}
