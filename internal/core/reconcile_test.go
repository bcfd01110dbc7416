package core

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

var universe = []string{"", "a", "b", "c"}

// bases are no base, each value agreed on, and agreed pairs of forms.
func bases() []*Agreed {
	out := []*Agreed{nil}
	for _, s := range universe {
		for _, h := range universe {
			out = append(out, &Agreed{s, h})
		}
	}
	return out
}

// everyInput enumerates the whole small universe.
func everyInput(yield func(FieldInput) bool) {
	bools := []bool{false, true}
	for rule := PreferSalesforce; rule <= HubSpotOnly; rule++ {
		for _, base := range bases() {
			for _, s := range universe {
				for _, h := range universe {
					for flags := range 16 {
						for later := Uncertain; later <= HubSpotLater; later++ {
							f := FieldInput{Key: "F", Rule: rule, Now: [2]string{s, h}, Later: later,
								Readable: [2]bool{bools[flags&1], bools[flags>>1&1]}, Writable: [2]bool{bools[flags>>2&1], bools[flags>>3&1]}}
							if base != nil {
								f.Base, f.HasBase = *base, true
							}
							if !yield(f) {
								return
							}
						}
					}
				}
			}
		}
	}
}

func one(f FieldInput) FieldResult { return Reconcile([]FieldInput{f})[0] }

// apply is what happens when the write goes through: the new field with the
// advanced base.
func apply(f FieldInput, r FieldResult) FieldInput {
	for _, side := range Sides {
		if r.Write[side] {
			f.Now[side] = f.Now[side.Other()]
		}
	}
	b := Base{}
	if f.HasBase {
		b["F"] = f.Base
	}
	if r.Write[Salesforce] || r.Write[HubSpot] {
		b = AdvanceField(b, "F", f.Now[Salesforce], f.Now[HubSpot])
	} else {
		b = Advance(b, Agreements([]FieldInput{f}, []FieldResult{r}))
	}
	f.Base, f.HasBase = b["F"]
	return f
}

func TestReconcileEveryCombination(t *testing.T) {
	n := 0
	for f := range everyInput {
		n++
		r := one(f)
		if why := broken(f, r); why != "" {
			t.Fatalf("%s\ninput %+v\nresult %+v", why, f, r)
		}
	}
	if n != 5*17*16*16*3 {
		t.Fatalf("enumerated %d combinations", n)
	}
}

// broken checks one result against the laws; blank when all hold.
func broken(f FieldInput, r FieldResult) string {
	after := apply(f, r)
	again := one(after)
	open := f.Rule != DontSync && f.Readable[Salesforce] && f.Readable[HubSpot]
	wrote := r.Write[Salesforce] || r.Write[HubSpot]
	switch {
	case r.Write[Salesforce] && r.Write[HubSpot]:
		return "both sides of a field are written"
	case wrote && !open:
		return "something is written although the field does not sync or cannot be read"
	case r.Write[Salesforce] && !f.Writable[Salesforce], r.Write[HubSpot] && !f.Writable[HubSpot]:
		return "a side is written that refuses it"
	case r.InSync && wrote:
		return "a field in sync is written"
	case r.Case == BlankKept:
		return brokenBlank(f, r)
	case r.InSync && f.Rule != DontSync && !Same(f.Now[0], f.Now[1]) && one(withoutChange(f)).Case != SameUnchanged:
		return "in sync although the sides differ from the base and each other"
	case !r.InSync && open && !wrote && r.Case != TargetReadOnly:
		return "out of sync and nothing says why"
	case wrote && (again.Write != [2]bool{} || !again.InSync || again.Conflict):
		return fmt.Sprintf("applying is not final: %+v", again)
	case wrote && !Same(after.Now[0], after.Now[1]):
		return "applying does not converge"
	case !wrote && (r.Conflict || r.Lost != ""):
		return "a conflict without a write"
	case f.Rule == AlwaysSalesforce && r.Write[Salesforce], f.Rule == HubSpotOnly && r.Write[HubSpot]:
		return "a one-way rule writes its source"
	case r.Rule != f.Rule.Requirement():
		return "the result names another rule"
	}
	return brokenLoss(f, r)
}

// brokenBlank checks the one difference that is left alone.
func brokenBlank(f FieldInput, r FieldResult) string {
	source := map[Rule]Side{AlwaysSalesforce: Salesforce, HubSpotOnly: HubSpot}
	side, oneWay := source[f.Rule]
	switch {
	case !oneWay || f.Now[side] != "" || f.HasBase && f.Base[side] != "":
		return "a value or a clear is not passed on"
	case r.Write != [2]bool{} || !r.InSync || r.Conflict:
		return "a blank that was never filled has an effect"
	}
	return ""
}

