package core

import (
	"fmt"
	"strings"
)

// custom is the declaration of the pair of an object that the settings declare, nil for
// other objects: HubSpot calls a custom object by a number, people by its pair's name.
func (s PairSet) custom(o Object) *PairDef {
	for i := range s {
		for _, side := range Sides {
			if s[i].Custom && s[i].Objects[side][0] == o {
				return &s[i]
			}
		}
	}
	return nil
}

// Word is what a person calls a record of the object: of one that the settings declare
// the name that they give it.
func (s PairSet) Word(o Object) string {
	if d := s.custom(o); d != nil && o.Word() == string(o) {
		return string(d.Name)
	}
	return o.Word()
}

// Title is what lists call an object: the name that its side gives it, but for custom
// objects of HubSpot, which have a number there and a name in the settings.
func (s PairSet) Title(o Object) string {
	if d := s.custom(o); d != nil && d.Objects[HubSpot][0] == o {
		return d.Plural
	}
	return string(o)
}

// Label is "HubSpot company 123", as a person reads it.
func (s PairSet) Label(r Ref) string {
	return fmt.Sprintf("%s %s %s", r.Side.Label(), s.Word(r.Object), r.ID)
}

// Nouns are what outputs call a record of a pair, one and several. One that is no
// standard pair has a name and no word for several.
func (s PairSet) Nouns(p Pair) [2]string {
	if d := s.Def(p); d.Custom || d.Name == "" {
		return [2]string{string(p) + " record", string(p) + " records"}
	}
	return [2]string{spaced(string(p)), spaced(s.Plural(p))}
}

// Records is what outputs call several records of a pair.
func (s PairSet) Records(p Pair) string { return s.Nouns(p)[1] }

// spaced is a name in the words that it is made of.
func spaced(name string) string { return strings.ReplaceAll(name, "_", " ") }
