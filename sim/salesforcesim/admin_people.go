package salesforcesim

import (
	"crypto/rsa"
	"fmt"
	"strings"
)

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
	Person        bool   `json:"person"`  // of person accounts, where the org has them
	Process       string `json:"process"` // name or id of the business process, of an opportunity, a lead or a case
}

// AddRecordType adds a record type; with its first one an object gets the
// column RecordTypeId.
func (o *Org) AddRecordType(s RecordTypeSpec) error {
	if s.DeveloperName == "" {
		s.DeveloperName = strings.ReplaceAll(s.Name, " ", "_")
	}
	return o.inTransaction(func(t *tx) rowErrors {
		raw := map[string]any{"Name": s.Name, "DeveloperName": s.DeveloperName, "SobjectType": s.Object}
		if s.Person {
			raw["IsPersonType"] = true
		}
		if errs := t.giveProcess(s, raw); len(errs) > 0 {
			return errs
		}
		return t.rawInsert("RecordType", raw, nil)
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

// UserSpec is somebody who works in the org or comes to it from outside.
type UserSpec struct {
	Username  string `json:"username"` // the e-mail address when empty
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Email     string `json:"email"`
	Inactive  bool   `json:"inactive"`
	Type      string `json:"type"`    // of the user: Standard when empty, PowerPartner, Guest …
	Profile   string `json:"profile"` // name of the profile, "Standard User" when empty
	Role      string `json:"role"`    // name of the role; made if the org has none of that name
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
	profile := orElse(u.Profile, "Standard User")
	set := t.o.permissionSet(profile)
	if set == nil || set.named("ProfileId").IsNull() {
		return refuse("NOT_FOUND", "no profile "+profile)
	}
	raw := map[string]any{"Username": u.Username, "FirstName": u.FirstName, "LastName": u.LastName, "Email": u.Email,
		"Alias": cut(strings.ToLower(u.LastName), 8, true), "IsActive": !u.Inactive, "ProfileId": set.named("ProfileId").Str(), "TimeZoneSidKey": t.o.options().TimeZone,
		"LocaleSidKey": "en_US", "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US"}
	if errs := t.typeAndRole(u, raw); len(errs) > 0 {
		return errs
	}
	if errs := t.rawInsert("User", raw, id); len(errs) > 0 {
		return errs
	}
	return t.rawInsert("PermissionSetAssignment", map[string]any{"PermissionSetId": set.id, "AssigneeId": *id}, nil)
}

// typeAndRole adds the user type, which a real user has from the licence of the
// profile, and the role.
func (t *tx) typeAndRole(u UserSpec, raw map[string]any) rowErrors {
	if u.Type != "" {
		kind := t.o.objects["user"].field("UserType").pickNamed(u.Type)
		if kind == "" {
			return refuse("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "no user type "+u.Type, "UserType")
		}
		raw["UserType"] = kind
	}
	if u.Role == "" {
		return nil
	}
	for _, r := range t.o.objects["userrole"].records.rows {
		if r != nil && strings.EqualFold(r.named("Name").Str(), u.Role) {
			raw["UserRoleId"] = r.id
			return nil
		}
	}
	var role string
	errs := t.rawInsert("UserRole", map[string]any{"Name": u.Role, "DeveloperName": strings.ReplaceAll(u.Role, " ", "_"), "OpportunityAccessForAccountOwner": "Edit"}, &role)
	raw["UserRoleId"] = role
	return errs
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
	var key *rsa.PublicKey
	if s.Certificate != "" {
		var err error
		if key, err = publicKey(s.Certificate); err != nil {
			return fmt.Errorf("register app: %w", err)
		}
	}
	o.auth.mu.Lock()
	defer o.auth.mu.Unlock()
	o.auth.appNamed(s.ID).change(s, runAs, key)
	return nil
}

// appNamed finds an app, or makes one; "" is the integration's own.
func (a *authority) appNamed(id string) *app {
	if id == "" {
		return a.app
	}
	if a.apps[id] == nil {
		a.apps[id] = &app{id: id}
	}
	return a.apps[id]
}

// change takes over what is given and leaves the rest.
func (a *app) change(s App, runAs string, key *rsa.PublicKey) {
	if s.Secret != "" {
		a.secret = s.Secret
	}
	if runAs != "" {
		a.runAs = runAs
	}
	if key != nil {
		a.key = key
	}
	if s.Rotate != nil {
		a.rotate = *s.Rotate
	}
	a.callbacks = append(a.callbacks, s.Callbacks...)
}
