package hubspotsim

import (
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strings"
)

// setting is a checked value that a write is to store.
type setting struct {
	d    *property
	text string
}

// draft is a checked write of one record that has not happened yet. It is good
// only while the portal's lock is held.
type draft struct {
	t     *table
	r     *record // nil for a create
	by    *actor
	sets  []setting // by property id
	links []wish
}

// check validates property values for a create (r nil) or an update.
func (p *Portal) check(t *table, r *record, by *actor, props map[string]string) (*draft, *apiError) {
	d := &draft{t: t, r: r, by: by}
	var problems []propError
	for _, name := range sortedKeys(props) {
		if e := p.checkOne(d, name, props[name]); e != nil {
			problems = append(problems, *e)
		}
	}
	if len(problems) > 0 {
		return nil, p.badProperties(problems)
	}
	sort.Slice(d.sets, func(i, j int) bool { return d.sets[i].d.id < d.sets[j].d.id })
	if e := p.applyRules(d); e != nil {
		return nil, e
	}
	if e := p.checkUnique(d); e != nil {
		return nil, e
	}
	return d, nil
}

func (p *Portal) checkOne(d *draft, name, raw string) *propError {
	def := d.t.schema.find(name)
	if def == nil {
		return &propError{fmt.Sprintf("Property %q does not exist", name), "PROPERTY_DOESNT_EXIST", name}
	}
	if !d.mayWrite(def) {
		return readOnly(def)
	}
	text, e := p.normalise(def, raw, d.old(def))
	if e == nil && def.name == "email" && !d.by.person && p.blocked(text) {
		e = &propError{"Email address " + text + " belongs to a contact that was deleted for privacy and is on the block list", "INVALID_EMAIL", name}
	}
	if e != nil {
		return e
	}
	if def.name == "associatedcompanyid" {
		return p.wishPrimaryCompany(d, text)
	}
	d.sets = append(d.sets, setting{def, text})
	return nil
}

// mayWrite: people may keep further addresses of a contact, and only a new
// record takes a creation stamp.
func (d *draft) mayWrite(def *property) bool {
	switch {
	case d.by.system:
		return true
	case def.name == "createdate":
		return d.r == nil
	case def.name == additionalEmails:
		return d.by.person
	}
	return def.writable()
}

func readOnly(d *property) *propError {
	kind := "is a read only property"
	if d.calculated {
		kind = "is a calculated property"
	}
	return &propError{fmt.Sprintf("%q %s; its value cannot be set", d.name, kind), "READ_ONLY_VALUE", d.name}
}

func (d *draft) old(def *property) string {
	if d.r == nil {
		return ""
	}
	return d.r.cur.text(def.id)
}

// get is the value of a property after the draft.
func (d *draft) get(name string) string {
	def := d.t.schema.find(name)
	if def == nil {
		return ""
	}
	if s := d.set(name); s != nil {
		return s.text
	}
	return d.old(def)
}

func (d *draft) set(name string) *setting {
	for i := range d.sets {
		if d.sets[i].d.name == name {
			return &d.sets[i]
		}
	}
	return nil
}

// put sets a value that the portal itself adds to the write.
func (d *draft) put(name, text string) {
	if s := d.set(name); s != nil {
		s.text = text
		return
	}
	def := d.t.schema.find(name)
	if def == nil {
		return
	}
	i := sort.Search(len(d.sets), func(i int) bool { return d.sets[i].d.id > def.id })
	d.sets = append(d.sets, setting{})
	copy(d.sets[i+1:], d.sets[i:])
	d.sets[i] = setting{def, text}
}

func (d *draft) drop(name string) {
	for i := range d.sets {
		if d.sets[i].d.name == name {
			d.sets = append(d.sets[:i], d.sets[i+1:]...)
			return
		}
	}
}

// applyRules does what the portal does with any write of these types.
func (p *Portal) applyRules(d *draft) *apiError {
	if e := d.checkRequired(p.readings.needNames); e != nil {
		return e
	}
	if e := p.applyPipeline(d); e != nil {
		return e
	}
	switch d.t.id {
	case typeContact:
		d.swapAddress()
	case typeTask:
		p.applyTask(d)
	case typeItem:
		if e := p.applyItem(d); e != nil {
			return e
		}
	}
	if p.readings.websitesSet {
		d.setWebsite()
	}
	if d.t.id == typeContact || d.t.id == typeCompany {
		p.applyLifecycle(d)
	}
	return nil
}

