package mapping

import "tandem/internal/core"

// ToSide gives the value to write to a side for a canonical value. With an issue
// that is Refused the value must not be written; with another one the value was
// adapted and the person must be told. "" clears.
func (f *Field) ToSide(side core.Side, canonical string) (string, *FieldIssue) {
	if t := f.outbound(side); t != nil && canonical != "" {
		made, err := t.run(canonical, nil)
		if err != nil {
			return "", issueExpression(side, f.Names[side], err)
		}
		canonical = f.Canon(side, made)
	}
	if canonical == "" {
		return f.clear(side)
	}
	switch f.Kind {
	case Number:
		return f.numberTo(side, canonical)
	case Bool:
		if canonical != "true" && canonical != "false" {
			return "", issueFormat(side, &f.Defs[side], canonical, "true or false")
		}
		return canonical, nil
	case Date, DateTime:
		return f.momentTo(side, canonical)
	case Clock:
		return f.clockTo(side, canonical)
	case Choice:
		return f.choiceTo(side, canonical)
	case Choices:
		return f.choicesTo(side, canonical)
	case Owner:
		return f.ownerTo(side, canonical)
	case Stage:
		return f.stageTo(side, canonical)
	case Reference:
		return f.referenceTo(side, canonical)
	case Domain:
		if _, ok := DomainOf(canonical); !ok {
			return "", issueFormat(side, &f.Defs[side], canonical, "a domain name")
		}
	}
	return f.fit(side, f.markup(side, canonical))
}

// outbound is the transform that turns a canonical value back into the side's
// own form.
func (f *Field) outbound(side core.Side) *program {
	if side == core.Salesforce && f.transform[core.HubSpot] != nil {
		return f.transform[core.Salesforce]
	}
	return nil
}

func (f *Field) clear(side core.Side) (string, *FieldIssue) {
	if d := &f.Defs[side]; d.Required {
		return "", issueRequired(side, d)
	}
	return "", nil
}

// fit checks a text against what the side can store.
func (f *Field) fit(side core.Side, v string) (string, *FieldIssue) {
	d := &f.Defs[side]
	clean, whole := storable(v)
	if clean = canonText(clean); f.Kind == Email {
		clean = core.FoldAddress(clean)
	}
	limit := d.Length
	if side == core.HubSpot && (limit == 0 || limit > hubspotText) {
		limit = hubspotText
	}
	switch {
	case limit > 0 && characters(clean) > limit:
		return "", issueLength(side, d, characters(clean), limit)
	case whole:
		return v, nil
	case clean == "":
		return "", issueFormat(side, d, v, "a text with visible characters")
	}
	return clean, issueAdapted(side, d, "characters that cannot be stored were left out")
}

func (f *Field) referenceTo(side core.Side, canonical string) (string, *FieldIssue) {
	d := &f.Defs[side]
	if _, ok := core.SalesforceID(canonical); side == core.Salesforce && !ok {
		return "", issueFormat(side, d, canonical, "a Salesforce record id of 15 or 18 characters")
	}
	if !accepts(side, d, canonical) {
		return "", issueOption(side, d, canonical)
	}
	return f.fit(side, canonical)
}
