package console

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/mapping"
)

// query is what follows the path of an address.
func query(q url.Values) string {
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// mappingForm is the page of one mapping.
type mappingForm struct {
	mapped
	row     mappingRow
	was     [2]string // the fields of the mapping that is edited, blank for a new one
	trouble *Trouble
	tried   []engine.Tried
	asked   bool // somebody wants to see what it makes of records
}

// chosen reports that both fields are.
func (f *mappingForm) chosen() bool { return f.row.Salesforce != "" && f.row.HubSpot != "" }

// title is what the page is about.
func (f *mappingForm) title() string {
	if !f.chosen() {
		return "New mapping"
	}
	return f.row.label(core.Salesforce) + " ⇄ " + f.row.label(core.HubSpot)
}

// valueRow is a choice of Salesforce with the one of HubSpot that it stands for.
type valueRow struct {
	from, label, to string
	refused         string // why it does not pass as it is
}

// values are the choices of Salesforce, and after them what the value map has beyond these.
func (f *mappingForm) values() (out []valueRow) {
	listed := map[string]bool{}
	for _, p := range f.sheet.Passing[core.Salesforce] {
		listed[p.Value] = true
		out = append(out, valueRow{from: p.Value, label: p.Label, to: f.row.Values[p.Value], refused: p.Refused})
	}
	var rest []string
	for value := range f.row.Values {
		if !listed[value] {
			rest = append(rest, value)
		}
	}
	slices.Sort(rest)
	for _, value := range rest {
		out = append(out, valueRow{from: value, to: f.row.Values[value]})
	}
	return out
}

// missing are the choices of HubSpot that do not pass to Salesforce.
func (f *mappingForm) missing() []mapping.Passing {
	return slices.DeleteFunc(slices.Clone(f.sheet.Passing[core.HubSpot]), func(p mapping.Passing) bool { return p.Refused == "" })
}

// refers reports that the Salesforce field names another record.
func (f *mappingForm) refers() bool {
	d := f.row.fields[core.Salesforce]
	return d != nil && d.Type == "reference" && !slices.Contains(d.References, "User")
}

// find is the place of a mapping in a list, -1 where it is not there.
func find(all []config.Mapping, of [2]string) int {
	return slices.IndexFunc(all, func(m config.Mapping) bool { return names(m) == of })
}

// mappingPage shows a mapping, or offers one that is not there yet.
func (c *Console) mappingPage(v *visit) error {
	m, err := c.mappedAt(v, 0)
	if err != nil {
		return err
	}
	q := v.r.URL.Query()
	f := mappingForm{mapped: m}
	f.row.Mapping = config.Mapping{Salesforce: strings.TrimSpace(q.Get("salesforce")), HubSpot: strings.TrimSpace(q.Get("hubspot"))}
	if i := find(m.all, names(f.row.Mapping)); i >= 0 {
		f.row.Mapping, f.was = m.all[i], names(m.all[i])
	}
	if err := f.settle(c, v); err != nil {
		return err
	}
	return v.show(mappingView(v, &f))
}

// settle puts the mapping of the form into the list, and looks what comes of it.
func (f *mappingForm) settle(c *Console, v *visit) error {
	if f.chosen() {
		f.all = slices.Clone(f.all)
		if i := find(f.all, f.was); i >= 0 {
			f.all[i] = f.row.Mapping
		} else {
			f.all = append(f.all, f.row.Mapping)
		}
	}
	err := f.look(c, v, names(f.row.Mapping))
	f.row = f.mapped.row(f.row.Mapping)
	return err
}

// lookAtMapping shows what a filled-in mapping would do.
func (c *Console) lookAtMapping(v *visit) error {
	f, err := c.postedMapping(v)
	if err != nil {
		return err
	}
	if err := f.settle(c, v); err != nil {
		return err
	}
	if err = f.unworkable(); err == nil {
		err = c.lookAtList(v, f.mapped)
	}
	if f.trouble = wrongForm(err); f.trouble == nil {
		return err
	}
	v.w.WriteHeader(http.StatusUnprocessableEntity)
	return v.show(mappingView(v, f))
}

// tryMapping shows what a filled-in mapping makes of a few linked records.
func (c *Console) tryMapping(v *visit) error {
	f, err := c.postedMapping(v)
	if err != nil {
		return err
	}
	if err := f.settle(c, v); err != nil {
		return err
	}
	if f.asked = true; f.mapped.trouble == nil {
		o, err := f.mapped.asked(v, names(f.row.Mapping))
		if err != nil {
			return err
		}
		if err := c.Do(v.r.Context(), "try mapping", o, &f.tried); err != nil {
			return err
		}
	}
	return v.show(mappingView(v, f))
}

// unworkable refuses a mapping that would never pass a value.
func (f *mappingForm) unworkable() error {
	if p := f.row.mend(); p != nil {
		return &refusal{status: http.StatusUnprocessableEntity, Trouble: Trouble{Code: "mapping", Message: fmt.Sprintf("%s (%s).", capital(p.Message), p.Rule), Mend: capital(p.Mend) + "."}}
	}
	return nil
}

// postedMapping is the mapping that a form says, as an edit of the version it was made from.
func (c *Console) postedMapping(v *visit) (*mappingForm, error) {
	s, err := c.base(v)
	if err != nil {
		return nil, err
	}
	m, err := c.mappedAt(v, s.Version)
	if err != nil {
		return nil, err
	}
	get := func(key string) string {
		return strings.TrimSpace(strings.ReplaceAll(v.r.PostFormValue(key), "\r\n", "\n"))
	}
	f := &mappingForm{mapped: m, was: [2]string{get("was_salesforce"), get("was_hubspot")}}
	one := config.Mapping{Salesforce: get("salesforce"), HubSpot: get("hubspot"), Rule: get("rule"), Reference: get("reference"), ToSalesforce: get("to_salesforce"), ToHubSpot: get("to_hubspot")}
	if i := find(m.all, f.was); i < 0 && f.was != [2]string{} {
		return nil, misused("The mapping that you edit is not in the version of the settings that the form was made from.")
	} else if i >= 0 && m.all[i].Rule == "" && one.Rule == ruleOf(m.all[i]).String() {
		one.Rule = "" // it was left out, and counts as before
	}
	from, to := v.r.PostForm["from"], v.r.PostForm["to"]
	for i := range min(len(from), len(to)) {
		if value := strings.TrimSpace(to[i]); value != "" && from[i] != "" {
			if one.Values == nil {
				one.Values = map[string]string{}
			}
			one.Values[from[i]] = value
		}
	}
	f.row.Mapping = one
	if !f.chosen() {
		return nil, misused("Choose the two fields that the mapping joins.")
	}
	return f, nil
}

// lookWithoutMapping shows what it would do to take a mapping out.
func (c *Console) lookWithoutMapping(v *visit) error {
	f, err := c.postedMapping(v)
	if err != nil {
		return err
	}
	i := find(f.all, f.was)
	if i < 0 {
		return misused("Choose the mapping to take out.")
	}
	f.row.Mapping = f.all[i]
	if err := f.settle(c, v); err != nil {
		return err
	}
	without := f.mapped
	without.all = slices.Delete(slices.Clone(f.all), i, i+1)
	err = c.lookAtList(v, without)
	if f.trouble = wrongForm(err); f.trouble == nil {
		return err
	}
	v.w.WriteHeader(http.StatusUnprocessableEntity)
	return v.show(mappingView(v, f))
}

// lookAtList shows what the settings would do with the list as it is by now.
func (c *Console) lookAtList(v *visit, m mapped) error {
	next, err := config.Remapped(m.base.settings, m.list.Name, m.all)
	if err != nil {
		return err
	}
	text, err := config.Export(next)
	if err != nil {
		return err
	}
	if next, err = config.Apply(m.base.settings, text); err == nil {
		err = config.MayApply(m.base.settings, next, text)
	}
	if err != nil {
		return err
	}
	return c.look(v, draft{back: mappingsBack + m.list.Name, base: m.base, text: text})
}

// mappingsBack begins the page of a draft that is a list of mappings.
const mappingsBack = "mappings/"

// draftedList is the list of mappings that a draft was made of; ok is false for other settings.
func draftedList(back string) (list string, ok bool) { return strings.CutPrefix(back, mappingsBack) }

// backAt is the address of the page that a draft was made on.
func (v *visit) backAt(back string) string {
	if list, ok := draftedList(back); ok {
		return v.at("mappings", list)
	}
	return v.at("settings", back)
}

// partOf is the part of the console that a draft belongs to.
func partOf(back string) string {
	if _, ok := draftedList(back); ok {
		return "mappings"
	}
	return "settings"
}
