package hubspotsim

import "strings"

// placeOptions puts options that came without a place behind all that have one.
func (d *property) placeOptions(in []newOption) {
	last := -1
	for _, o := range in {
		if o.DisplayOrder != nil {
			last = max(last, *o.DisplayOrder)
		}
	}
	for i := range d.options {
		if in[i].DisplayOrder == nil {
			last++
			d.options[i].DisplayOrder = last
		}
	}
}

// newOption is an option of a create or patch; its place may be left out.
type newOption struct {
	option
	DisplayOrder *int `json:"displayOrder"`
}

// checkOptions: values and labels are each unique within a property of a type, and
// numbers are shown in a way that there is.
func checkOptions(typeID, name string, in newProperty) *apiError {
	if in.Shown != nil && !contains(numberDisplay, *in.Shown) {
		return invalid("Property '" + name + "': number display hint " + *in.Shown + " is not valid")
	}
	if in.Options == nil {
		return nil
	}
	values, labels := map[string]bool{}, map[string]bool{}
	var twice []string
	for _, o := range *in.Options {
		if o.Value == "" || values[o.Value] {
			return invalid("Property '" + name + "': option values must be set and unique")
		}
		if labels[o.Label] {
			twice = append(twice, o.Label)
		}
		values[o.Value], labels[o.Label] = true, true
	}
	if twice != nil {
		return invalid("Property option labels must be unique. For the property '" + name + "' of object type '" + typeID + "' these labels are duplicated: " + strings.Join(twice, ", "))
	}
	return nil
}
