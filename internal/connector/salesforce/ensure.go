package salesforce

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
)

// States of a FieldResult.
const (
	statePresent  = "present"
	stateCreated  = "created"
	stateGranted  = "granted"
	stateMissing  = "missing"
	stateConflict = "conflict"
)

// Ensure creates the missing fields by the Tooling API and gives read and edit
// access to them in one permission set of the running user, and in nothing
// else. A right that the user lacks is a result that says what an admin must
// do.
func (c *Client) Ensure(ctx context.Context, object core.Object, specs []connector.FieldSpec) ([]connector.FieldResult, error) {
	d, err := c.describe(ctx, object, nil)
	if err != nil {
		return nil, err
	}
	out := make([]connector.FieldResult, len(specs))
	changed := false
	for i, spec := range specs {
		if out[i] = compare(object, d.schema, spec); out[i].State != stateMissing {
			continue
		}
		if out[i], err = c.make(ctx, object, spec); err != nil {
			return nil, err
		}
		changed = changed || out[i].State != stateMissing
	}
	if changed {
		err = c.confirm(ctx, object, specs, out)
	}
	return out, err
}

// metadataTypes are the Tooling names of the types that a spec may have, and
// describeTypes what describe calls them.
var (
	metadataTypes = map[string]string{"text": "Text", "datetime": "DateTime", "bool": "Checkbox"}
	describeTypes = map[string]string{"text": "string", "datetime": "datetime", "bool": "boolean"}
)

// compare says whether a spec stands already; a field of another kind under the
// same name is never touched.
func compare(object core.Object, s connector.Schema, spec connector.FieldSpec) connector.FieldResult {
	for _, f := range s.Fields {
		if !strings.EqualFold(f.Name, spec.Name) {
			continue
		}
		switch {
		case f.Type != describeTypes[spec.Type]:
			return conflict(spec, fmt.Sprintf("%s.%s is of type %s and is needed as %s", object, f.Name, f.Type, spec.Type))
		case f.Length > 0 && f.Length < spec.Length:
			return conflict(spec, fmt.Sprintf("%s.%s holds %d characters and must hold %d", object, f.Name, f.Length, spec.Length))
		case spec.Unique && (!f.Unique || !f.ExternalID):
			return conflict(spec, fmt.Sprintf("%s.%s must be unique and an external id", object, f.Name))
		case !f.Creatable || !f.Updatable:
			return connector.FieldResult{Name: spec.Name, State: stateMissing, Message: "the integration user may not edit the field"}
		}
		return connector.FieldResult{Name: spec.Name, State: statePresent}
	}
	return connector.FieldResult{Name: spec.Name, State: stateMissing}
}

func conflict(spec connector.FieldSpec, message string) connector.FieldResult {
	return connector.FieldResult{Name: spec.Name, State: stateConflict, Message: message + "; change or rename it in Object Manager"}
}

// make creates the field, unless it exists unseen, and grants access to it.
func (c *Client) make(ctx context.Context, object core.Object, spec connector.FieldSpec) (connector.FieldResult, error) {
	result := connector.FieldResult{Name: spec.Name, State: stateCreated}
	_, err := c.post(ctx, c.data("/tooling/sobjects/CustomField"), fieldFor(object, spec), nil)
	if hasCode(err, "DUPLICATE_DEVELOPER_NAME") {
		result.State, err = stateGranted, nil
	}
	if err == nil {
		err = c.grant(ctx, object, spec)
	}
	if declined(err) {
		return connector.FieldResult{Name: spec.Name, State: stateMissing, Message: adminMust(object, spec, err)}, nil
	}
	return result, err
}

// adminMust says what an administrator has to do by hand.
func adminMust(object core.Object, spec connector.FieldSpec, err error) string {
	kind := metadataTypes[spec.Type]
	if spec.Length > 0 {
		kind = fmt.Sprintf("%s(%d)", kind, spec.Length)
	}
	if spec.Unique {
		kind += ", unique, external id, case insensitive"
	}
	object, _ = homeOf(object)
	return fmt.Sprintf("in Object Manager create %s.%s (%s) and give the integration user read and edit access to it (Salesforce said: %s)", object, spec.Name, kind, said(err))
}

func said(err error) string {
	var e *connector.Error
	if errors.As(err, &e) {
		return e.Code + ": " + e.Message
	}
	return "nothing"
}

// declined reports that the org says no to what an admin may do: neither an
// outage nor a broken session.
func declined(err error) bool {
	var e *connector.Error
	return errors.As(err, &e) && !e.Sent && e.Class != core.ClassTransient && e.Class != core.ClassAuth
}

