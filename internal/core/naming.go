package core

import "fmt"

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

// Records is what outputs call the records of a pair: one of the settings has no word for
// several of its own.
func (s PairSet) Records(p Pair) string {
	if d := s.Def(p); d.Custom {
		return string(d.Name) + " records"
	}
	return s.Plural(p)
}
