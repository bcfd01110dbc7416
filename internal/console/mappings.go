package console

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/mapping"
	"tandem/internal/store"
)

// mappings is the page of one list of mappings.
type mappings struct {
	mapped
	rows    []mappingRow
	chosen  []mappingRow // those of rows that the page was asked for
	q, show string
	saved   *savedSettings
}

// mapped is a list of mappings as one version of the settings has it, with the fields of
// both sides where these can be reached.
type mapped struct {
	list     config.MappingList
	lists    []config.MappingList
	base     settled
	all      []config.Mapping
	proposed bool // the settings name none, and these count
	sheet    conn.FieldSheet
	trouble  *Trouble // why the fields are not known, nil where they are
}

// mappingRow is one mapping with what is known of its fields.
type mappingRow struct {
	config.Mapping
	fields   [2]*mapping.FieldDef // nil for one that its side does not show
	only     core.Object          // that alone has the Salesforce field, of several; blank else
	problems []mapping.Problem
}

// names are the fields that a mapping joins, by side.
func names(m config.Mapping) [2]string { return [2]string{m.Salesforce, m.HubSpot} }

// mappedAt gives the page's list at a version of the settings; 0 for the newest.
func (c *Console) mappedAt(v *visit, version int64) (m mapped, err error) {
	if m.base, err = c.settledAt(v, version); err != nil {
		return m, err
	}
	m.lists = m.base.settings.MappingLists()
	name := cmp.Or(v.r.PathValue("list"), m.lists[0].Name)
	var ok bool
	if m.list, ok = m.base.settings.MappingList(name); !ok {
		return m, notFound("There is no list of mappings named " + name + ".")
	}
	m.all, m.proposed = conn.ListedMappings(m.base.settings, m.list)
	return m, nil
}

// look fills in the fields of both sides and what is wrong with the list, as it is now or
// would be. Where a side cannot be reached the page shows the names alone.
func (m *mapped) look(c *Console, v *visit, of [2]string) error {
	o, err := m.asked(v, of)
	if err != nil {
		return err
	}
	if err = c.Do(v.r.Context(), "field sheet", o, &m.sheet); err != nil {
		if t := c.Tell(err); t.Code != "failed" {
			m.trouble = &t
			return nil
		}
	}
	return err
}

// asked is a command about the list as it is now or would be, and a mapping of it.
func (m *mapped) asked(v *visit, of [2]string) (Order, error) {
	o := v.order()
	next, err := config.Remapped(m.base.settings, m.list.Name, m.all)
	if err != nil {
		return o, err
	}
	text, err := config.Export(next)
	o.Settings, o.List, o.Fields = string(text), m.list.Name, of
	return o, err
}

// row has what is known of a mapping's fields.
func (m *mapped) row(one config.Mapping) mappingRow {
	r := mappingRow{Mapping: one, only: m.sheet.Only[one.Salesforce]}
	for _, side := range core.Sides {
		if i := slices.IndexFunc(m.sheet.Fields[side], func(d mapping.FieldDef) bool { return d.Name == names(one)[side] }); i >= 0 {
			r.fields[side] = &m.sheet.Fields[side][i]
		}
	}
	for _, p := range m.sheet.Problems {
		if p.Salesforce == one.Salesforce && p.HubSpot == one.HubSpot {
			r.problems = append(r.problems, p)
		}
	}
	return r
}

// mend is what keeps the mapping from working, nil where it works.
func (r *mappingRow) mend() *mapping.Problem {
	if i := slices.IndexFunc(r.problems, func(p mapping.Problem) bool { return p.Severity == mapping.Error }); i >= 0 {
		return &r.problems[i]
	}
	return nil
}

// label is what people call the field of a side, its name where that is not known.
func (r *mappingRow) label(side core.Side) string {
	if d := r.fields[side]; d != nil {
		return cmp.Or(d.Label, d.Name)
	}
	return names(r.Mapping)[side]
}

func (c *Console) mappingsPage(v *visit) error {
	m, err := c.mappedAt(v, 0)
	if err != nil {
		return err
	}
	if err := m.look(c, v, [2]string{}); err != nil {
		return err
	}
	q := v.r.URL.Query()
	p := mappings{mapped: m, q: strings.TrimSpace(q.Get("q")), show: q.Get("show")}
	for _, one := range m.all {
		r := m.row(one)
		p.rows = append(p.rows, r)
		if p.asksFor(&r) {
			p.chosen = append(p.chosen, r)
		}
	}
	if p.saved, err = c.savedOf(v); err != nil {
		return err
	}
	return v.show(mappingsView(v, p))
}

// asksFor reports that the page was asked for a mapping: by a part of a name or label, and
// by its rule or that something is wrong with it.
func (p *mappings) asksFor(r *mappingRow) bool {
	switch {
	case p.show == "problems" && len(r.problems) == 0:
		return false
	case p.show != "" && p.show != "problems" && ruleOf(r.Mapping).String() != p.show:
		return false
	}
	q := strings.ToLower(p.q)
	return slices.ContainsFunc([]string{r.Salesforce, r.HubSpot, r.label(core.Salesforce), r.label(core.HubSpot)}, func(s string) bool {
		return strings.Contains(strings.ToLower(s), q)
	})
}

// ruleOf is the rule of a mapping, also where the settings leave it out.
func ruleOf(m config.Mapping) core.Rule { return conn.FieldMaps([]config.Mapping{m}, nil)[0].Rule }

// choosableRules are the sync rules in the order in which they are offered.
var choosableRules = []core.Rule{core.PreferSalesforce, core.AlwaysSalesforce, core.TwoWay, core.DontSync}

// syncRuleWords are what a sync rule is called and what it does.
func syncRuleWords(r core.Rule) (name, does string) {
	switch r {
	case core.AlwaysSalesforce:
		return "Always use Salesforce", "A value in Salesforce overwrites HubSpot's, and clearing it there clears it in HubSpot. HubSpot never writes to Salesforce, not even where it is blank there."
	case core.TwoWay:
		return "Two-way", "The latest change wins, whichever side made it. Clearing the value on one side clears it on the other."
	case core.DontSync:
		return "Don't sync", "Nothing passes in either direction, neither values nor that one was cleared."
	}
	return "Prefer Salesforce unless blank", "A value in Salesforce overwrites HubSpot's, and clearing it there clears it in HubSpot. HubSpot fills Salesforce only where that is blank."
}

func syncRuleName(r core.Rule) string { name, _ := syncRuleWords(r); return name }

// listWords are what the records of a list of mappings are called.
func listWords(l config.MappingList) string {
	if l.Pair != core.ActivityPair {
		return pairWords(l.Pair)
	}
	word := l.Objects[core.HubSpot][0].Word() + "s"
	return strings.ToUpper(word[:1]) + word[1:]
}

// mappingAt is the address of the page of a mapping.
func (v *visit) mappingAt(list string, m [2]string) string {
	q := make(map[string][]string, 2)
	for _, side := range core.Sides {
		q[side.String()] = []string{m[side]}
	}
	return v.at("mappings", list, "one") + query(q)
}

// mayMap reports that who visits may change mappings.
func (v *visit) mayMap() bool { return v.may(store.Admin) }

// wrongForm is a refusal of what was filled in, and nil for any other error.
func wrongForm(err error) *Trouble {
	var wrong *config.Error
	var no *refusal
	switch {
	case errors.As(err, &wrong):
		return &Trouble{Code: "settings", Message: wrong.Message, Mend: wrong.Mend}
	case errors.As(err, &no):
		return &no.Trouble
	}
	return nil
}
