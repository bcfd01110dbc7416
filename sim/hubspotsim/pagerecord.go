package hubspotsim

import (
	"net/http"
	"net/url"
	"strings"
)

type pageField struct {
	Name, Label, Value string
	ReadOnly, Long     bool
	Choices            []option
}

type pageLink struct{ ID, Name, Labels string }

type recordPage struct {
	pageHead
	Type, ID, Created, Updated, Source string
	Archived, IsContact                bool
	Other, OtherTitle                  string
	Fields                             []pageField
	Links                              []pageLink
}

// pageOther is the type whose associations a page shows.
func (p *Portal) pageOther(t *table) *table {
	if t.id == typeContact {
		return p.names[typeCompany]
	}
	return p.names[typeContact]
}

func (p *Portal) pageNew(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, "new", func(t *table) any {
		blank := view{p, t, &record{by: &actor{}}, &version{}}
		page := recordPage{pageHead: p.head("New "+t.singular, r), Type: t.plural}
		for _, f := range blank.fields() {
			if !f.ReadOnly {
				page.Fields = append(page.Fields, f)
			}
		}
		return page
	})
}

func (p *Portal) pageRecord(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, "record", func(t *table) any {
		rec, e := p.find(t, r.PathValue("id"), "")
		if e != nil {
			return nil
		}
		if id := formatID(rec.id); id != r.PathValue("id") {
			return redirect("/records/" + t.plural + "/" + id)
		}
		return p.recordPage(t, rec, r)
	})
}

func (p *Portal) recordPage(t *table, rec *record, r *http.Request) recordPage {
	v, ot := p.see(t, rec), p.pageOther(t)
	return recordPage{pageHead: p.head(v.title(), r), Type: t.plural, ID: formatID(rec.id), Created: showTime(rec.created),
		Updated: showTime(rec.cur.updated), Source: rec.by.who + " (" + rec.by.source + ")", Archived: !rec.live(),
		IsContact: t.id == typeContact, Other: ot.plural, OtherTitle: "Associated " + ot.plural, Fields: v.fields(), Links: p.pageLinks(t, rec, ot)}
}

// title names a record for people.
func (w view) title() string {
	var name string
	if w.t.id == typeContact {
		name = fullNameOrEmail(w)
	} else if name = w.get("name"); name == "" {
		name = w.get("domain")
	}
	if name == "" {
		return w.t.title + " " + formatID(w.r.id)
	}
	return name
}

// fields lists the properties of a page: those shown in lists first, what can
// be edited next, and what has a value that cannot.
func (w view) fields() []pageField {
	var first, edit, fixed []pageField
	for _, d := range w.t.schema.sorted(false) {
		f := pageField{Name: d.name, Label: d.label, Value: w.of(d), ReadOnly: !d.writable() || d.name == "createdate",
			Long: d.field == "textarea" || d.field == "html", Choices: w.p.choices(d)}
		switch {
		case contains(w.t.listColumns(), d.name):
			first = append(first, f)
		case !f.ReadOnly && !d.hidden:
			edit = append(edit, f)
		case f.Value != "":
			f.ReadOnly = true
			fixed = append(fixed, f)
		}
	}
	return append(append(first, edit...), fixed...)
}

func (p *Portal) choices(d *property) []option {
	switch {
	case d.refers == "OWNER":
		var out []option
		for _, o := range p.owners {
			out = append(out, option{Label: o.FirstName + " " + o.LastName, Value: o.ID})
		}
		return out
	case d.kind == typeEnumeration && !d.multiple():
		return d.options
	}
	return nil
}

func (p *Portal) pageLinks(t *table, r *record, ot *table) []pageLink {
	var out []pageLink
	for _, l := range r.linksTo(ot.n) {
		other := ot.records[l.to]
		if other == nil || !other.live() {
			continue
		}
		var names []string
		for _, n := range l.labels {
			if text := p.labels[n].text; text != "" {
				names = append(names, text)
			}
		}
		out = append(out, pageLink{formatID(l.to), p.see(ot, other).title(), strings.Join(names, ", ")})
	}
	return out
}

// back returns to a page, with the problem when there was one.
func back(w http.ResponseWriter, r *http.Request, path string, err error) {
	if err != nil {
		path += "?" + url.Values{"problem": {err.Error()}}.Encode()
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
}

func (p *Portal) pageCreate(w http.ResponseWriter, r *http.Request) {
	props, err := p.formProps(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for name, text := range props {
		if text == "" {
			delete(props, name)
		}
	}
	objectType := r.PathValue("type")
	id, err := p.As(pageUser).Create(objectType, props)
	if err != nil {
		back(w, r, "/records/"+objectType+"/new", err)
		return
	}
	back(w, r, "/records/"+objectType+"/"+id, nil)
}

// pageUser is who works on the page.
const pageUser = "admin"

// formProps reads the fields of a form. Browsers send CRLF in texts.
func (p *Portal) formProps(r *http.Request) (map[string]string, error) {
	r.Body = http.MaxBytesReader(nil, r.Body, maxBody)
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for name, v := range r.PostForm {
		out[name] = cleanText(v[0])
	}
	return out, nil
}

// pageSave writes only the fields that the person changed.
func (p *Portal) pageSave(w http.ResponseWriter, r *http.Request) {
	props, err := p.formProps(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	objectType, id := r.PathValue("type"), r.PathValue("id")
	door := p.As(pageUser)
	have, _ := door.Get(objectType, id)
	for name, text := range props {
		if have[name] == text {
			delete(props, name)
		}
	}
	back(w, r, "/records/"+objectType+"/"+id, door.Update(objectType, id, props))
}

// pageAction does what the buttons of a record page say.
func (p *Portal) pageAction(w http.ResponseWriter, r *http.Request) {
	form, err := p.formProps(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	objectType, id, other := r.PathValue("type"), r.PathValue("id"), strings.TrimSpace(form["other"])
	otherType, path, door := "contacts", "/records/"+objectType, p.As(pageUser)
	if objectType == "contacts" {
		otherType = "companies"
	}
	switch r.PathValue("action") {
	case "archive":
		err = door.Archive(objectType, id)
	case "restore":
		err = door.Restore(objectType, id)
	case "merge":
		id, err = mergedOr(id)(door.Merge(objectType, id, other))
	case "erase":
		err = door.GDPRDelete(id)
		back(w, r, path, err)
		return
	case "optout":
		have, _ := door.Get(objectType, id)
		err = door.OptOut(have["email"])
	case "associate":
		err = door.Associate(objectType, id, otherType, other)
	case "dissociate":
		err = door.Dissociate(objectType, id, otherType, other)
	case "primary":
		err = door.SetPrimary(objectType, id, other)
	default:
		http.NotFound(w, r)
		return
	}
	back(w, r, path+"/"+id, err)
}

// mergedOr stays on the record's page when a merge is refused.
func mergedOr(id string) func(string, error) (string, error) {
	return func(survivor string, err error) (string, error) {
		if err != nil {
			return id, err
		}
		return survivor, nil
	}
}
