package hubspot

import (
	"net/url"
	"slices"

	"tandem/internal/core"
)

// objectType is what the client must know of an object type by itself (CRM
// guides: object type ids, association type ids, merge).
type objectType struct {
	typeID   string // 0-1
	singular string
	stamp    string // property with the modification time
	created  string
	merges   bool
	label    string // property that names a record for a person
}

const (
	stampOfOthers = "hs_lastmodifieddate"
	mergedIDs     = "hs_merged_object_ids"
	recordID      = "hs_object_id"
)

var objectTypes = map[core.Object]objectType{
	core.Contacts:  {"0-1", "contact", "lastmodifieddate", "createdate", true, "email"},
	core.Companies: {"0-2", "company", stampOfOthers, "createdate", true, "name"},
	"deals":        {"0-3", "deal", stampOfOthers, "createdate", true, "dealname"},
	"tickets":      {"0-5", "ticket", stampOfOthers, "createdate", true, "subject"},
	"products":     {"0-7", "product", stampOfOthers, "createdate", false, "name"},
	"line_items":   {"0-8", "line_item", stampOfOthers, "createdate", false, "name"},
	"tasks":        {"0-27", "task", stampOfOthers, "hs_createdate", false, "hs_task_subject"},
	"notes":        {"0-46", "note", stampOfOthers, "hs_createdate", false, "hs_note_body"},
	"meetings":     {"0-47", "meeting", stampOfOthers, "hs_createdate", false, "hs_meeting_title"},
	"calls":        {"0-48", "call", stampOfOthers, "hs_createdate", false, "hs_call_title"},
	"emails":       {"0-49", "email", stampOfOthers, "hs_createdate", false, "hs_email_subject"},
}

// typeOf knows the standard types; any other is taken for a custom object,
// whose name is its type id too.
func typeOf(object core.Object) objectType {
	if t, ok := objectTypes[object]; ok {
		return t
	}
	return objectType{string(object), string(object), stampOfOthers, "hs_createdate", true, ""}
}

// objectOf finds a standard object by its type id or singular name.
func objectOf(name string) (core.Object, bool) {
	for object, t := range objectTypes {
		if t.typeID == name || t.singular == name {
			return object, true
		}
	}
	return "", false
}

// fieldsFor adds what every read needs to the fields asked for.
func fieldsFor(object core.Object, fields []string) []string {
	t := typeOf(object)
	out := append(slices.Clone(fields), t.stamp, t.created)
	if t.merges {
		out = append(out, mergedIDs)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// pathOf joins path segments, escaped: a segment never adds a slash of its own.
func pathOf(prefix string, segments ...string) string {
	for _, s := range segments {
		prefix += "/" + url.PathEscape(s)
	}
	return prefix
}

func objectPath(object core.Object, rest ...string) string {
	return pathOf("/crm/v3/objects", append([]string{string(object)}, rest...)...)
}

// linkKind are the association type ids from one object type to another;
// primary is 0 where the pair has none.
type linkKind struct{ plain, primary int }

type objectPair struct{ from, to core.Object }

var linkKinds = map[objectPair]linkKind{
	{core.Contacts, core.Companies}:  {279, 1},
	{core.Companies, core.Contacts}:  {280, 2},
	{"deals", core.Contacts}:         {3, 0},
	{core.Contacts, "deals"}:         {4, 0},
	{"deals", core.Companies}:        {341, 5},
	{core.Companies, "deals"}:        {342, 6},
	{core.Contacts, "tickets"}:       {15, 0},
	{"tickets", core.Contacts}:       {16, 0},
	{core.Companies, "tickets"}:      {340, 25},
	{"tickets", core.Companies}:      {339, 26},
	{"deals", "tickets"}:             {27, 0},
	{"tickets", "deals"}:             {28, 0},
	{"deals", "line_items"}:          {19, 0},
	{"line_items", "deals"}:          {20, 0},
	{core.Companies, core.Companies}: {450, 0},
	{core.Contacts, core.Contacts}:   {449, 0},
	{"deals", "deals"}:               {451, 0},
	{"calls", core.Contacts}:         {194, 0},
	{"emails", core.Contacts}:        {198, 0},
	{"meetings", core.Contacts}:      {200, 0},
	{"notes", core.Contacts}:         {202, 0},
	{"tasks", core.Contacts}:         {204, 0},
	{"calls", core.Companies}:        {182, 0},
	{"emails", core.Companies}:       {186, 0},
	{"meetings", core.Companies}:     {188, 0},
	{"notes", core.Companies}:        {190, 0},
	{"tasks", core.Companies}:        {192, 0},
	{"calls", "deals"}:               {206, 0},
	{"emails", "deals"}:              {210, 0},
	{"meetings", "deals"}:            {212, 0},
	{"notes", "deals"}:               {214, 0},
	{"tasks", "deals"}:               {216, 0},
	{"calls", "tickets"}:             {220, 0},
	{"emails", "tickets"}:            {224, 0},
	{"meetings", "tickets"}:          {226, 0},
	{"notes", "tickets"}:             {228, 0},
	{"tasks", "tickets"}:             {230, 0},
}

const categoryDefined = "HUBSPOT_DEFINED"

func definedType(id int) wireLinkType { return wireLinkType{Category: categoryDefined, TypeID: id} }
