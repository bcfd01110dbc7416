package salesforce

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/avro"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// errUndecodable marks events and schemas that cannot be read.
var errUndecodable = errors.New("undecodable event schema")

// eventSchema is the parsed schema of one object's change events. Bitmaps count
// its top-level fields, the header being the first.
type eventSchema struct {
	avro   *avro.Schema
	object core.Object
	fields []eventField
}

// eventField is a top-level field; parts are the fields of a compound one.
type eventField struct {
	name  string
	doc   string
	parts []eventField
}

func parseSchema(text string) (*eventSchema, error) {
	s, err := avro.Parse(text)
	if err != nil {
		return nil, err
	}
	root := s.Root()
	out := &eventSchema{avro: s, object: entityOf(root.Name)}
	for _, f := range root.ExpandReferences().Fields {
		out.fields = append(out.fields, eventField{name: f.Name, doc: f.Doc, parts: partsOf(f.Type)})
	}
	if len(out.fields) == 0 || out.fields[0].name != "ChangeEventHeader" {
		return nil, errors.New("it does not begin with a change event header")
	}
	return out, nil
}

// partsOf are the fields of the record in a nullable compound.
func partsOf(t avro.SchemaNode) []eventField {
	var out []eventField
	for _, branch := range append([]avro.SchemaNode{t}, t.Branches...) {
		for _, f := range branch.Fields {
			out = append(out, eventField{name: f.Name, doc: f.Doc})
		}
	}
	return out
}

// changeEvent is a decoded change event.
type changeEvent struct {
	object  core.Object
	ids     []string
	kind    string
	origin  string
	at      time.Time
	changed map[string]string // nil where the event does not say
}

// decode reads a payload by the schema it was written with.
func (s *eventSchema) decode(payload []byte) (changeEvent, error) {
	var body any
	if rest, err := s.avro.Decode(payload, &body); err != nil || len(rest) > 0 {
		return changeEvent{}, fmt.Errorf("decode change event: %w", errors.Join(err, errUndecodable))
	}
	values, _ := body.(map[string]any)
	header, ok := values["ChangeEventHeader"].(map[string]any)
	if !ok {
		return changeEvent{}, errUndecodable
	}
	e := changeEvent{object: core.Object(str(header["entityName"])), ids: strs(header["recordIds"]), kind: str(header["changeType"]),
		origin: str(header["changeOrigin"]), at: time.UnixMilli(whole(header["commitTimestamp"])).UTC()}
	e.changed = s.changedValues(e.kind, header, values)
	return e, nil
}

// changedValues are the new values that an event tells: all that are set for a
// new record, the fields of the bitmap for a changed one. A long text may come
// as a difference, which says too little.
func (s *eventSchema) changedValues(kind string, header, values map[string]any) map[string]string {
	switch kind {
	case "CREATE", "UNDELETE":
		return s.allValues(values)
	case "UPDATE":
		if len(strs(header["diffFields"])) > 0 {
			return nil
		}
		return s.bitmapValues(strs(header["changedFields"]), values)
	}
	return nil
}

func (s *eventSchema) allValues(values map[string]any) map[string]string {
	out := map[string]string{}
	for _, f := range s.fields[1:] {
		v := values[f.name]
		parts, compound := v.(map[string]any)
		switch {
		case v == nil:
		case !compound:
			out[f.name] = wireText(f.doc, v)
		default:
			for _, p := range f.parts {
				if parts[p.name] != nil {
					out[apiName(f.name, p.name)] = wireText(p.doc, parts[p.name])
				}
			}
		}
	}
	return out
}

// bitmapValues are the values of the fields that a changedFields list marks;
// nil when the list does not fit the schema.
func (s *eventSchema) bitmapValues(bitmaps []string, values map[string]any) map[string]string {
	out := map[string]string{}
	for _, b := range bitmaps {
		parent, bits, nested := strings.Cut(b, "-")
		if !nested {
			bits = b
		}
		marked, err := setBits(bits)
		if err != nil {
			return nil
		}
		at, fields, from := "", s.fields, values
		if nested {
			i, err := strconv.Atoi(parent)
			if err != nil || i < 0 || i >= len(s.fields) {
				return nil
			}
			at, fields = s.fields[i].name, s.fields[i].parts
			from, _ = values[at].(map[string]any)
		}
		if !mark(at, fields, marked, from, out) {
			return nil
		}
	}
	return out
}

