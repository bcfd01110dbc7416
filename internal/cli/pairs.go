package cli

import (
	"context"
	"maps"
	"slices"
	"strings"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// pairs are the object pairs that the connections work by: those of the settings in
// force, which may have been applied beside the file. Where they cannot be read, which
// whoever needs them says, they are those of the file, or those that every connection has.
// A verb reads them once.
func (a *app) pairs(ctx context.Context) core.PairSet {
	if a.objects != nil {
		return a.objects
	}
	f, err := a.load()
	if err != nil {
		return core.StandardPairs
	}
	for i, c := range f.Connections {
		if inForce, err := a.withStored(ctx, f, c); err == nil {
			f.Connections[i] = inForce
		}
	}
	a.objects = f.Pairs()
	return a.objects
}

// pairWords are the names that people use for the pairs that every connection has.
var pairWords = map[core.Pair][]string{
	core.CompanyPair:  {"company", "companies", "account", "accounts", "Account"},
	core.ContactPair:  {"contact", "contacts", "lead", "leads", "Contact", "Lead"},
	core.ActivityPair: {"activity", "activities", "task", "tasks", "event", "events", "call", "calls", "email", "emails", "meeting", "meetings", "note", "notes", "Task", "Event"},
	core.DealPair:     {"deal", "deals", "opportunity", "opportunities", "Opportunity"},
	core.TicketPair:   {"ticket", "tickets", "case", "cases", "Case"},
	core.ProductPair:  {"product", "products", "Product2"},
	core.LineItemPair: {"line_item", "line_items", "line-item", "line-items", "OpportunityLineItem"},
}

// activityWords are the names of the types of activities, by those that people use.
var activityWords = map[string]string{"task": "task", "tasks": "task", "call": "call", "calls": "call", "email": "email", "emails": "email",
	"meeting": "meeting", "meetings": "meeting", "note": "note", "notes": "note"}

func isNumber(id string) bool { return id != "" && strings.Trim(id, "0123456789") == "" }

// pairOf reads an object of either side by the names people use.
func (a *app) pairOf(ctx context.Context, word string) (core.Pair, error) {
	pairs := a.pairs(ctx)
	for i := range pairs {
		if names := append(slices.Clone(pairWords[pairs[i].Name]), string(pairs[i].Name), pairs[i].Plural); slices.Contains(names, word) {
			return pairs[i].Name, nil
		}
	}
	var known []string
	for _, p := range pairs.Names() {
		if known = append(known, string(p)); p == core.ContactPair {
			known = append(known, "lead")
		}
	}
	last := len(known) - 1
	return "", usage("unknown object "+word, "these settings know "+strings.Join(known[:last], ", ")+" and "+known[last])
}

// nounsOf are what a result's name of an object stands for, one record and several.
func (a *app) nounsOf(name string) [2]string {
	for i := range a.known() {
		if d := &a.known()[i]; d.Plural == name {
			return a.known().Nouns(d.Name)
		}
	}
	return [2]string{name + " record", name + " records"}
}

// pairsIn are the pairs that a table tells of, those that every connection has first.
func pairsIn[T any](of map[core.Pair]T) (out []core.Pair) {
	for _, p := range core.StandardPairs.Names() {
		if _, told := of[p]; told {
			out = append(out, p)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(of)) {
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

// objectsIn are the names of what a result tells of, those that every connection has
// first.
func objectsIn(objects map[string]engine.Counts) (out []string) {
	for _, d := range core.StandardPairs {
		if _, told := objects[d.Plural]; told {
			out = append(out, d.Plural)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(objects)) {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}
