package mapping

import (
	"maps"
	"strings"

	"tandem/internal/core"
)

// truths are the spellings of a checkbox. A blank one reads as unticked, because
// Salesforce knows no third state.
var truths = map[string]string{"true": "true", "yes": "true", "1": "true", "false": "false", "no": "false", "0": "false", "": "false"}

// FromRecord is the canonical value of the field in a side's record, and whether
// the side answered it. An expression that fails on the record answers nothing.
func (f *Field) FromRecord(side core.Side, rec *core.Record) (value string, readable bool) {
	if rec == nil || rec.Presence == core.Absent {
		return "", false
	}
	if f.Kind == Stage {
		return f.stageFrom(side, rec)
	}
	raw, ok := rec.Get(f.readName(side))
	if !ok {
		return "", false
	}
	t := f.inbound(side)
	if t == nil {
		return f.Canon(side, raw), true
	}
	made, err := t.run(raw, rec.Values)
	if err != nil {
		return "", false
	}
	return f.Canon(side.Other(), made), true
}

// CanonSent is the canonical form of what was sent to a side: the fields of an op,
// over the values that the record shows after it.
func (f *Field) CanonSent(side core.Side, fields, shown map[string]string) string {
	if f.Kind != Stage {
		return f.Canon(side, fields[f.Names[side]])
	}
	values := maps.Clone(shown)
	if values == nil {
		values = map[string]string{}
	}
	maps.Copy(values, fields)
	v, _ := f.stageFrom(side, &core.Record{Values: values})
	return v
}

// Unreadable says why fields of the record have no value to compare: the side
// did not answer them, or their expression fails on it. Neither is a clear.
func (m *Mapping) Unreadable(side core.Side, rec core.Record) []FieldIssue {
	if rec.Presence == core.Absent {
		return nil
	}
	var out []FieldIssue
	for _, f := range m.fields {
		raw, ok := rec.Get(f.readName(side))
		if !ok {
			out = append(out, *issueHidden(side, f.Names[side]))
		} else if t := f.inbound(side); t != nil {
			if _, err := t.run(raw, rec.Values); err != nil {
				out = append(out, *issueExpression(side, f.Names[side], err))
			}
		}
	}
	return out
}

// inbound is the transform a side's raw value goes through to become canonical:
// the one that makes the form in which the field is compared.
func (f *Field) inbound(side core.Side) *program {
	switch {
	case side == core.Salesforce:
		return f.transform[core.HubSpot]
	case f.transform[core.HubSpot] == nil:
		return f.transform[core.Salesforce]
	}
	return nil
}

// readName is the name to ask a side for: by name, a reference is read through
// its relationship.
func (f *Field) readName(side core.Side) string {
	if side != core.Salesforce || !f.byName || f.Kind != Reference {
		return f.Names[side]
	}
	name := f.Names[core.Salesforce]
	if custom, ok := strings.CutSuffix(name, "__c"); ok {
		return custom + "__r.Name"
	}
	return strings.TrimSuffix(name, "Id") + ".Name"
}

// Canon is the canonical form of a side's own value. What does not parse as the
// field's kind stays as it is: it then differs from all that do, and ToSide says
// why it cannot pass.
func (f *Field) Canon(side core.Side, raw string) string {
	switch f.Kind {
	case Number:
		return f.canonNumber(side, raw)
	case Bool:
		if v, ok := truths[strings.ToLower(strings.TrimSpace(raw))]; ok {
			return v
		}
		return raw
	case Date:
		if t, ok := f.parseDay(side, strings.TrimSpace(raw)); ok {
			return t.Format(dateLayout)
		}
	case DateTime:
		if t, ok := parseMoment(strings.TrimSpace(raw)); ok {
			return t.Format(momentLayout)
		}
	case Clock:
		if t, ok := parseClock(side, strings.TrimSpace(raw)); ok {
			return t.Format(clockLayout)
		}
	case Choices:
		return f.canonChoices(side, raw)
	case Choice:
		return f.canonChoice(side, raw)
	case Owner:
		return f.canonOwner(side, raw)
	case Reference:
		return f.canonReference(raw)
	case Domain:
		if d, ok := DomainOf(raw); ok {
			return d
		}
	case Email:
		return core.FoldAddress(raw)
	}
	if f.plain {
		return f.plainText(side, raw)
	}
	return canonText(raw)
}

func (f *Field) canonReference(raw string) string {
	raw = canonText(raw)
	if id, ok := core.SalesforceID(raw); ok && !f.byName {
		return id
	}
	return raw
}