// swapAddress: where a contact's further address becomes its primary one, the
// former primary takes its place.
func (d *draft) swapAddress() {
	s := d.set("email")
	further := splitList(d.get(additionalEmails))
	if s == nil || s.text == "" || !contains(further, s.text) {
		return
	}
	former := d.old(s.d)
	if former == s.text || contains(further, former) {
		former = ""
	}
	for i, email := range further {
		if email == s.text {
			further[i] = former
		}
	}
	further = slices.DeleteFunc(further, func(email string) bool { return email == "" })
	d.put(additionalEmails, strings.Join(further, ";"))
}

// checkRequired holds a new record to what its type needs; contacts need a name or an
// address in portals that say so.
func (d *draft) checkRequired(needNames bool) *apiError {
	if d.r != nil {
		return nil
	}
	var missing []string
	required := d.t.required
	if d.t.id == typeContact && needNames {
		required = [][]string{{"email", "firstname", "lastname"}}
	}
	for _, anyOf := range required {
		if !d.hasAny(anyOf) {
			missing = append(missing, strings.Join(anyOf, " or "))
		}
	}
	if missing == nil || d.by.system {
		return nil
	}
	e := invalid("Error creating " + strings.ToUpper(d.t.singular) + ". Some required properties were not set.")
	e.Errors = []errorDetail{{Message: e.Message, Context: map[string][]string{"properties": missing}}}
	return e
}

func (d *draft) hasAny(names []string) bool {
	for _, name := range names {
		if d.get(name) != "" {
			return true
		}
	}
	return false
}

// lifecycleRank orders the stages; a write never moves backwards.
var lifecycleRank = map[string]int{"subscriber": 1, "lead": 2, "marketingqualifiedlead": 3, "salesqualifiedlead": 4,
	"opportunity": 5, "customer": 6, "evangelist": 7, "other": 8}

func (p *Portal) applyLifecycle(d *draft) {
	const name = "lifecyclestage"
	s := d.set(name)
	if s == nil && d.r == nil {
		d.put(name, "lead")
		s = d.set(name)
	}
	if s == nil || s.text == "" {
		return
	}
	old := d.old(s.d)
	if old != "" && lifecycleRank[s.text] < lifecycleRank[old] {
		d.drop(name)
		return
	}
	if s.text != old {
		d.put("hs_lifecyclestage_"+s.text+"_date", fmt.Sprint(p.nowMS()))
	}
}

// checkUnique refuses an address or key that another live record holds.
func (p *Portal) checkUnique(d *draft) *apiError {
	for _, s := range d.sets {
		if s.text == "" {
			continue
		}
		for _, key := range uniqueKeys(d.t, s) {
			holder, taken := d.t.holder(s.d, key)
			if !taken || d.r != nil && holder == d.r.id {
				continue
			}
			return p.conflict(d, s, holder)
		}
	}
	return nil
}

func uniqueKeys(t *table, s setting) []string {
	switch {
	case t.id == typeContact && s.d.name == "email" && s.d.vendor:
		return []string{s.text}
	case t.id == typeContact && s.d.name == additionalEmails:
		return splitList(strings.ToLower(s.text))
	case s.d.unique:
		return []string{strings.ToLower(s.text)}
	}
	return nil
}

const additionalEmails = "hs_additional_emails"

// holder finds who has a unique key. Contacts share one space of addresses.
func (t *table) holder(d *property, key string) (uint64, bool) {
	if d.unique {
		id, ok := t.unique[d.id][key]
		return id, ok
	}
	id, ok := t.emails[key]
	return id, ok
}

func (p *Portal) conflict(d *draft, s setting, holder uint64) *apiError {
	if !s.d.unique || !p.uniqueAsValidation {
		return alreadyExists(d.t, holder)
	}
	message := fmt.Sprintf("Cannot set PropertyValueCoordinates{portalId=%s, objectTypeId=%s, propertyName=%s, value=%s}. %d already has that value.",
		p.portalID, d.t.id, s.d.name, s.text, holder)
	e := p.badProperties([]propError{{message, "CONFLICTING_UNIQUE_VALUE", s.d.name}})
	e.Status = http.StatusBadRequest
	return e
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