func hasCode(err error, code string) bool {
	var e *connector.Error
	return errors.As(err, &e) && e.Code == code
}

// fieldFor is the definition of a spec. A key is unique whatever its case,
// since ids differ by more than case and people retype them.
func fieldFor(object core.Object, spec connector.FieldSpec) customField {
	yes, no := true, false
	m := fieldMetadata{Label: spec.Label, Type: metadataTypes[spec.Type], Description: spec.Description}
	switch spec.Type {
	case "text":
		m.Length, m.Required = spec.Length, &no
		if spec.Unique {
			m.Unique, m.ExternalID, m.CaseSensitive = &yes, &yes, &no
		}
	case "bool":
		m.DefaultValue = "false"
	case "datetime":
		m.Required = &no
	}
	home, _ := homeOf(object)
	return customField{FullName: string(home) + "." + spec.Name, Metadata: m}
}

// activities have their custom fields defined on the object Activity, which has no records
// of its own: each of them shows on both (Metadata API Developer Guide, "CustomObject").
var activities = []core.Object{"Task", "Event"}

// homeOf is the object that a field of an object is defined on, and those that show it,
// each of which needs permissions of its own.
func homeOf(object core.Object) (home core.Object, shown []core.Object) {
	if slices.Contains(activities, object) {
		return "Activity", activities
	}
	return object, []core.Object{object}
}

// grant gives read and edit access wherever the field shows.
func (c *Client) grant(ctx context.Context, object core.Object, spec connector.FieldSpec) error {
	set, err := c.permissionSet(ctx)
	if err != nil {
		return err
	}
	_, shown := homeOf(object)
	for _, o := range shown {
		if err := c.grantOn(ctx, set, o, spec); err != nil {
			return err
		}
	}
	return nil
}

// grantOn gives access on one object. A permission that stands already without edit is
// widened.
func (c *Client) grantOn(ctx context.Context, set string, object core.Object, spec connector.FieldSpec) error {
	p := fieldPermission{ParentID: set, Object: string(object), Field: string(object) + "." + spec.Name, Read: true, Edit: true}
	_, err := c.post(ctx, c.data("/sobjects/FieldPermissions"), p, nil)
	if !hasCode(err, "DUPLICATE_VALUE") {
		return err
	}
	rows, err := c.queryAll(ctx, "query", "SELECT Id FROM FieldPermissions WHERE ParentId = "+quote(set)+" AND Field = "+quote(p.Field))
	if err != nil || len(rows) == 0 {
		return err
	}
	_, err = c.patch(ctx, c.data("/sobjects/FieldPermissions/%s", text(rows[0]["Id"])), map[string]bool{"PermissionsRead": true, "PermissionsEdit": true})
	return err
}

// permissionSet is the id of the set that access is granted in: the configured
// one, else one of the user's own sets, else the set behind the profile.
func (c *Client) permissionSet(ctx context.Context) (string, error) {
	user, err := c.userID(ctx)
	if err != nil {
		return "", err
	}
	rows, err := c.queryAll(ctx, "query", "SELECT PermissionSetId,PermissionSet.Name,PermissionSet.IsOwnedByProfile FROM PermissionSetAssignment WHERE AssigneeId = "+quote(user)+" ORDER BY PermissionSet.IsOwnedByProfile,PermissionSet.Name")
	if err != nil {
		return "", err
	}
	for _, r := range rows {
		v := map[string]string{}
		flatten(r, "", v)
		if c.cfg.PermissionSet == "" || strings.EqualFold(v["PermissionSet.Name"], c.cfg.PermissionSet) {
			return v["PermissionSetId"], nil
		}
	}
	return "", &connector.Error{Side: core.Salesforce, Class: core.ClassRejected, Code: "NO_PERMISSION_SET",
		Message: "the permission set " + c.cfg.PermissionSet + " is not assigned to the integration user", Mend: "assign it, or name another"}
}

// confirm describes the object once more: a field counts only when the user
// sees it and may write it.
func (c *Client) confirm(ctx context.Context, object core.Object, specs []connector.FieldSpec, out []connector.FieldResult) error {
	d, err := c.describe(ctx, object, nil)
	if err != nil {
		return err
	}
	for i, spec := range specs {
		if out[i].State != stateCreated && out[i].State != stateGranted {
			continue
		}
		if now := compare(object, d.schema, spec); now.State != statePresent {
			out[i] = now
			out[i].Message = orElse(now.Message, "the field is there but the integration user does not see it; give read and edit access to "+string(object)+"."+spec.Name)
		}
	}
	return nil
}
