package policy

import (
	"fmt"
	"testing"

	"tandem/internal/core"
)

// TestDEL6_I10_WhatADeletionMayReach holds for every combination: a deletion passes to
// the very record that was the partner, for what no other record was merged into, with
// evidence, and as the setting says.
func TestDEL6_I10_WhatADeletionMayReach(t *testing.T) {
	fates := []Fate{Stands, LivesOn, Taken, Gone, Hidden}
	for _, side := range core.Sides {
		for _, own := range fates[1:] {
			for _, partner := range fates {
				for _, absorbed := range []core.Ref{{}, company("7")} {
					for _, setting := range []string{"", Flag, Archive, Delete} {
						f := gone(side, own, partner, absorbed, setting)
						d := Deleted(f)
						passes := d.Outcome == Flag || d.Outcome == Archive || d.Outcome == Delete
						may := own == Gone && (partner == Stands || partner == Gone || partner == Hidden) && absorbed.IsZero() && setting != ""
						if passes != may {
							t.Errorf("%s: %s (%v)", fmt.Sprint(side, own, partner, absorbed, setting), d.Outcome, d.Facts)
						}
						if own == Hidden && d.Outcome != Wait {
							t.Errorf("hidden: %s", d.Outcome)
						}
					}
				}
			}
		}
	}
}

// TestDEL6_ALoggedDeletionThatMayBeAMergeDeletesNothing, and what cannot be one passes as any
// other deletion does.
func TestDEL6_ALoggedDeletionThatMayBeAMergeDeletesNothing(t *testing.T) {
	for _, setting := range []string{"", Flag, Archive, Delete} {
		f := gone(core.Salesforce, Gone, Stands, core.Ref{}, setting)
		row := Deleted(f)
		f.Evidence = LoggedDeletion
		if d := Deleted(f); d.Outcome != row.Outcome || d.Rule != row.Rule {
			t.Errorf("%q: a logged deletion is %s %s, one in the recycle bin %s %s", setting, d.Rule, d.Outcome, row.Rule, row.Outcome)
		}
		f.Doubt = "it may have been merged"
		d, keeps := Deleted(f), setting == Archive || setting == Delete
		if (d.Outcome == Park && d.Rule == "DEL-6") != keeps || !keeps && d.Outcome != row.Outcome {
			t.Errorf("%q: %s %s of what may have been merged", setting, d.Rule, d.Outcome)
		}
	}
}

func gone(side core.Side, own, partner Fate, absorbed core.Ref, setting string) DeletedFacts {
	f := DeletedFacts{Side: side, Partner: company("1"), PartnerFate: partner, Absorbed: absorbed, Setting: setting}
	switch own {
	case LivesOn:
		f.MergedInto = company("2")
	case Taken:
		f.MergedInto, f.SurvivorPartner = company("2"), account("3")
	case Gone:
		f.Evidence = DeletedRow
	}
	return f
}

func TestLIM7_WhatBecomesOfAParkedLink(t *testing.T) {
	rows := []struct {
		of   [2]Fate
		want string
	}{
		{[2]Fate{Taken, Stands}, Park},
		{[2]Fate{Stands, Stands}, Relink}, // the merge was taken back
		{[2]Fate{Gone, Stands}, Park},
		{[2]Fate{Hidden, Taken}, Park},
		{[2]Fate{LivesOn, Taken}, Park},
		{[2]Fate{LivesOn, Hidden}, Park},
		{[2]Fate{LivesOn, Stands}, Relink},
		{[2]Fate{LivesOn, LivesOn}, Relink},
		{[2]Fate{LivesOn, Gone}, Unlink},
		{[2]Fate{Taken, Taken}, Unlink},
		{[2]Fate{Gone, Taken}, Unlink},
		{[2]Fate{Gone, Gone}, Unlink},
	}
	for _, row := range rows {
		for _, of := range [][2]Fate{row.of, {row.of[1], row.of[0]}} {
			if d := Parked(of); d.Outcome != row.want || d.Rule != "LIM-7" {
				t.Errorf("%v: %s %s, want %s", of, d.Rule, d.Outcome, row.want)
			}
		}
	}
}