// mark adds the marked fields; false when there are fewer fields than marks. A
// compound marked as a whole stands for all its parts.
func mark(parent string, fields []eventField, marked []int, values map[string]any, out map[string]string) bool {
	for _, i := range marked {
		if i >= len(fields) {
			return false
		}
		f := fields[i]
		parts, compound := values[f.name].(map[string]any)
		if !compound && (len(f.parts) == 0 || values[f.name] != nil) {
			out[apiName(parent, f.name)] = wireText(f.doc, values[f.name])
			continue
		}
		for _, p := range f.parts {
			out[apiName(f.name, p.name)] = wireText(p.doc, parts[p.name])
		}
	}
	return true
}

// setBits lists the set bits of 0x…, the least significant bit being 0.
func setBits(bitmap string) ([]int, error) {
	digits, ok := strings.CutPrefix(bitmap, "0x")
	raw, err := hex.DecodeString(digits)
	if !ok || err != nil {
		return nil, fmt.Errorf("bitmap %q is no hexadecimal number", clip(bitmap, 40))
	}
	slices.Reverse(raw)
	var out []int
	for i, b := range raw {
		for bit := range 8 {
			if b>>bit&1 == 1 {
				out = append(out, i*8+bit)
			}
		}
	}
	return out, nil
}

// apiName is the field by which REST calls a part of a compound: BillingStreet
// of BillingAddress, FirstName of Name, Foo__Street__s of a custom address.
func apiName(compound, part string) string {
	if compound == "" || compound == "Name" {
		return part
	}
	if base, ok := strings.CutSuffix(compound, "__c"); ok {
		return base + "__" + part + "__s"
	}
	return strings.TrimSuffix(compound, "Address") + part
}

// wireText is an Avro value as REST would write it. Dates and times are
// milliseconds of the epoch, told apart by the field's doc tag.
func wireText(doc string, v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case float32:
		return strconv.FormatFloat(float64(v), 'f', -1, 32)
	}
	n := whole(v)
	switch {
	case strings.Contains(doc, ":DateTime"):
		return time.UnixMilli(n).UTC().Format(timeLayouts[0])
	case strings.Contains(doc, ":DateOnly"), strings.Contains(doc, ":Birthday"):
		return time.UnixMilli(n).UTC().Format(time.DateOnly)
	}
	return strconv.FormatInt(n, 10)
}

func whole(v any) int64 {
	switch v := v.(type) {
	case int64:
		return v
	case int32:
		return int64(v)
	case int:
		return int64(v)
	}
	return 0
}

func str(v any) string {
	s, _ := v.(string)
	return s
}

func strs(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, one := range list {
		out = append(out, str(one))
	}
	return out
}

// kinds are the change types of the header. A gap event says only that
// something happened.
var kinds = map[string]connector.EventKind{
	"CREATE": connector.EventCreate, "UPDATE": connector.EventUpdate, "DELETE": connector.EventDelete, "UNDELETE": connector.EventUndelete,
	"GAP_OVERFLOW": connector.EventOverflow,
}

// events are one announcement for each record. Without ids, or with a wildcard
// for all of them, any record of the object may be meant.
func (e changeEvent) events(client string) []connector.Event {
	kind, known := kinds[e.kind]
	if !known {
		kind = connector.EventGap
	}
	one := connector.Event{Kind: kind, Changed: e.changed, At: e.at, Own: e.own(client), Ref: core.Ref{Side: core.Salesforce, Object: e.object}}
	var out []connector.Event
	for _, id := range e.ids {
		if kind == connector.EventOverflow || strings.Contains(id, "*") {
			break
		}
		one.Ref = refTo(e.object, id)
		out = append(out, one)
	}
	if len(out) == 0 || len(out) < len(e.ids) {
		overflow := connector.Event{Kind: connector.EventOverflow, Ref: core.Ref{Side: core.Salesforce, Object: e.object}, At: e.at}
		return []connector.Event{overflow}
	}
	return out
}

// own reports our client id in the origin, com/salesforce/api/rest/65.0;client=x.
func (e changeEvent) own(client string) bool {
	_, id, ok := strings.Cut(e.origin, ";client=")
	return ok && strings.TrimSuffix(id, "/") == client
}
