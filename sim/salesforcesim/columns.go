package salesforcesim

import (
	"net/http"
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// columnMetadata is one column in the answer to /query?q=…&columns=true, a
// form of the resource that the vendor's own command line asks for.
type columnMetadata struct {
	Aggregate      bool             `json:"aggregate"`
	ApexType       *string          `json:"apexType"`
	BooleanType    bool             `json:"booleanType"`
	ColumnName     string           `json:"columnName"`
	Custom         bool             `json:"custom"`
	DisplayName    string           `json:"displayName"`
	ForeignKeyName *string          `json:"foreignKeyName"`
	Insertable     bool             `json:"insertable"`
	JoinColumns    []columnMetadata `json:"joinColumns"`
	NumberType     bool             `json:"numberType"`
	TextType       bool             `json:"textType"`
	Updatable      bool             `json:"updatable"`
}

// apexTypes are the Apex names of describe types; the others are String.
var apexTypes = map[string]string{"id": "Id", "reference": "Id", "boolean": "Boolean", "int": "Integer", "long": "Long", "double": "Double",
	"currency": "Double", "percent": "Double", "date": "Date", "datetime": "Datetime", "time": "Time", "address": "Address", "location": "Location"}

// columns answers a query with what its columns are instead of with rows.
func (o *Org) columns(plan *soql.Plan) *answer {
	ob := o.objects[strings.ToLower(plan.Object().Name)]
	list := o.columnList(ob, plan.Columns())
	selected := false
	for _, c := range list {
		selected = selected || c.ColumnName == "Id"
	}
	return marshalled(http.StatusOK, map[string]any{"columnMetadata": list, "entityName": ob.name, "groupBy": plan.Aggregate(), "idSelected": selected, "keyPrefix": ob.prefix})
}

func (o *Org) columnList(ob *object, columns []soql.ColumnInfo) []columnMetadata {
	out := make([]columnMetadata, 0, len(columns))
	for _, c := range columns {
		m := columnMetadata{Aggregate: c.Aggregate, ColumnName: c.Name, DisplayName: c.Display, JoinColumns: o.columnList(nil, c.Join),
			BooleanType: c.Type == "boolean", NumberType: apexTypes[c.Type] == "Double" || apexTypes[c.Type] == "Integer"}
		if c.Type != "" {
			typ := orElse(apexTypes[c.Type], "String")
			m.ApexType, m.TextType = &typ, typ == "String"
		}
		if ob != nil && c.Field != nil {
			if f := ob.field(c.Field.Name); f != nil {
				m.Custom, m.Insertable, m.Updatable = f.custom, f.createable, f.updateable
			}
		}
		if ob != nil && len(c.Join) > 0 && !c.Aggregate {
			if f := ob.byRelation[strings.ToLower(c.Name)]; f != nil {
				m.ForeignKeyName = &f.name
			}
		}
		out = append(out, m)
	}
	return out
}
