package salesforcesim

import (
	"strings"

	"tandem/sim/salesforcesim/soql"
)

// The bounds of the two parts of a geolocation, in degrees.
const (
	maxLatitude  = 90
	maxLongitude = 180
)

// locationParts are the two columns that hold a custom geolocation field: Place__c
// is only a view of Place__Latitude__s and Place__Longitude__s (Object Reference,
// "Geolocation Compound Field").
func locationParts(whole *field) []*field {
	part := func(what string, bound float64) *field {
		return &field{name: locationPart(whole.name, what), label: whole.label + " (" + what + ")", typ: "double", precision: whole.scale + 3, scale: whole.scale, bound: bound,
			compound: whole.name, custom: true, createable: true, updateable: true, required: whole.required, decimal: whole.decimal, id: whole.id}
	}
	return []*field{part("Latitude", maxLatitude), part("Longitude", maxLongitude)}
}

func locationPart(whole, what string) string {
	return strings.TrimSuffix(whole, "__c") + "__" + what + "__s"
}

// asLocation makes a field the view of its two parts.
func (f *field) asLocation(m metadataMap) {
	latitude, longitude := locationPart(f.name, "Latitude"), locationPart(f.name, "Longitude")
	f.createable, f.updateable, f.decimal = false, false, m.truth("displayLocationInDecimal")
	f.compute = func(_ *Org, r *record) value {
		north, east := r.named(latitude), r.named(longitude)
		if north.IsNull() && east.IsNull() {
			return value{}
		}
		out := appendValue([]byte(`{"latitude":`), north, "double")
		out = appendValue(append(out, `,"longitude":`...), east, "double")
		return soql.Raw(string(append(out, '}')))
	}
}

// addLocation adds the columns of a new geolocation field, the parts before the
// whole as in an address.
func (ob *object) addLocation(whole *field) {
	for _, p := range locationParts(whole) {
		ob.add(p)
	}
	ob.add(whole)
}

// changeLocation takes a changed definition over to the parts.
func (ob *object) changeLocation(whole *field) {
	for _, next := range locationParts(whole) {
		if have := ob.field(next.name); have != nil {
			next.object, next.idx = ob, have.idx
			*have = *next
		}
	}
}

// dropField removes a field with the parts that hold it.
func (ob *object) dropField(f *field) {
	for _, have := range ob.fields {
		if have.custom && have.compound == f.name {
			ob.drop(have)
		}
	}
	ob.drop(f)
}
