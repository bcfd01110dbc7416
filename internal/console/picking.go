package console

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// Picking says which records an import takes: all of Object where the rest is blank.
type Picking struct {
	Object   string // a pair, or lead for the leads of Salesforce alone
	Sides    []core.Side
	When     string // an expression over the fields of one side
	List     string // of HubSpot
	Campaign string
	Named    string // ids, one a line or in a column of CSV
}

// leadsAlone is the object of an import of leads without contacts.
const leadsAlone = "lead"

// Of puts what is picked into an order, or says what does not go together.
func (p *Picking) Of(o *Order, pairs core.PairSet) error {
	o.Pair, o.Sides, o.Named = core.Pair(p.Object), p.Sides, p.Named
	o.Pick = engine.Pick{When: p.When, List: p.List, Campaign: p.Campaign}
	if p.Object == leadsAlone {
		o.Pair, o.Pick.Objects, o.Sides = core.ContactPair, []core.Object{core.Lead}, without(p.Sides, core.HubSpot)
	}
	if p.List != "" {
		o.Sides = without(o.Sides, core.Salesforce)
	}
	switch {
	case !slices.Contains(pairs.Names(), o.Pair):
		return misused("Choose what to import.")
	case len(o.Sides) == 0 && p.List != "":
		return misused("A list names records of HubSpot: choose HubSpot or both sides, and what is in HubSpot.")
	case len(o.Sides) == 0:
		return misused("Leads are in Salesforce alone: choose Salesforce or both sides.")
	case p.When != "" && len(o.Sides) > 1:
		return misused("A condition speaks of the fields of one side: choose Salesforce or HubSpot.")
	case p.Named != "" && (p.When != "" || p.List != "" || p.Campaign != "" || p.Object == leadsAlone):
		return misused("Ids name the records by themselves: leave the condition, the list and the campaign blank, and do not choose leads alone.")
	case p.Campaign != "" && (p.When != "" || p.List != ""):
		return misused("A campaign names the records by itself: leave the condition and the list blank.")
	}
	return nil
}

func without(sides []core.Side, one core.Side) (out []core.Side) {
	for _, side := range sides {
		if side != one {
			out = append(out, side)
		}
	}
	return out
}

// picking is what the form of an import says.
func (v *visit) picking() (p Picking, err error) {
	text := func(key string) string { return strings.TrimSpace(v.r.PostFormValue(key)) }
	p = Picking{Object: text("object"), When: text("when"), List: text("list"), Campaign: text("campaign"), Named: text("ids")}
	if p.Sides, err = v.sides(); err != nil {
		return p, err
	}
	f, head, err := v.r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) || err == nil && head.Size == 0 {
		return p, nil
	}
	if err != nil {
		return p, misused("The file cannot be read, or is larger than a megabyte.")
	}
	defer f.Close()
	all, err := io.ReadAll(f)
	if p.Named != "" {
		return p, misused("Ids were both written and in a file: choose one.")
	}
	p.Named = string(all)
	return p, err
}

// some says for the audit log which records were picked.
func (p *Picking) some() string {
	for _, one := range [][2]string{{"where ", p.When}, {"list ", p.List}, {"campaign ", p.Campaign}} {
		if one[1] != "" {
			return one[0] + one[1]
		}
	}
	if p.Named != "" {
		return "ids of a list"
	}
	return "all"
}
