package salesforcesim

import (
	"fmt"
	"slices"
	"strings"

	"tandem/sim/salesforcesim/soql"
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
	Hidden        bool     `json:"hidden"` // nobody may see it until FieldPermissions say so
}

func (s FieldSpec) metadata() map[string]any {
	values := []any{}
	for _, p := range picksOf(strings.Join(s.Values, "|")) {
		values = append(values, map[string]any{"valueName": p.value, "default": p.byDefault})
	}
	if s.Type == "Text" && s.Length == 0 {
		s.Length = 255
	}
	return map[string]any{
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
		sets, errs := t.rawSets(ob, map[string]any{"FullName": s.Object + "." + s.Name, "Metadata": s.metadata()})
		if len(errs) > 0 {
			return errs
		}
		if have := o.customField(s.Object, s.Name); have != nil {
			return t.update(ob, have.id, sets)
		}
		_, errs = t.insert(ob, sets)
		return errs
	})
	if err != nil || s.Hidden {
		return err
	}
	return o.GrantField(s.Object, s.Name)
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

// SelectEntities selects objects for Change Data Capture on the standard
// channel, as an administrator does on the set-up page. Objects that are
// selected already stay so.
func (o *Org) SelectEntities(names ...string) error {
	for _, name := range names {
		if o.isSelected(name) {
			continue
		}
		event := eventOfEntity(name)
		err := o.inTransaction(func(t *tx) rowErrors {
			ob := o.objects["platformeventchannelmember"]
			sets, errs := t.rawSets(ob, map[string]any{"FullName": standardChannel + "_" + event,
				"Metadata": map[string]any{"eventChannel": standardChannel, "selectedEntity": event}})
			if len(errs) == 0 {
				_, errs = t.insert(ob, sets)
			}
			return errs
		})
		if err != nil {
			return fmt.Errorf("select %s for change events: %w", name, err)
		}
	}
	return nil
}

// RecordTypeSpec is a record type of an object.
type RecordTypeSpec struct {
	Object        string `json:"object"`
	Name          string `json:"name"`
	DeveloperName string `json:"developer_name"`
}

// AddRecordType adds a record type; with its first one an object gets the
// column RecordTypeId.
func (o *Org) AddRecordType(s RecordTypeSpec) error {
	if s.DeveloperName == "" {
		s.DeveloperName = strings.ReplaceAll(s.Name, " ", "_")
	}
	return o.inTransaction(func(t *tx) rowErrors {
		return t.rawInsert("RecordType", map[string]any{"Name": s.Name, "DeveloperName": s.DeveloperName, "SobjectType": s.Object}, nil)
	})
}

func (t *tx) rawInsert(objectName string, raw map[string]any, id *string) rowErrors {
	ob := t.o.objects[strings.ToLower(objectName)]
	sets, errs := t.rawSets(ob, raw)
	if len(errs) > 0 {
		return errs
	}
	made, errs := t.insert(ob, sets)
	if id != nil {
		*id = made
	}
	return errs
}

// Queue is a queue that owns records of some objects.
type Queue struct {
	Name    string   `json:"name"`
	Objects []string `json:"objects"`
}

// AddQueue adds a queue and gives its id.
func (o *Org) AddQueue(q Queue) (string, error) {
	var id string
	err := o.inTransaction(func(t *tx) rowErrors {
		errs := t.rawInsert("Group", map[string]any{"Name": q.Name, "DeveloperName": strings.ReplaceAll(q.Name, " ", "_"), "Type": "Queue"}, &id)
		for _, name := range q.Objects {
			if len(errs) == 0 {
				errs = t.rawInsert("QueueSobject", map[string]any{"QueueId": id, "SobjectType": name}, nil)
			}
		}
		return errs
	})
	return id, err
}

// UserSpec is a person who works in the org, with the Standard User profile.
type UserSpec struct {
	Username  string `json:"username"` // the e-mail address when empty
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Email     string `json:"email"`
	Inactive  bool   `json:"inactive"`
}

// AddUser adds a person and gives the id.
func (o *Org) AddUser(u UserSpec) (string, error) {
	if u.Username == "" {
		u.Username = u.Email
	}
	var id string
	err := o.inTransaction(func(t *tx) rowErrors { return t.addUser(u, &id) })
	return id, err
}

func (t *tx) addUser(u UserSpec, id *string) rowErrors {
	set := t.o.permissionSet("Standard User")
	errs := t.rawInsert("User", map[string]any{"Username": u.Username, "FirstName": u.FirstName, "LastName": u.LastName, "Email": u.Email,
		"Alias": cut(strings.ToLower(u.LastName), 8, true), "IsActive": !u.Inactive, "ProfileId": set.named("ProfileId").Str(), "TimeZoneSidKey": "America/Los_Angeles",
		"LocaleSidKey": "en_US", "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US"}, id)
	if len(errs) > 0 {
		return errs
	}
	return t.rawInsert("PermissionSetAssignment", map[string]any{"PermissionSetId": set.id, "AssigneeId": *id}, nil)
}

// App is a connected app or external client app. An empty ID changes the
// integration's own app.
type App struct {
	ID          string   `json:"id"`
	Secret      string   `json:"secret"`
	RunAs       string   `json:"run_as"`      // user of the client-credentials flow
	Certificate string   `json:"certificate"` // PEM, of the JWT bearer flow
	Callbacks   []string `json:"callbacks"`
	Rotate      *bool    `json:"rotate"` // refresh tokens live for one use
}

// RegisterApp registers an app or changes one.
func (o *Org) RegisterApp(s App) error {
	runAs := ""
	if s.RunAs != "" {
		o.mu.RLock()
		u := o.userNamed(s.RunAs)
		o.mu.RUnlock()
		if u == nil {
			return fmt.Errorf("register app: the org has no user %q", s.RunAs)
		}
		runAs = u.id
	}
	next := app{}
	if s.Certificate != "" {
		key, err := publicKey(s.Certificate)
		if err != nil {
			return fmt.Errorf("register app: %w", err)
		}
		next.key = key
	}
	o.auth.mu.Lock()
	defer o.auth.mu.Unlock()
	a := o.auth.app
	if s.ID != "" && o.auth.apps[s.ID] == nil {
		o.auth.apps[s.ID] = &app{id: s.ID}
	}
	if s.ID != "" {
		a = o.auth.apps[s.ID]
	}
	if s.Secret != "" {
		a.secret = s.Secret
	}
	if runAs != "" {
		a.runAs = runAs
	}
	if next.key != nil {
		a.key = next.key
	}
	if s.Rotate != nil {
		a.rotate = *s.Rotate
	}
	a.callbacks = append(a.callbacks, s.Callbacks...)
	return nil
}

// Hidden changes which records sharing hides from everyone but
// administrators.
type Hidden struct {
	Hide []string `json:"hide"`
	Show []string `json:"show"`
}

// SetHidden hides records and shows them again.
func (o *Org) SetHidden(h Hidden) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, id := range append(slices.Clone(h.Hide), h.Show...) {
		full, ok := canonicalID(id)
		if !ok || o.find(full) == nil {
			return fmt.Errorf("change sharing: no record %q", id)
		}
		if slices.Contains(h.Hide, id) {
			o.hidden[full] = true
		} else {
			delete(o.hidden, full)
		}
	}
	return nil
}

var _ = soql.Null
