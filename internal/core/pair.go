package core

import "slices"

// Pair is an object pair: the two (or three) object types that may be the same
// thing on the two sides.
type Pair string

// The object pairs.
const (
	CompanyPair Pair = "company" // Account ⇄ companies
	ContactPair Pair = "contact" // Contact | Lead ⇄ contacts
	DealPair    Pair = "deal"    // Opportunity ⇄ deals
)

// pairDef declares an object pair. What works on any pair asks this table and
// names none.
type pairDef struct {
	name Pair
	// settings is the block of the settings that switches it, and the word for
	// several of its records.
	settings string
	objects  [2][]Object
	// parent is the pair whose records these belong to, by the reference field
	// of that name on Salesforce and the primary association on HubSpot.
	parent      Pair
	parentField string
}

// pairDefs are the object pairs, parents first.
var pairDefs = []pairDef{
	{name: CompanyPair, settings: "companies", objects: [2][]Object{{Account}, {Companies}}},
	{name: ContactPair, settings: "contacts", objects: [2][]Object{{Contact, Lead}, {Contacts}}, parent: CompanyPair, parentField: "AccountId"},
	{name: DealPair, settings: "deals", objects: [2][]Object{{Opportunity}, {Deals}}, parent: CompanyPair, parentField: "AccountId"},
}

// objectWords are what a person calls a record of an object.
var objectWords = map[Object]string{Account: "account", Contact: "contact", Lead: "lead", Opportunity: "opportunity", ContactRole: "contact role",
	Companies: "company", Contacts: "contact", Deals: "deal"}

// Word is what a person calls a record of the object.
func (o Object) Word() string {
	if w := objectWords[o]; w != "" {
		return w
	}
	return string(o)
}

// Pairs lists the object pairs, parents first.
var Pairs = namesOf(pairDefs)

func namesOf(defs []pairDef) []Pair {
	out := make([]Pair, len(defs))
	for i := range defs {
		out[i] = defs[i].name
	}
	return out
}

// def is the declaration of a pair; of an unknown one a blank.
func (p Pair) def() *pairDef {
	if i := slices.IndexFunc(pairDefs, func(d pairDef) bool { return d.name == p }); i >= 0 {
		return &pairDefs[i]
	}
	return &pairDef{}
}

// Objects are the object types of a pair on each side, the preferred one first.
func (p Pair) Objects() [2][]Object {
	own := p.def().objects
	return [2][]Object{slices.Clone(own[Salesforce]), slices.Clone(own[HubSpot])}
}

// Plural is the word for several records of the pair: what the settings and every
// output call it.
func (p Pair) Plural() string { return p.def().settings }

// Parent is the pair whose records these belong to, and the Salesforce field that
// names them; blank for a pair that stands by itself.
func (p Pair) Parent() (of Pair, field string) { return p.def().parent, p.def().parentField }

// PairOf is the pair an object type of a side belongs to; ok is false for a
// type that no pair knows.
func PairOf(side Side, object Object) (pair Pair, ok bool) {
	for i := range pairDefs {
		if slices.Contains(pairDefs[i].objects[side], object) {
			return pairDefs[i].name, true
		}
	}
	return "", false
}