// withoutChange tells whether both sides are at the base.
func withoutChange(f FieldInput) FieldInput {
	f.Rule = TwoWay
	return f
}

// brokenLoss checks that a value a side was given is never overwritten without a
// trace, and that a trace tells the truth.
func brokenLoss(f FieldInput, r FieldResult) string {
	for _, side := range Sides {
		given := f.Now[side] != ""
		if f.HasBase {
			given = Digest(f.Now[side]) != f.Base[side]
		}
		if r.Write[side] && given != r.Conflict {
			return "an overwritten value is not in the conflict log, or an unchanged one is"
		}
		if r.Write[side] && r.Conflict && (r.Lost != f.Now[side] || r.LostSide != side) {
			return "the conflict names another value than the one given up"
		}
	}
	return ""
}

func TestMAP6_TwoWayMirrorsTheSides(t *testing.T) {
	mirrorLater := map[Later]Later{SalesforceLater: HubSpotLater, HubSpotLater: SalesforceLater}
	mirrorCase := map[Case]Case{OnlySalesforceChanged: OnlyHubSpotChanged, OnlyHubSpotChanged: OnlySalesforceChanged,
		SalesforceCleared: HubSpotCleared, HubSpotCleared: SalesforceCleared}
	for f := range everyInput {
		if f.Rule != TwoWay || f.Later == Uncertain {
			continue
		}
		m := f
		m.Base, m.Later = Agreed{f.Base[1], f.Base[0]}, mirrorLater[f.Later]
		m.Now = [2]string{f.Now[1], f.Now[0]}
		m.Readable, m.Writable = [2]bool{f.Readable[1], f.Readable[0]}, [2]bool{f.Writable[1], f.Writable[0]}
		r, mr := one(f), one(m)
		want := r.Case
		if c, ok := mirrorCase[want]; ok {
			want = c
		}
		if mr.Case != want || mr.Write != [2]bool{r.Write[1], r.Write[0]} || mr.Lost != r.Lost || r.Conflict && mr.LostSide != r.LostSide.Other() {
			t.Fatalf("not the mirror image:\n%+v → %+v\n%+v → %+v", f, r, m, mr)
		}
	}
}

func TestMAP15_HubSpotOnlyMirrorsAlwaysSalesforce(t *testing.T) {
	for f := range everyInput {
		if f.Rule != AlwaysSalesforce {
			continue
		}
		m := f
		m.Rule, m.Base, m.Now = HubSpotOnly, Agreed{f.Base[1], f.Base[0]}, [2]string{f.Now[1], f.Now[0]}
		m.Readable, m.Writable = [2]bool{f.Readable[1], f.Readable[0]}, [2]bool{f.Writable[1], f.Writable[0]}
		if r, mr := one(f), one(m); mr.Write != [2]bool{r.Write[1], r.Write[0]} || mr.Conflict != r.Conflict || mr.InSync != r.InSync {
			t.Fatalf("not the mirror image:\n%+v → %+v\n%+v → %+v", f, r, m, mr)
		}
	}
}

const (
	toS = 1 << iota
	toH
	clash
	rest
)

