package salesforcesim

import (
	"fmt"
	"slices"
	"strings"
)

// FieldSpec is a custom field as an administrator would add it.
type FieldSpec struct {
	Object        string   `json:"object"`
	Name          string   `json:"name"` // with or without __c
	Label         string   `json:"label"`
	Type          string   `json:"type"` // Metadata API type: Text, Number, Checkbox, Picklist, Lookup …
	Length        int      `json:"length"`
	Precision     int      `json:"precision"`
	Scale         int      `json:"scale"`
	ExternalID    bool     `json:"externalId"`
	Unique        bool     `json:"unique"`
	CaseSensitive bool     `json:"caseSensitive"`
	Required      bool     `json:"required"`
	Restricted    bool     `json:"restricted"` // of a picklist
	Values        []string `json:"values"`     // of a picklist; a leading * marks the default
	ReferenceTo   string   `json:"referenceTo"`
	Children      string   `json:"relationshipName"`
	Formula       string   `json:"formula"`
	MaskType      string   `json:"maskType"` // of an EncryptedText: all, lastFour, creditCard, nino, sin or ssn
	MaskChar      string   `json:"maskChar"` // of an EncryptedText: asterisk or X
	InDecimal     bool     `json:"displayLocationInDecimal"`
	VisibleLines  int      `json:"visibleLines"`      // of a multi-select picklist
	DisplayFormat string   `json:"displayFormat"`     // of an AutoNumber: "INV-{0000}"
	Summary       string   `json:"summary"`           // of a Summary: "count", or an operation and the child's field, "sum Line__c.Amount__c"
	SummaryKey    string   `json:"summaryForeignKey"` // of a Summary: "Line__c.Invoice__c"
	Hidden        bool     `json:"hidden"`            // nobody may see it until FieldPermissions say so
}

func (s FieldSpec) metadata() map[string]any {
	values := []any{}
	for _, p := range picksOf(strings.Join(s.Values, "|")) {
		values = append(values, map[string]any{"valueName": p.value, "default": p.byDefault})
	}
	if s.Type == "Text" && s.Length == 0 {
		s.Length = 255
	}
	operation, summarized, _ := strings.Cut(s.Summary, " ")
	return map[string]any{
		"maskType": s.MaskType, "maskChar": s.MaskChar, "displayLocationInDecimal": s.InDecimal, "visibleLines": s.VisibleLines, "displayFormat": s.DisplayFormat, "summaryOperation": operation, "summarizedField": summarized, "summaryForeignKey": s.SummaryKey,
		"type": s.Type, "label": s.Label, "length": s.Length, "precision": s.Precision, "scale": s.Scale, "externalId": s.ExternalID, "unique": s.Unique,
		"caseSensitive": s.CaseSensitive, "required": s.Required, "formula": s.Formula, "referenceTo": s.ReferenceTo, "relationshipName": s.Children,
		"valueSet": map[string]any{"restricted": s.Restricted, "valueSetDefinition": map[string]any{"sorted": false, "value": values}},
	}
}

// inTransaction runs an administrator's work by the ordinary path.
func (o *Org) inTransaction(work func(*tx) rowErrors) error {
	var errs rowErrors
	o.transact(actor{userID: o.adminID, system: true}, func(t *tx) {
		errs = t.each(func() rowErrors { return work(t) })
	})
	return errs.asError()
}

// AddField adds a custom field, or changes the one of that name, and makes
// it visible to everyone unless it is to be hidden.
func (o *Org) AddField(s FieldSpec) error {
	if !strings.HasSuffix(s.Name, "__c") {
		s.Name += "__c"
	}
	err := o.inTransaction(func(t *tx) rowErrors {
		ob := o.objects["customfield"]
		sets, errs := t.rawSets(ob, map[string]any{"FullName": definedOn(s.Object) + "." + s.Name, "Metadata": s.metadata()})
		if len(errs) > 0 {
			return errs
		}
		if have := o.customField(definedOn(s.Object), s.Name); have != nil {
			return t.update(ob, have.id, sets)
		}
		_, errs = t.insert(ob, sets)
		return errs
	})
	if err != nil || s.Hidden {
		return err
	}
	for _, object := range shownOn(s.Object) {
		if err := o.GrantField(object, s.Name); err != nil {
			return err
		}
	}
	return nil
}

// rawSets coerces values without checking rights.
func (t *tx) rawSets(ob *object, raw map[string]any) ([]assignment, rowErrors) {
	var sets []assignment
	for _, key := range sortedKeys(raw) {
		f := ob.field(key)
		if f == nil {
			return nil, noColumn(key, ob.name)
		}
		v, errs := f.coerce(raw[key])
		if len(errs) > 0 {
			return nil, errs
		}
		sets = append(sets, assignment{f, v})
	}
	return sets, nil
}

