package hubspot

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// maxText is the longest text a property holds, in characters (properties guide).
const maxText = 65536

// probability is a deal's by its stage, 0 to 1 as the pipelines guide has it; its
// definition does not say so.
const probability = "hs_deal_stage_probability"

type wireProperties struct {
	Results []wireProperty `json:"results"`
}

func (w *wireProperties) whole() bool { return w.Results != nil }

// wireProperty is a property definition, as read and as created.
type wireProperty struct {
	Name        string       `json:"name"`
	Label       string       `json:"label"`
	Type        string       `json:"type"`
	FieldType   string       `json:"fieldType"`
	Description string       `json:"description,omitempty"`
	Group       string       `json:"groupName"`
	Options     []wireOption `json:"options,omitempty"`
	Unique      bool         `json:"hasUniqueValue"`
	Calculated  bool         `json:"calculated,omitempty"`
	External    bool         `json:"externalOptions,omitempty"`
	Defined     bool         `json:"hubspotDefined,omitempty"`
	Referenced  string       `json:"referencedObjectType,omitempty"`
	Form        bool         `json:"formField"`
	Modify      *wireModify  `json:"modificationMetadata,omitempty"`
	Created     string       `json:"createdAt,omitempty"`
	Shown       string       `json:"numberDisplayHint,omitempty"`
	Currency    bool         `json:"showCurrencySymbol,omitempty"`
}

type wireModify struct {
	ReadOnlyValue bool `json:"readOnlyValue"`
}

type wireOption struct {
	Label string `json:"label"`
	Value string `json:"value"`
	Order int    `json:"displayOrder"`
}

// Describe is the object's properties. What the token may do with the object is
// told by its scopes, where the portal tells those.
func (c *Client) Describe(ctx context.Context, object core.Object) (connector.Schema, error) {
	fields, err := c.fields(ctx, object)
	if err != nil {
		return connector.Schema{}, err
	}
	t := typeOf(object)
	scopes := c.knownApp(ctx).scopes
	may := func(verb string) bool { return scopes == nil || slices.Contains(scopes, objectScope(object, verb)) }
	s := connector.Schema{Object: object, Label: strings.ToUpper(t.singular[:1]) + t.singular[1:], Fields: fields, UniqueName: t.label,
		Queryable: may("read"), Creatable: may("write"), Updatable: may("write"), Deletable: may("write")}
	if isCustom(object) {
		err = c.custom(ctx, &s)
	}
	return s, err
}

// objectScope is the scope that opens an object (scopes guide): activities ride
// on contacts, tickets have one scope for all.
func objectScope(object core.Object, verb string) string {
	switch object {
	case "tickets":
		return "tickets"
	case "tasks", "notes", "calls", "meetings", "emails":
		object = core.Contacts
	case core.Contacts, core.Companies, "deals", "products", "line_items":
	default:
		object = "custom"
	}
	return "crm.objects." + string(object) + "." + verb
}

func (c *Client) fields(ctx context.Context, object core.Object) ([]connector.Field, error) {
	var w wireProperties
	if _, err := c.call(ctx, request{method: http.MethodGet, path: propertiesPath(object)}, &w); err != nil {
		return nil, err
	}
	fields := make([]connector.Field, 0, len(w.Results))
	for i := range w.Results {
		f := w.Results[i].field()
		f.Required = slices.Contains(requiredOf[object], f.Name)
		fields = append(fields, f)
	}
	slices.SortFunc(fields, func(a, b connector.Field) int { return strings.Compare(a.Name, b.Name) })
	return fields, nil
}

// requiredOf are the properties that a create must bring (deals and tickets guides); no schema tells
// them. Those of which one of several will do are in no list.
var requiredOf = map[core.Object][]string{core.Deals: {"dealname", "dealstage"}, core.Tickets: {"subject", "hs_pipeline_stage"}}

func propertiesPath(object core.Object, rest ...string) string {
	return pathOf("/crm/v3/properties", append([]string{string(object)}, rest...)...)
}

func (p *wireProperty) field() connector.Field {
	writable := !p.Calculated && (p.Modify == nil || !p.Modify.ReadOnlyValue)
	f := connector.Field{Name: p.Name, Label: p.Label, Type: p.Type, FieldType: p.FieldType, Creatable: writable, Updatable: writable,
		Calculated: p.Calculated, Unique: p.Unique, Custom: !p.Defined, Restricted: p.Type == "enumeration" && !p.External}
	f.Rich, f.Share = p.FieldType == "html", p.Type == "number" && (p.Shown == "percentage" || p.Name == probability)
	f.Money = p.Type == "number" && (p.Currency || p.Shown == "currency")
	if f.Custom {
		f.Created = p.Created
	}
	if p.Type == "string" {
		f.Length = maxText
	}
	if p.Referenced != "" {
		f.References = []core.Object{core.Object(p.Referenced)}
	}
	for _, o := range p.Options { // a hidden option is still a valid value
		f.Options = append(f.Options, connector.Option{Value: o.Value, Label: o.Label, Active: true})
	}
	return f
}