func TestReconcileTable(t *testing.T) {
	type row struct {
		name  string
		rule  Rule
		base  string // "-" none, "x" agreed x, "x|y" two forms
		now   string // salesforce|hubspot
		later Later
		want  Case
		does  int
	}
	rows := []row{
		{"MAP-4 Salesforce fills", PreferSalesforce, "-", "a|", 0, FirstMeetingFill, toH},
		{"MAP-4 HubSpot fills what was never filled", PreferSalesforce, "-", "|a", 0, FirstMeetingFill, toS},
		{"MAP-4 Salesforce overwrites at the first meeting", PreferSalesforce, "-", "a|b", 0, FirstMeetingDiffer, toH | clash},
		{"MAP-4 HubSpot fills a field that was always blank", PreferSalesforce, "", "|a", 0, OnlyHubSpotChanged, toS},
		{"AMB-6 a clear in Salesforce clears HubSpot", PreferSalesforce, "a", "|a", 0, SalesforceCleared, toH},
		{"AMB-6 a clear in Salesforce beats a change in HubSpot, visibly", PreferSalesforce, "a", "|b", 0, DivergentClear, toH | clash},
		{"AMB-6 a clear in HubSpot is undone", PreferSalesforce, "a", "a|", 0, HubSpotCleared, toH | clash},
		{"MAP-4 a change in HubSpot is undone", PreferSalesforce, "a", "a|b", HubSpotLater, OnlyHubSpotChanged, toH | clash},
		{"MAP-4 both changed", PreferSalesforce, "a", "b|c", HubSpotLater, DivergentChange, toH | clash},
		{"MAP-4 both cleared", PreferSalesforce, "a", "|", 0, ConvergentChange, rest},
		{"MAP-5 never writes Salesforce, and a blank never filled is no clear", AlwaysSalesforce, "-", "|a", 0, BlankKept, rest},
		{"MAP-5 fills HubSpot", AlwaysSalesforce, "-", "a|", 0, FirstMeetingFill, toH},
		{"MAP-5 overwrites at the first meeting", AlwaysSalesforce, "-", "a|b", HubSpotLater, FirstMeetingDiffer, toH | clash},
		{"MAP-5 a clear passes", AlwaysSalesforce, "a", "|a", 0, SalesforceCleared, toH},
		{"MAP-5 a change in HubSpot is undone", AlwaysSalesforce, "a", "a|b", HubSpotLater, OnlyHubSpotChanged, toH | clash},
		{"MAP-5 a fill in HubSpot stays as long as Salesforce is blank", AlwaysSalesforce, "", "|b", HubSpotLater, BlankKept, rest},
		{"MAP-5 and gives way to the first value", AlwaysSalesforce, "", "a|b", HubSpotLater, DivergentChange, toH | clash},
		{"MAP-5 a clear beats a change, visibly", AlwaysSalesforce, "a", "|b", HubSpotLater, DivergentClear, toH | clash},
		{"MAP-15 a calculated property passes", HubSpotOnly, "a", "a|b", SalesforceLater, OnlyHubSpotChanged, toS},
		{"MAP-15 a calculated property without value clears nothing", HubSpotOnly, "-", "a|", 0, BlankKept, rest},
		{"MAP-6 Salesforce changed", TwoWay, "a", "b|a", HubSpotLater, OnlySalesforceChanged, toH},
		{"MAP-6 HubSpot changed", TwoWay, "a", "a|b", SalesforceLater, OnlyHubSpotChanged, toS},
		{"MAP-6 a delete in Salesforce passes", TwoWay, "a", "|a", HubSpotLater, SalesforceCleared, toH},
		{"MAP-6 a delete in HubSpot passes", TwoWay, "a", "a|", SalesforceLater, HubSpotCleared, toS},
		{"AMB-7 both changed, HubSpot later", TwoWay, "a", "b|c", HubSpotLater, DivergentChange, toS | clash},
		{"AMB-7 both changed, Salesforce later", TwoWay, "a", "b|c", SalesforceLater, DivergentChange, toH | clash},
		{"LIM-19 both changed, uncertain", TwoWay, "a", "b|c", Uncertain, DivergentChange, toH | clash},
		{"AMB-7 cleared and changed, the clear is later", TwoWay, "a", "b|", HubSpotLater, DivergentClear, toS | clash},
		{"LIM-19 first meeting, HubSpot later", TwoWay, "-", "a|b", HubSpotLater, FirstMeetingDiffer, toS | clash},
		{"LIM-19 first meeting, uncertain", TwoWay, "-", "a|b", Uncertain, FirstMeetingDiffer, toH | clash},
		{"LIM-19 first meeting fills Salesforce", TwoWay, "-", "|b", SalesforceLater, FirstMeetingFill, toS},
		{"LIM-19 first meeting fills HubSpot", TwoWay, "-", "a|", HubSpotLater, FirstMeetingFill, toH},
		{"both changed alike", TwoWay, "a", "b|b", 0, ConvergentChange, rest},
		{"first meeting of equals", TwoWay, "-", "a|a", 0, FirstMeetingEqual, rest},
		{"the agreed other form is unchanged", TwoWay, "a|b", "a|b", HubSpotLater, SameUnchanged, rest},
		{"MAP-4 the agreed other form is unchanged", PreferSalesforce, "a|b", "a|b", 0, SameUnchanged, rest},
		{"a side takes the other's form", TwoWay, "a|b", "b|b", 0, ConvergentChange, rest},
		{"MAP-7 nothing passes", DontSync, "a", "b|c", HubSpotLater, NotSynced, rest},
		{"MAP-7 no clear passes", DontSync, "a", "|a", 0, NotSynced, rest},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			r := one(input(row.rule, row.base, row.now, row.later))
			if got := done(r); r.Case != row.want || got != row.does {
				t.Errorf("got %s doing %04b, want %s doing %04b (%+v)", r.Case, got, row.want, row.does, r)
			}
		})
	}
}

