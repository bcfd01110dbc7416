package simtest

import (
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestLIM17_TRIG7_AnotherOwnersMapSaysWhomItReaches before it is saved, and is as a changed
// mapping from then on: existing records keep their owner until they are filled in.
func TestLIM17_TRIG7_AnotherOwnersMapSaysWhomItReaches(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		s := withOwners(t, profile)
		one, itsCompany := s.linked("One", "OwnerId", s.sam)
		two, _ := s.linked("Two", "OwnerId", s.sam)
		s.linked("Three", "OwnerId", s.rita)
		s.linked("Four", "OwnerId", s.solo)
		s.wantRematch(nil, func(o *config.Owners) { o.Fallback = "rita.rep@portal.example" })
		swap := func(o *config.Owners) {
			o.Map = map[string]string{s.sam: ownerRita, "solo@org.example": "sam.seller@portal.example"}
		}
		s.wantRematch([]engine.Rematch{{Pair: core.CompanyPair, Linked: 4, Other: 3}}, swap)
		s.Restart(func(c *config.Connection) { swap(&c.Owners) })
		s.Sync()
		s.wantOwners(one, itsCompany, s.sam, ownerSam)
		_, err := s.Engine.StartImport(t.Context(), s.Conn, "backfill", engine.ImportArgs{Pair: core.CompanyPair, Sides: []core.Side{core.Salesforce}, Linked: true})
		s.must(err)
		s.Sync()
		s.wantOwners(one, itsCompany, s.sam, ownerRita)
		s.wantOwners(two, s.partner(two), s.sam, ownerRita)
		s.wantRematch([]engine.Rematch{{Pair: core.CompanyPair, Linked: 4, Other: 2, Nobody: 1}}, func(o *config.Owners) { o.Map = nil })
		s.wantNoIssues()
	})
}

// wantRematch wants to be told whom other settings of owners reach; nothing is written.
func (s *staffed) wantRematch(want []engine.Rematch, change func(*config.Owners)) {
	s.T.Helper()
	next, sides, ledger := s.settings, s.Conn.Sides, len(s.Portal.Ledger())
	change(&next.Owners)
	got, calls, err := s.Engine.Rematch(s.T.Context(), engine.Setup{Settings: s.settings, Sides: sides}, engine.Setup{Settings: next, Sides: sides})
	s.must(err)
	if len(got) != len(want) || len(got) > 0 && got[0] != want[0] {
		s.T.Errorf("it reaches %+v, want %+v", got, want)
	}
	if (calls["salesforce"] > 0) != (len(want) > 0) || len(s.Portal.Ledger()) != ledger {
		s.T.Errorf("%v calls, %d writes", calls, len(s.Portal.Ledger())-ledger)
	}
	for _, one := range got {
		if !strings.Contains(one.String(), "tandem backfill company --to hubspot") {
			s.T.Errorf("it names no way: %s", one)
		}
	}
}
