package hubspotsim

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

func checkOptions(in newProperty) *apiError {
	if in.Shown != nil && !contains(numberDisplay, *in.Shown) {
		return invalid("Property '" + in.Name + "': number display hint " + *in.Shown + " is not valid")
	}
	if in.Options == nil {
		return nil
	}
	seen := map[string]bool{}
	for _, o := range *in.Options {
		if o.Value == "" || seen[o.Value] {
			return invalid("Property '" + in.Name + "': option values must be set and unique")
		}
		seen[o.Value] = true
	}
	return nil
}