// done are the effects of a result.
func done(r FieldResult) (got int) {
	for bit, on := range map[int]bool{toS: r.Write[Salesforce], toH: r.Write[HubSpot], clash: r.Conflict, rest: r.InSync} {
		if on {
			got |= bit
		}
	}
	return got
}

func input(rule Rule, base, now string, later Later) FieldInput {
	f := FieldInput{Key: "F", Rule: rule, Later: later, Readable: [2]bool{true, true}, Writable: [2]bool{true, true}}
	s, h := halves(now)
	f.Now = [2]string{s, h}
	if base != "-" {
		s, h = halves(base)
		f.Base, f.HasBase = Agreed{s, h}, true
	}
	return f
}

func halves(text string) (s, h string) {
	for i, c := range text {
		if c == '|' {
			return text[:i], text[i+1:]
		}
	}
	return text, text
}

func TestReconcileUnreadableIsNoClear(t *testing.T) {
	for _, side := range Sides {
		f := input(TwoWay, "a", "a|a", Uncertain)
		f.Now[side], f.Readable[side] = "", false
		if r := one(f); r.Case != Unreadable || r.Write != [2]bool{} || r.InSync {
			t.Errorf("%s unreadable: %+v", side, r)
		}
	}
}

func TestReconcileReadOnlyTargetKeepsItsValue(t *testing.T) {
	f := input(TwoWay, "a", "a|b", Uncertain)
	f.Writable[Salesforce] = false
	r := one(f)
	if r.Case != TargetReadOnly || r.Write != [2]bool{} || r.Conflict || r.InSync {
		t.Errorf("got %+v", r)
	}
}

func TestReconcileKeepsOrderAndComparesUnicodeForms(t *testing.T) {
	composed, decomposed := "Caf\u00e9", "Cafe\u0301"
	a, b := input(TwoWay, "-", "", 0), input(TwoWay, "-", "x|y", 0)
	a.Key, a.Now, b.Key = "A", [2]string{composed, decomposed}, "B"
	got := Reconcile([]FieldInput{b, a})
	if got[0].Key != "B" || got[1].Key != "A" || got[1].Case != FirstMeetingEqual {
		t.Errorf("got %+v", got)
	}
}

func TestLaterOf(t *testing.T) {
	noon := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	rows := []struct {
		sf, hs time.Time
		want   Later
	}{
		{noon, noon, Uncertain},
		{noon, noon.Add(2 * time.Second), Uncertain},
		{noon, noon.Add(2*time.Second + 1), HubSpotLater},
		{noon.Add(3 * time.Second), noon, SalesforceLater},
		{noon.Add(2 * time.Second), noon, Uncertain},
		{time.Time{}, noon, Uncertain},
		{noon, time.Time{}, Uncertain},
	}
	for _, row := range rows {
		if got := LaterOf(row.sf, row.hs, 2*time.Second); got != row.want {
			t.Errorf("LaterOf(%v, %v) = %d, want %d", row.sf, row.hs, got, row.want)
		}
	}
}

func TestRuleNames(t *testing.T) {
	for _, name := range []string{"prefer_salesforce", "always_salesforce", "two_way", "none"} {
		var r Rule
		if err := r.UnmarshalText([]byte(name)); err != nil || r.String() != name {
			t.Errorf("%s came back as %s, %v", name, r, err)
		}
		if text, _ := r.MarshalText(); string(text) != name {
			t.Errorf("%s is written as %s", name, text)
		}
	}
	for _, name := range []string{"", "hubspot_only", "Two_Way", "sometimes"} {
		if _, err := ParseRule(name); err == nil {
			t.Errorf("%q was taken for a rule", name)
		}
	}
	ids := []string{PreferSalesforce.Requirement(), AlwaysSalesforce.Requirement(), TwoWay.Requirement(), DontSync.Requirement(), HubSpotOnly.Requirement()}
	if !slices.Equal(ids, []string{"MAP-4", "MAP-5", "MAP-6", "MAP-7", "MAP-15"}) {
		t.Errorf("requirements are %v", ids)
	}
}
