package simtest

import (
	"strings"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// custom makes an object on both sides, with a name and a note, and declares the pair of
// them with lookups: each as FIELD>OBJECT, or FIELD>OBJECT=LABEL, of a field that names
// the Salesforce object given; one that begins with ! makes details, which go with it.
func (w *World) custom(name string, lookups ...string) *config.CustomObject {
	w.T.Helper()
	o := config.CustomObject{Name: name, Salesforce: strings.ToUpper(name[:1]) + name[1:] + "__c", Sync: true}
	spec := salesforcesim.CustomObject{Name: o.Salesforce, Label: name, Plural: name + "s", Activities: true, Fields: []salesforcesim.FieldSpec{{Name: "Note__c", Label: "Note", Type: "Text", Length: 255}}}
	for _, l := range lookups {
		kind := "Lookup"
		if rest, detail := strings.CutPrefix(l, "!"); detail {
			kind, l = "MasterDetail", rest
		}
		field, to, _ := strings.Cut(l, ">")
		to, label, _ := strings.Cut(to, "=")
		spec.Fields = append(spec.Fields, salesforcesim.FieldSpec{Name: field, Label: strings.TrimSuffix(field, "__c"), Type: kind, ReferenceTo: w.objectCalled(to), Children: strings.TrimSuffix(field, "__c") + "_of_" + name})
		o.Associations = append(o.Associations, config.Association{Field: field, To: to, Label: label})
	}
	w.must(w.Org.AddObject(spec))
	text := func(name string) map[string]any {
		return map[string]any{"name": name, "label": name, "type": "string", "fieldType": "text"}
	}
	made := w.portalCall("POST", "/crm-object-schemas/v3/schemas", map[string]any{"name": name, "labels": map[string]string{"singular": name, "plural": name + "s"},
		"requiredProperties": []string{"title"}, "primaryDisplayProperty": "title", "properties": []any{text("title"), text("note")}, "associatedObjects": []string{"CONTACT", "COMPANY"}})
	o.HubSpot = made["objectTypeId"].(string)
	w.settings.CustomObjects = append(w.settings.CustomObjects, o)
	w.settings.Mappings[name] = []config.Mapping{{HubSpot: "title", Salesforce: "Name"}, {HubSpot: "note", Salesforce: "Note__c"}}
	w.settings.Complete()
	return &w.settings.CustomObjects[len(w.settings.CustomObjects)-1]
}

// objectCalled is the Salesforce object of a pair of the settings.
func (w *World) objectCalled(pair string) string {
	for _, d := range w.settings.Pairs() {
		if string(d.Name) == pair {
			return string(d.Objects[core.Salesforce][0])
		}
	}
	return ""
}

// ends are the objects of a custom pair.
func (w *World) ends(pair string) (sf, hs core.Object) {
	o := w.Conn.Pairs.Objects(core.Pair(pair))
	return o[core.Salesforce][0], o[core.HubSpot][0]
}