// specTypes are the property types of FieldSpec types.
var specTypes = map[string]struct{ kind, fieldType string }{
	"text":     {"string", "text"},
	"datetime": {"datetime", "date"},
	"bool":     {"bool", "booleancheckbox"},
	"choices":  {"enumeration", "checkbox"},
}

// Ensure creates the missing properties and their groups. Uniqueness can only
// be given at creation (properties guide), so a property that stands without it
// is a conflict for a person.
func (c *Client) Ensure(ctx context.Context, object core.Object, specs []connector.FieldSpec) ([]connector.FieldResult, error) {
	fields, err := c.fields(ctx, object)
	if err != nil {
		return nil, err
	}
	out := make([]connector.FieldResult, 0, len(specs))
	stand := groups{}
	for _, spec := range specs {
		result, err := c.ensureField(ctx, object, spec, fields, stand)
		if err != nil {
			return nil, err
		}
		out = append(out, result)
	}
	return out, nil
}

func (c *Client) ensureField(ctx context.Context, object core.Object, spec connector.FieldSpec, fields []connector.Field, stand groups) (connector.FieldResult, error) {
	if _, known := specTypes[spec.Type]; !known {
		return connector.FieldResult{}, unsupported(fmt.Sprintf("ensure hubspot property %s: no type %q", spec.Name, spec.Type))
	}
	if i := slices.IndexFunc(fields, func(f connector.Field) bool { return f.Name == spec.Name }); i >= 0 {
		return compare(spec, fields[i]), nil
	}
	err := c.createField(ctx, object, spec, stand)
	switch class := connector.ClassOf(err); {
	case err == nil:
		return connector.FieldResult{Name: spec.Name, State: "created"}, nil
	case class == core.ClassTransient || class == core.ClassQuota || class == core.ClassNone:
		return connector.FieldResult{}, err
	}
	return connector.FieldResult{Name: spec.Name, State: "missing",
		Message: fmt.Sprintf("create the %s property %q (%s%s) in HubSpot, or %s. HubSpot said: %s", object, spec.Name,
			specTypes[spec.Type].kind, uniqueWord(spec), mendOf(err, "mend what it says"), err)}, nil
}

func uniqueWord(spec connector.FieldSpec) string {
	if spec.Unique {
		return ", unique values"
	}
	return ""
}

// compare checks a property that stands.
func compare(spec connector.FieldSpec, f connector.Field) connector.FieldResult {
	result := connector.FieldResult{Name: spec.Name, State: "present"}
	switch {
	case f.Type != specTypes[spec.Type].kind:
		result.State = "conflict"
		result.Message = fmt.Sprintf("the HubSpot property %q is of type %s, not %s: delete or rename it", f.Name, f.Type, specTypes[spec.Type].kind)
	case spec.Unique && !f.Unique:
		result.State = "conflict"
		result.Message = fmt.Sprintf("the HubSpot property %q does not require unique values, which only a new property can: delete it", f.Name)
	case !f.Updatable:
		result.State = "conflict"
		result.Message = fmt.Sprintf("the HubSpot property %q is read only: delete it", f.Name)
	}
	return result
}

func (c *Client) createField(ctx context.Context, object core.Object, spec connector.FieldSpec, stand groups) error {
	if !stand[spec.Group] {
		if err := c.ensureGroup(ctx, object, spec.Group); err != nil {
			return err
		}
		stand[spec.Group] = true
	}
	kind := specTypes[spec.Type]
	p := wireProperty{Name: spec.Name, Label: spec.Label, Type: kind.kind, FieldType: kind.fieldType, Description: spec.Description,
		Group: spec.Group, Unique: spec.Unique}
	if spec.Type == "bool" {
		p.Options = []wireOption{{"Yes", "true", 0}, {"No", "false", 1}}
	}
	_, err := c.call(ctx, request{method: http.MethodPost, path: propertiesPath(object), body: p}, nil)
	return err
}

// groups are the property groups of an object that are known to stand.
type groups map[string]bool

func (c *Client) ensureGroup(ctx context.Context, object core.Object, group string) error {
	_, err := c.call(ctx, request{method: http.MethodGet, path: propertiesPath(object, "groups", group)}, nil)
	if connector.ClassOf(err) != core.ClassGone {
		return err
	}
	_, err = c.call(ctx, request{method: http.MethodPost, path: propertiesPath(object, "groups"),
		body: map[string]any{"name": group, "label": groupLabel(group), "displayOrder": -1}}, nil)
	return err
}

// groupLabel makes "salesforce_information" readable.
func groupLabel(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '_' || r == '-' })
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}

func mendOf(err error, otherwise string) string {
	if e := asError(err); e != nil && e.Mend != "" {
		return e.Mend
	}
	return otherwise
}
