package engine

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/policy"
)

// Foretold is a value that a side gives records by itself as they are made, and that passes to
// the partners by the rule of the field: what a plan writes is not the end of it. Salesforce
// tells its defaults; HubSpot does not, and neither tells what automation adds.
type Foretold struct {
	Side   string      `json:"side"`   // that gives it
	Object core.Object `json:"object"` // that is made
	Field  string      `json:"field"`
	// Value is the default, blank where a formula makes it; To is what the partner gets, where
	// that is known.
	Value   string `json:"value,omitempty"`
	Partner string `json:"partner_field"`
	To      string `json:"to,omitempty"`
	Records int    `json:"records"`
}

// foretell counts the defaults that an item's create brings about.
func (p *planner) foretell(b *batch, it *item) {
	m := b.mapping(it)
	for _, side := range core.Sides {
		op := it.ops[side]
		if op == nil || op.Kind != core.OpCreate || m == nil {
			continue
		}
		p.override(it, side)
		for _, f := range m.Synced() {
			d, other := f.Defs[side], side.Other()
			_, sent := op.Fields[f.Names[side]]
			kept := it.stored(other, f) != "" && f.Rule != core.AlwaysSalesforce // and an issue says why it is not sent
			if sent || kept || !d.Defaulted() || !f.Passes(side) || !f.Writable(other, false) {
				continue
			}
			one := Foretold{Side: side.String(), Object: op.Target.Object, Field: f.Names[side], Value: d.Default, Partner: f.Names[other]}
			if d.Default != "" {
				one.To, _ = f.ToSide(other, f.Canon(side, d.Default))
			}
			p.defaults[one]++
		}
	}
}

// foretold are the defaults counted so far, in a fixed order.
func (p *planner) foretold() (out []Foretold) {
	for one, n := range p.defaults {
		one.Records = n
		out = append(out, one)
	}
	slices.SortFunc(out, func(a, b Foretold) int {
		return cmp.Or(strings.Compare(a.Side, b.Side), strings.Compare(string(a.Object), string(b.Object)), strings.Compare(a.Field, b.Field),
			strings.Compare(a.Partner, b.Partner), strings.Compare(a.To, b.To))
	})
	return out
}

// override counts a create that the settings keep from happening by itself: an import is a
// person's word, and makes it all the same (IMP-1).
func (p *planner) override(it *item, side core.Side) {
	from, s := side.Other(), p.c.Settings
	if s.Pair(p.meta.Pair).From[from] != policy.UpdateOnly {
		return
	}
	if p.counts.Overrides == nil {
		p.counts.Overrides = map[string]int{}
	}
	p.counts.Overrides[strings.TrimSuffix(s.SwitchKey(p.meta.Pair), "sync")+"from_"+from.String()]++
}

// Words say to a person what a default leads to.
func (f Foretold) Words() string {
	side, other := core.Salesforce, core.HubSpot
	if f.Side == other.String() {
		side, other = other, side
	}
	given := "a value that a formula makes"
	if f.Value != "" {
		given = fmt.Sprintf("%q", f.Value)
	}
	gets := "that follows in the " + other.Label() + " field " + f.Partner
	if f.To != "" && f.To != f.Value {
		gets += fmt.Sprintf(" as %q", f.To)
	}
	return fmt.Sprintf("%s gives new records of %s %s as %s by itself, and %s: %s.", side.Label(), f.Object, given, f.Field, gets, records(f.Records))
}

// OverrideWords say to a person what an import makes although a setting keeps it from
// happening by itself.
func OverrideWords(key string, n int) string {
	return fmt.Sprintf("%s is update_only, and an import makes partners all the same (IMP-1): of %s", key, records(n))
}

// KeyedWords say to a person how many records get nothing but the id of their new partner, by
// side; blank where none does. Automation that runs on every change runs on that one as well.
func KeyedWords(n map[string]int) string {
	var all []string
	for _, side := range core.Sides {
		if k := n[side.String()]; k > 0 {
			all = append(all, records(k)+" of "+side.Label())
		}
	}
	if len(all) == 0 {
		return ""
	}
	return "Besides these writes, " + strings.Join(all, " and ") + " get the id of their new partner in Tandem's own field; automation there that runs on every change runs on that one as well."
}

func records(n int) string {
	if n == 1 {
		return "1 record"
	}
	return fmt.Sprintf("%d records", n)
}
