package salesforce

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// hiddenFor is how long a field that a query refused stays out of queries
// without another look; a new description ends it at once.
const hiddenFor = 10 * time.Minute

// schemas remembers what was described.
type schemas struct {
	mu      sync.Mutex
	entries map[core.Object]*described
	grants  grants
}

type described struct {
	schema connector.Schema
	types  map[string]string // field type by lower-case name
	hidden map[string]bool   // lower-case names that queries asked for in vain
	looked time.Time
}

func (s *schemas) get(object core.Object) *described {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.entries[object]
}

func (s *schemas) put(object core.Object, d *described) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.entries == nil {
		s.entries = map[core.Object]*described{}
	}
	s.entries[object] = d
}

// Describe is the object's schema as the integration user sees it. That of products has
// their prices besides.
func (c *Client) Describe(ctx context.Context, object core.Object) (connector.Schema, error) {
	s, err := c.describeOwn(ctx, object)
	if err == nil && object == core.Product {
		return c.withPrices(ctx, s)
	}
	return s, err
}

func (c *Client) describeOwn(ctx context.Context, object core.Object) (connector.Schema, error) {
	d, err := c.describe(ctx, object, c.schemas.get(object))
	if err != nil {
		return connector.Schema{}, err
	}
	return d.schema, nil
}

// describe asks for the schema, and not whether it has changed: a changed right need not
// change the object's own date, which counts whole seconds. Where it is as it was known,
// what the user may see is not asked again; with nil it is.
func (c *Client) describe(ctx context.Context, object core.Object, known *described) (*described, error) {
	var raw describeAnswer
	if _, err := c.json(ctx, call{method: http.MethodGet, path: c.data("/sobjects/%s/describe", object)}, &raw); err != nil {
		return nil, notFoundObject(err, object)
	}
	d := &described{schema: schemaOf(object, raw), types: map[string]string{}, looked: c.cfg.Now()}
	for _, f := range raw.Fields {
		d.types[strings.ToLower(f.Name)] = f.Type
	}
	if err := c.setViewAll(ctx, d, known); err != nil {
		return nil, err
	}
	c.schemas.put(object, d)
	return d, nil
}

func (c *Client) setViewAll(ctx context.Context, d, known *described) (err error) {
	if known != nil {
		d.schema.ViewAll = known.schema.ViewAll
		if reflect.DeepEqual(d.schema, known.schema) {
			return nil
		}
	}
	d.schema.ViewAll, err = c.viewAll(ctx, d.schema.Object)
	return err
}

// notFoundObject makes of a missing resource what it means here: an object that
// is not there or not visible.
func notFoundObject(err error, object core.Object) error {
	var e *connector.Error
	if errors.As(err, &e) && e.Class == core.ClassGone {
		e.Class = core.ClassSchema
		e.Mend = "the object " + string(object) + " does not exist or the integration user may not see it"
	}
	return err
}

// refusedForGood reports an answer that says no and will say so again.
func refusedForGood(err error) bool {
	switch connector.ClassOf(err) {
	case core.ClassRejected, core.ClassSchema, core.ClassGone:
		return true
	}
	return false
}

func schemaOf(object core.Object, raw describeAnswer) connector.Schema {
	s := connector.Schema{Object: object, Label: raw.Label, Creatable: raw.Createable, Updatable: raw.Updateable,
		Deletable: raw.Deletable, Queryable: raw.Queryable, Prefix: raw.Prefix, Fields: make([]connector.Field, 0, len(raw.Fields))}
	for _, f := range raw.Fields {
		s.Fields = append(s.Fields, fieldOf(f))
		if f.NameField && s.UniqueName == "" {
			s.UniqueName = f.Name
		}
	}
	return s
}

func fieldOf(f describeField) connector.Field {
	out := connector.Field{Name: f.Name, Label: f.Label, Type: f.Type, Length: f.Length, Precision: f.Precision, Scale: f.Scale,
		Required:  f.Createable && !f.Nillable && !f.DefaultedOnCreate && f.Type != "boolean",
		Creatable: f.Createable, Updatable: f.Updateable, Calculated: f.Calculated || f.AutoNumber,
		Unique: f.Unique, ExternalID: f.ExternalID, Restricted: f.Restricted, Rich: f.HTML && f.Type == "textarea", Money: f.Type == "currency", Custom: f.Custom, Cascade: f.Cascade}
	for _, o := range f.Picklist {
		out.Options = append(out.Options, connector.Option{Value: o.Value, Label: o.Label, Active: o.Active})
		if o.Default && o.Active {
			out.Default = o.Value
		}
	}
	if out.Default == "" {
		out.Default, out.Computed = defaultOf(f), f.DefaultFormula != ""
	}
	for _, r := range f.ReferenceTo {
		out.References = append(out.References, core.Object(r))
	}
	return out
}

// defaultOf is what describe says of a new record's value, blank for none. An unticked box is
// no value that anybody gives.
func defaultOf(f describeField) string {
	switch v := f.DefaultValue.(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		if v {
			return "true"
		}
	}
	return ""
}

// fieldTypes are the types of the object's fields by lower-case name, asked
// once.
func (c *Client) fieldTypes(ctx context.Context, object core.Object) (map[string]string, error) {
	if d := c.schemas.get(object); d != nil {
		return d.types, nil
	}
	d, err := c.describe(ctx, object, nil)
	if err != nil {
		return nil, err
	}
	return d.types, nil
}

// visible runs a query with the given fields. When it is refused because of a
// field, the object is described anew and the query runs once more without the
// fields that are hidden: they are then absent from the values, not blank.
func (c *Client) visible(ctx context.Context, object core.Object, fields []string, run func(fields []string) error) error {
	fields = c.unhidden(object, fields)
	err := run(fields)
	if !blamesField(err) {
		return err
	}
	hidden, derr := c.lookForHidden(ctx, object, fields)
	if derr != nil {
		return derr
	}
	if len(hidden) == 0 {
		return err
	}
	return run(without(fields, hidden))
}

// unhidden are the fields without those that are known to be hidden.
func (c *Client) unhidden(object core.Object, fields []string) []string {
	if d := c.lately(object); d != nil {
		return without(fields, d.hidden)
	}
	return fields
}

// lately is what was described so short a time ago that its hidden fields hold.
func (c *Client) lately(object core.Object) *described {
	if d := c.schemas.get(object); d != nil && c.cfg.Now().Sub(d.looked) < hiddenFor {
		return d
	}
	return nil
}

func blamesField(err error) bool {
	var e *connector.Error
	return errors.As(err, &e) && e.Class == core.ClassSchema && (e.Code == "INVALID_FIELD" || len(e.Fields) > 0)
}

// lookForHidden finds which fields the user does not see now and remembers
// them. A path through a parent counts as hidden when its reference is.
func (c *Client) lookForHidden(ctx context.Context, object core.Object, fields []string) (map[string]bool, error) {
	d, err := c.describe(ctx, object, nil)
	if err != nil {
		return nil, err
	}
	hidden := map[string]bool{}
	for _, f := range fields {
		head, _, dotted := strings.Cut(strings.ToLower(f), ".")
		if dotted {
			_, standard := d.types[head+"id"]
			_, custom := d.types[strings.TrimSuffix(head, "__r")+"__c"]
			if standard || custom {
				continue
			}
		} else if _, seen := d.types[head]; seen {
			continue
		}
		hidden[strings.ToLower(f)] = true
	}
	c.schemas.put(object, &described{schema: d.schema, types: d.types, hidden: hidden, looked: c.cfg.Now()})
	return hidden, nil
}