func (o *Org) customField(object, name string) *record {
	for _, r := range o.objects["customfield"].records.rows {
		if r != nil && strings.EqualFold(r.named("FullName").Str(), object+"."+name) {
			return r
		}
	}
	return nil
}

// GrantField lets the standard profiles and the integration's permission set
// see and edit a field.
func (o *Org) GrantField(object, name string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	f := o.fieldNamed(object + "." + name)
	if f == nil {
		return fmt.Errorf("grant field: %s has no field %s", object, name)
	}
	if !f.permissionable {
		return nil
	}
	for _, set := range o.dataSets() {
		if o.fieldPermission(set, f) == nil {
			o.grantField(set, f, true)
		}
	}
	return nil
}

// dataSets are the permission sets that grant data: all that have object
// permissions.
func (o *Org) dataSets() []string {
	var sets []string
	for _, r := range o.objects["objectpermissions"].records.rows {
		if r != nil && !slices.Contains(sets, r.named("ParentId").Str()) {
			sets = append(sets, r.named("ParentId").Str())
		}
	}
	return sets
}

func (o *Org) fieldPermission(set string, f *field) *record {
	ob := o.objects["fieldpermissions"]
	for _, r := range ob.records.withValue(ob.field("Field"), strings.ToLower(f.object.name+"."+f.name)) {
		if r.named("ParentId").Str() == set {
			return r
		}
	}
	return nil
}

// Right is a change of what the holders of a permission set may do. Exactly
// one of Object (with or without Field) and System is given.
type Right struct {
	Set    string `json:"set"`    // name or label of a permission set; "Integration" when empty
	Object string `json:"object"` // Account
	Field  string `json:"field"`  // Industry, an address compound for its parts
	System string `json:"system"` // PermissionsCustomizeApplication, PermissionsApiEnabled …
	Read   bool   `json:"read"`
	Edit   bool   `json:"edit"` // of a system permission: whether it is granted
	Create bool   `json:"create"`
	Delete bool   `json:"delete"`
	View   bool   `json:"view_all"`
}

// SetRight grants and takes rights.
func (o *Org) SetRight(r Right) error {
	if r.Set == "" {
		r.Set = "Integration"
	}
	return o.inTransaction(func(t *tx) rowErrors {
		set := o.permissionSet(r.Set)
		if set == nil {
			return refuse("NOT_FOUND", "no permission set "+r.Set)
		}
		switch {
		case r.System != "":
			return t.rawUpdate(set, map[string]any{r.System: r.Edit})
		case r.Field != "":
			return t.setFieldRight(set, r)
		}
		return t.setObjectRight(set, r)
	})
}

func (o *Org) permissionSet(name string) *record {
	for _, r := range o.objects["permissionset"].records.rows {
		if r != nil && (r.id == name || r.named("Name").Str() == name || r.named("Label").Str() == name) {
			return r
		}
	}
	return nil
}

func (t *tx) rawUpdate(r *record, raw map[string]any) rowErrors {
	sets, errs := t.rawSets(r.object, raw)
	if len(errs) > 0 {
		return errs
	}
	return t.update(r.object, r.id, sets)
}

func (t *tx) setFieldRight(set *record, r Right) rowErrors {
	f := t.o.fieldNamed(r.Object + "." + r.Field)
	if f == nil {
		return noColumn(r.Field, r.Object)
	}
	f = f.governed()
	have := t.o.fieldPermission(set.id, f)
	raw := map[string]any{"PermissionsRead": r.Read || r.Edit, "PermissionsEdit": r.Edit}
	if have != nil {
		return t.rawUpdate(have, raw)
	}
	raw["ParentId"], raw["SobjectType"], raw["Field"] = set.id, f.object.name, f.object.name+"."+f.name
	sets, errs := t.rawSets(t.o.objects["fieldpermissions"], raw)
	if len(errs) == 0 {
		_, errs = t.insert(t.o.objects["fieldpermissions"], sets)
	}
	return errs
}

func (t *tx) setObjectRight(set *record, r Right) rowErrors {
	ob := t.o.objects["objectpermissions"]
	raw := map[string]any{"PermissionsRead": r.Read, "PermissionsEdit": r.Edit, "PermissionsCreate": r.Create, "PermissionsDelete": r.Delete,
		"PermissionsViewAllRecords": r.View, "PermissionsModifyAllRecords": false}
	for _, have := range ob.records.withValue(ob.field("ParentId"), strings.ToLower(set.id)) {
		if strings.EqualFold(have.named("SobjectType").Str(), r.Object) {
			return t.rawUpdate(have, raw)
		}
	}
	raw["ParentId"], raw["SobjectType"] = set.id, r.Object
	sets, errs := t.rawSets(ob, raw)
	if len(errs) == 0 {
		_, errs = t.insert(ob, sets)
	}
	return errs
}
