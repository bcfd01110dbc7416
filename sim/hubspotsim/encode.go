package hubspotsim

import (
	"encoding/json"
	"slices"
	"sort"
	"strconv"
)

// selection is which properties of a type an answer shows, by name.
type selection struct {
	defs      []*property
	history   []*property
	skipEmpty bool // answers of writes leave empty ones out, reads show null
	others    []*table
}

// selected picks properties for a read. Names that do not exist are dropped.
func (t *table) selected(names, history []string) selection {
	if len(names) == 0 {
		names = t.defaults
	}
	s := selection{defs: t.pick(names)}
	if len(history) > 0 {
		s.history = t.pickOnly(history)
		s.defs = union(s.defs, s.history)
	}
	return s
}

func (t *table) pick(names []string) []*property {
	return t.pickOnly(append([]string{t.created, t.modified, "hs_object_id"}, names...))
}

func (t *table) pickOnly(names []string) []*property {
	var out []*property
	for _, name := range names {
		if d := t.schema.find(name); d != nil {
			out = append(out, d)
		}
	}
	return union(out, nil)
}

// union sorts by name and drops what is there twice.
func union(a, b []*property) []*property {
	all := append(append([]*property(nil), a...), b...)
	sort.Slice(all, func(i, j int) bool { return all[i].name < all[j].name })
	out := all[:0]
	for i, d := range all {
		if i == 0 || all[i-1] != d {
			out = append(out, d)
		}
	}
	return out
}

// echo picks what a write answers with: everything set after a create, the
// written and the system properties after an update.
func (d *draft) echo(created bool) selection {
	if created {
		return selection{defs: d.t.schema.live(), skipEmpty: true}
	}
	names := []string{d.t.created, d.t.modified, "hs_object_id", "hs_object_source", "hs_object_source_id",
		"hs_object_source_label", "hs_is_unworked", "hs_pipeline", "lifecyclestage"}
	for _, s := range d.sets {
		names = append(names, s.d.name)
	}
	return selection{defs: d.t.pickOnly(names)}
}

// appendRecord writes one record as JSON.
func (p *Portal) appendRecord(b []byte, w view, s selection, extra string) []byte {
	b = append(b, `{"id":"`...)
	b = strconv.AppendUint(b, w.r.id, 10)
	b = append(b, `","properties":{`...)
	b = w.appendProperties(b, s)
	b = append(b, '}')
	if len(s.history) > 0 {
		b = append(b, `,"propertiesWithHistory":`...)
		b = w.appendHistory(b, s.history)
	}
	b = append(append(b, `,"createdAt":"`...), formatMS(w.createdAt())...)
	b = append(append(b, `","updatedAt":"`...), formatMS(w.v.updated)...)
	b = append(append(b, `","archived":`...), strconv.FormatBool(w.v.archived != 0)...)
	if w.v.archived != 0 {
		b = append(append(append(b, `,"archivedAt":"`...), formatMS(w.v.archived)...), '"')
	}
	if len(s.others) > 0 {
		b = p.appendAssociations(b, w, s.others)
	}
	b = append(append(append(b, `,"url":"`...), p.recordURL(w.t, w.r.id)...), '"')
	b = append(b, extra...)
	return append(b, '}')
}

func (w view) appendProperties(b []byte, s selection) []byte {
	first := true
	for _, d := range s.defs {
		text := w.of(d)
		if text == "" && s.skipEmpty {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(append(append(b, '"'), d.name...), '"', ':')
		if text == "" {
			b = append(b, "null"...)
			continue
		}
		b = appendJSON(b, text)
	}
	return b
}

type historyEntry struct {
	Value      string `json:"value"`
	Timestamp  string `json:"timestamp"`
	SourceType string `json:"sourceType"`
	SourceID   string `json:"sourceId,omitempty"`
	Label      string `json:"sourceLabel,omitempty"`
	UserID     int    `json:"updatedByUserId,omitempty"`
}

func historyItem(x past) historyEntry {
	return historyEntry{Value: x.text, Timestamp: formatMS(x.at), SourceType: x.by.source, SourceID: x.by.sourceID,
		Label: x.by.detail, UserID: x.by.userID}
}

// rollups are the properties that follow from a record's associations.
var rollups = []string{"num_associated_contacts", "num_associated_deals", "associatedcompanyid", "hs_num_open_deals", "hs_parent_company_id", "hs_num_child_companies"}

// derivedAt is when the portal last worked out a property: with the stamp, after the
// associations, or with the values that it follows from.
func (w view) derivedAt(d *property) int64 {
	at := w.r.created
	switch {
	case d.name == w.t.modified:
		return w.v.updated
	case slices.Contains(rollups, d.name):
		return max(at, w.r.rolled)
	}
	for val := range w.v.all() {
		at = max(at, val.at)
	}
	return at
}

// appendHistory writes the versions of properties, newest first.
func (w view) appendHistory(b []byte, defs []*property) []byte {
	all := map[string][]historyEntry{}
	for _, d := range defs {
		list := []historyEntry{}
		switch val, ok := w.v.find(d.id); {
		case d.derive != nil && (w.of(d) != "" || w.r.rolled != 0 && slices.Contains(rollups, d.name)):
			list = append(list, historyItem(past{w.of(d), w.derivedAt(d), calculated}))
		case ok:
			list = append(list, historyItem(past{val.text, val.at, val.by}))
			for _, x := range val.older {
				list = append(list, historyItem(x))
			}
		}
		all[d.name] = list
	}
	text, err := json.Marshal(all)
	if err != nil {
		return append(b, "{}"...)
	}
	return append(b, text...)
}

// appendAssociations writes the associations a read asked for. A primary label
// shows under the plain name, the unlabeled type with a suffix.
func (p *Portal) appendAssociations(b []byte, w view, others []*table) []byte {
	type item struct {
		ID   string `json:"id"`
		Type string `json:"type"`
	}
	type results struct {
		Results []item `json:"results"`
	}
	all := map[string]results{}
	for _, ot := range others {
		var list []item
		for _, l := range w.r.linksTo(ot.n) {
			if other := ot.records[l.to]; other == nil || !other.live() {
				continue
			}
			for _, n := range l.labels {
				list = append(list, item{formatID(l.to), p.typeName(w.t, ot, p.labels[n])})
			}
		}
		if list != nil {
			all[ot.plural] = results{list}
		}
	}
	if len(all) == 0 {
		return b
	}
	text, err := json.Marshal(all)
	if err != nil {
		return b
	}
	return append(append(b, `,"associations":`...), text...)
}

// typeName is the legacy text for an association type.
func (p *Portal) typeName(t, ot *table, l *label) string {
	base := t.singular + "_to_" + ot.singular
	switch {
	case l.plain() && !p.hasPrimary(t, ot):
		return base
	case l.plain():
		return base + "_unlabeled"
	case l.text == "Primary":
		return base
	case l.name != "":
		return l.name
	}
	return base + "_" + strconv.Itoa(l.typeID)
}

// hasPrimary says whether a pair of types knows a primary record.
func (p *Portal) hasPrimary(t, ot *table) bool {
	for _, l := range p.labelsBetween(t, ot) {
		if l.text == "Primary" {
			return true
		}
	}
	return false
}

const hexDigits = "0123456789abcdef"

// appendJSON writes a text as a JSON string without escaping HTML.
func appendJSON(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}
