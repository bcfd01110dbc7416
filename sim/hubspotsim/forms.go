package hubspotsim

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// formField is a field of a form: a property of the contact that submits it.
type formField struct {
	Object    string `json:"objectTypeId"`
	Name      string `json:"name"`
	Label     string `json:"label"`
	Required  bool   `json:"required"`
	Hidden    bool   `json:"hidden"`
	FieldType string `json:"fieldType"`
}

type formGroup struct {
	Type   string      `json:"groupType"`
	Rich   string      `json:"richTextType"`
	Fields []formField `json:"fields"`
}

// form is a form of the portal (forms API, version 3).
type form struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	Type     string      `json:"formType"`
	Created  string      `json:"createdAt"`
	Updated  string      `json:"updatedAt"`
	Archived bool        `json:"archived"`
	Groups   []formGroup `json:"fieldGroups"`

	submissions []submission // in the order of their times
}

type formValue struct {
	Object string `json:"objectTypeId"`
	Name   string `json:"name"`
	Value  string `json:"value"`
}

// submission is one time that somebody sent a form.
type submission struct {
	ID     string      `json:"conversionId"`
	At     int64       `json:"submittedAt"`
	Values []formValue `json:"values"`
	Page   string      `json:"pageUrl"`
}

func (s *submission) email() string {
	for _, v := range s.Values {
		if v.Name == "email" {
			return strings.ToLower(v.Value)
		}
	}
	return ""
}

// CreateForm makes a form with fields by the names of contact properties and gives
// its id.
func (d Door) CreateForm(name string, fields ...string) string {
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	at := formatMS(d.p.nowMS())
	f := &form{ID: d.p.newUUID(), Name: name, Type: "hubspot", Created: at, Updated: at}
	for _, n := range fields {
		f.Groups = append(f.Groups, formGroup{Type: "default_group", Rich: "text", Fields: []formField{{Object: typeContact, Name: n, Label: n, FieldType: "single_line_text"}}})
	}
	d.p.forms = append(d.p.forms, f)
	return f.ID
}

// ArchiveForm puts a form away; its submissions stay.
func (d Door) ArchiveForm(id string) {
	d.p.mu.Lock()
	defer d.p.mu.Unlock()
	if f := d.p.form(id); f != nil {
		f.Archived = true
	}
}

// SubmitForm is somebody on a web page sending a form: a contact with the address is
// updated, or made. It gives the contact's id, blank without an address.
func (d Door) SubmitForm(id, page string, values map[string]string) (contact string, err error) {
	err = d.do(typeContact, func(t *table) *apiError {
		f := d.p.form(id)
		if f == nil {
			return notFound()
		}
		s := submission{ID: d.p.newUUID(), At: d.p.stamp(), Page: page}
		for _, name := range sortedKeys(values) {
			s.Values = append(s.Values, formValue{typeContact, name, values[name]})
		}
		f.submissions = append(f.submissions, s)
		if s.email() == "" {
			return nil
		}
		by := &actor{client: "form", who: "form " + f.Name, source: "FORM", sourceID: f.ID, system: true}
		r, e := d.p.submitter(t, by, values, s.email())
		if e == nil {
			contact = formatID(r.id)
		}
		return e
	})
	return contact, err
}

func (p *Portal) submitter(t *table, by *actor, values map[string]string, email string) (*record, *apiError) {
	next := map[string]string{"num_conversion_events": "1"}
	for k, v := range values {
		next[k] = v
	}
	if id, known := t.emails[email]; known {
		r := t.records[id]
		n, _ := strconv.Atoi(p.see(t, r).get("num_conversion_events")) // blank counts as none
		next["num_conversion_events"] = strconv.Itoa(n + 1)
		return r, p.update(t, r, by, next)
	}
	return p.create(t, by, next, nil)
}

func (p *Portal) form(id string) *form {
	if i := slices.IndexFunc(p.forms, func(f *form) bool { return f.ID == id }); i >= 0 {
		return p.forms[i]
	}
	return nil
}

// forgetSubmissions drops what an erased address submitted.
func (p *Portal) forgetSubmissions(email string) {
	for _, f := range p.forms {
		f.submissions = slices.DeleteFunc(f.submissions, func(s submission) bool { return email != "" && s.email() == email })
	}
}

func (p *Portal) formRoutes(rt routeTable) {
	r := func(handle func(*call) (reply, *apiError)) route {
		return route{handle: handle, scopes: scope("forms")}
	}
	rt.add(r(p.listForms), "GET", "marketing/forms")
	rt.add(r(p.getForm), "GET", "marketing/forms/{form}")
	rt.add(r(p.listSubmissions), "GET", "form-integrations/submissions/forms/{form}")
}

func (p *Portal) getForm(c *call) (reply, *apiError) {
	f := p.form(c.vars["form"])
	if f == nil || f.Archived != queryBool(c.r.URL.Query(), "archived") {
		return reply{}, notFound()
	}
	return ok(f)
}

func (p *Portal) listForms(c *call) (reply, *apiError) {
	q := c.r.URL.Query()
	limit, e := queryInt(q, "limit", 20, 500)
	if e != nil {
		return reply{}, e
	}
	list, next := []*form{}, ""
	behind := q.Get("after") == ""
	for _, f := range p.forms {
		if f.Archived == queryBool(q, "archived") && behind {
			if len(list) == limit {
				next = list[limit-1].ID
				break
			}
			list = append(list, f)
		}
		behind = behind || f.ID == q.Get("after")
	}
	return ok(struct {
		Results []*form `json:"results"`
		Paging  *paging `json:"paging,omitempty"`
	}{list, pagingAfter(next)})
}

// Pages of submissions (forms API, version 1 of form integrations).
const (
	submissionPage    = 20
	submissionPageMax = 50
)

// listSubmissions answers newest first; it takes no time window.
func (p *Portal) listSubmissions(c *call) (reply, *apiError) {
	q := c.r.URL.Query()
	limit, e := queryInt(q, "limit", submissionPage, submissionPageMax)
	if e != nil {
		return reply{}, e
	}
	f := p.form(c.vars["form"])
	if f == nil {
		return reply{}, &apiError{Status: 404, Message: "No form found with guid '" + c.vars["form"] + "'."}
	}
	all := slices.Clone(f.submissions)
	slices.SortStableFunc(all, func(a, b submission) int { return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(b.ID, a.ID)) })
	if after := q.Get("after"); after != "" {
		text, err := base64.RawURLEncoding.DecodeString(after)
		at := slices.IndexFunc(all, func(s submission) bool { return s.place() == string(text) })
		if err != nil || at < 0 {
			return reply{}, invalid("Invalid value for parameter after: " + after)
		}
		all = all[at+1:]
	}
	out := all[:min(limit, len(all))]
	next := ""
	if len(all) > limit {
		next = base64.RawURLEncoding.EncodeToString([]byte(out[limit-1].place()))
	}
	body := struct {
		Results []submission `json:"results"`
		Paging  *paging      `json:"paging,omitempty"`
	}{append([]submission{}, out...), pagingAfter(next)}
	if body.Paging != nil {
		body.Paging.Next.Link = c.r.URL.Path + "?" + url.Values{"after": {next}, "limit": {strconv.Itoa(limit)}}.Encode()
	}
	return ok(body)
}

func (s *submission) place() string { return fmt.Sprintf("%d|%s", s.At, s.ID) }
