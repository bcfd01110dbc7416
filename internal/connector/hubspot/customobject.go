package hubspot

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"tandem/internal/connector"
	"tandem/internal/core"
)

const schemasPath = "/crm-object-schemas/v3/schemas"

// wireSchema is the definition of a custom object (custom objects guide).
type wireSchema struct {
	TypeID  string `json:"objectTypeId"`
	Primary string `json:"primaryDisplayProperty"`
	Labels  struct {
		Singular string `json:"singular"`
	} `json:"labels"`
	Required []string `json:"requiredProperties"`
}

func (w *wireSchema) whole() bool { return w.TypeID != "" }

func isCustom(object core.Object) bool { return strings.HasPrefix(string(object), "2-") }

// custom puts into the schema of a custom object what its definition says beside its
// properties: its name, the property that names a record, and those that a create must
// bring. A token that may not read definitions leaves them out.
func (c *Client) custom(ctx context.Context, s *connector.Schema) error {
	var w wireSchema
	_, err := c.call(ctx, request{method: http.MethodGet, path: pathOf(schemasPath, string(s.Object))}, &w)
	switch connector.ClassOf(err) {
	case core.ClassAuth, core.ClassRejected:
		return nil
	}
	if err != nil {
		return err
	}
	if w.Labels.Singular != "" {
		s.Label = w.Labels.Singular
	}
	s.UniqueName = w.Primary
	for i := range s.Fields {
		s.Fields[i].Required = slices.Contains(w.Required, s.Fields[i].Name)
	}
	return nil
}

// Relate lets the records of a custom object be associated with those of another object,
// where the portal has no such association yet.
func (c *Client) Relate(ctx context.Context, from, to core.Object) error {
	if !isCustom(from) && !isCustom(to) {
		return nil
	}
	var w wireLabels
	if _, err := c.call(ctx, request{method: http.MethodGet, path: labelsPath(from, to)}, &w); err != nil || len(w.Results) > 0 {
		return err
	}
	if !isCustom(from) {
		from, to = to, from
	}
	body := map[string]string{"fromObjectTypeId": typeOf(from).typeID, "toObjectTypeId": typeOf(to).typeID,
		"name": "tandem_" + notInNames.ReplaceAllString(typeOf(from).typeID+"_to_"+typeOf(to).typeID, "_")}
	_, err := c.call(ctx, request{method: http.MethodPost, path: pathOf(schemasPath, string(from), "associations"), body: body}, nil)
	return err
}
