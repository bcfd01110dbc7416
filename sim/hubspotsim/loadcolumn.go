package hubspotsim

import (
	"errors"
	"fmt"
	"strings"
)

// column is what a header of an export leads to.
type column struct {
	header string
	use    columnUse
	d      *property
	to     *table // of an association column
}

type columnUse int

const (
	useNothing columnUse = iota
	useValue
	useID
	useModified
	useLinks
	useOptOut
)

func (l *loader) columns(t *table, name string, head []string) ([]column, error) {
	out := make([]column, len(head))
	seen := map[string]bool{}
	for i, h := range head {
		h = strings.TrimSpace(h)
		if h == "" || seen[strings.ToLower(h)] {
			return nil, &cellError{name, 1, h, errors.New("the header is empty or there twice")}
		}
		seen[strings.ToLower(h)] = true
		out[i] = l.column(t, name, h)
	}
	return out, nil
}

func (l *loader) column(t *table, file, header string) column {
	c := column{header: header}
	switch strings.ToLower(header) {
	case "record id", "hs_object_id", "contact id", "company id", "deal id":
		c.use = useID
	case "associated company ids", "associated company id":
		c.use, c.to = useLinks, l.p.names[typeCompany]
	case "associated contact ids", "associated contact id":
		c.use, c.to = useLinks, l.p.names[typeContact]
	case "associated deal ids", "associated deal id":
		c.use, c.to = useLinks, l.p.names[typeDeal]
	case "associated company", "associated contact", "associated deal", "associated companies", "associated contacts", "associated deals":
		l.note("%s: column %q left out, the ids count", file, header)
	case "last modified date", t.modified:
		c.use = useModified
	default:
		c.d = t.byHeader(header)
		if c.d == nil {
			c.d = l.invent(t, file, header)
		}
		c.use = useValue
		if c.d.name == optOutProperty {
			c.use = useOptOut
			return c
		}
		if !c.d.writable() && c.d.name != additionalEmails {
			c.use = useNothing
			l.note("%s: column %q left out, HubSpot works the value out", file, header)
		}
	}
	return c
}

// byHeader finds a property by internal name or label, in any case.
func (t *table) byHeader(header string) *property {
	if d := t.schema.find(strings.ToLower(header)); d != nil {
		return d
	}
	for _, d := range t.schema.list {
		if d.archived == 0 && strings.EqualFold(d.label, header) {
			return d
		}
	}
	return nil
}

// invent makes a text property for a column of the user's own.
func (l *loader) invent(t *table, file, header string) *property {
	slug := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, strings.ToLower(header)), "_")
	if slug == "" || slug[0] < 'a' {
		slug = "p_" + slug
	}
	base := slug
	for n := 2; t.schema.byName[slug] != nil; n++ {
		slug = fmt.Sprintf("%s_%d", base, n)
	}
	l.note("%s: column %q became the text property %s", file, header, slug)
	at := l.p.nowMS()
	return t.schema.add(&property{name: slug, label: header, kind: typeString, field: "text", group: t.schema.groups[0].Name,
		order: -1, formField: true, sensitivity: notSensitive, created: at, updated: at})
}
