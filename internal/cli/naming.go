package cli

import (
	"strings"

	"tandem/internal/core"
)

// objectArg is how usage lines name an object.
const objectArg = "company|contact|lead|deal|ticket|product|line_item|activity|NAME"

// objectHelp ends the help of verbs that take an object.
const objectHelp = `

Salesforce's words do as well: account, opportunity, case. An activity is also named by
its type: task, event, call, email, meeting or note, which a number of HubSpot's needs
where activities of several types have it. NAME is a custom object's in the
settings (docs/custom-objects.md).`

// known are the object pairs by whose names outputs call records: those of the settings,
// once the verb has read them.
func (a *app) known() core.PairSet {
	if a.objects == nil {
		return core.StandardPairs
	}
	return a.objects
}

// label is a record as a person reads it.
func (a *app) label(r core.Ref) string { return a.known().Label(r) }

// place is a record as lists show it: side, object and id.
func (a *app) place(side string, o core.Object, id string) string {
	return side + " " + a.known().Title(o) + " " + id
}

// refWords is a record in words, where a text names one as programs do.
func (a *app) refWords(text string) string {
	if r, ok := core.ParseRef(text); ok {
		return a.label(r)
	}
	return text
}

// opWords are what is done and to which object, such as "create companies", in the words
// of people.
func (a *app) opWords(text string) string {
	kind, object, _ := strings.Cut(text, " ")
	return strings.TrimSpace(kind + " " + a.known().Title(core.Object(object)))
}
