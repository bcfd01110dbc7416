package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestLIM16_OurBookkeepingIsNoTouchOfPeople: after a run made a company, Tandem alone notes
// on it who owns its account now. That keeps no undo from archiving it, whereas what a person
// wrote does, before such a note and after it.
func TestLIM16_OurBookkeepingIsNoTouchOfPeople(t *testing.T) {
	edit := func(s *staffed, company string) {
		s.editCompany(company, "phone", "555-0100") // not mapped
		s.Advance(3 * time.Second)
	}
	for name, by := range map[string]struct {
		before, after func(s *staffed, company string)
		kept          bool
	}{
		"nobody else": {}, "a person before": {before: edit, kept: true}, "a person after": {after: edit, kept: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := withOwners(t)
			other := s.user("Olga", "Other", "olga@org.example")
			account := s.account("Edge", "OwnerId", s.solo)
			s.Sync()
			run, company := s.lastRun(), s.partner(account)
			s.Advance(time.Minute)
			if by.before != nil {
				by.before(s, company)
			}
			for _, user := range []string{other, s.solo, other} {
				s.must(s.Org.As(admin).Update("Account", account, map[string]any{"OwnerId": user}))
				s.Sync()
				s.Advance(time.Minute)
			}
			s.want(core.Companies, company, "salesforceownername", "Olga Other")
			if by.after != nil {
				by.after(s, company)
			}
			v := s.undo(engine.UndoArgs{Run: run, DeleteCreated: true})
			if got := s.companyCount() == 1; got != by.kept {
				t.Errorf("the company is kept: %v, want %v: %+v", got, by.kept, v.Samples.Left)
			}
		})
	}
}
