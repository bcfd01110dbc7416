package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
)

// TestOPT1_OPT2_AnOptOutPassesBothWays opts out on each side.
func TestOPT1_OPT2_AnOptOutPassesBothWays(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		a, _ := w.optPair("a@x.com")
		b, _ := w.optPair("b@x.com")
		w.tick(core.Contact, a, true)
		w.optOut("b@x.com")
		w.again()
		w.wantOptOut(core.Contact, a, "a@x.com")
		w.again()
		w.wantOptOut(core.Contact, b, "b@x.com")
		w.wantStill(t)
		w.wantLifts()
		w.wantNoIssues()
	})
}

// TestOPT3_OPT5_LIM13_AMB9_UntickingOptsNobodyIn unticks a box whose address HubSpot knows as opted out:
// it is ticked again (OPT-5, AMB-9, LIM-13).
func TestOPT3_OPT5_LIM13_AMB9_UntickingOptsNobodyIn(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		c, _ := w.optPair("a@x.com")
		w.optOut("a@x.com")
		w.again()
		w.again()
		w.wantBox(core.Contact, c, true)
		w.tick(core.Contact, c, false)
		w.again()
		w.wantOptOut(core.Contact, c, "a@x.com")
		w.wantStill(t)
		w.wantLifts()
	})
}

// TestOPT6_AResubscriptionClearsTheBox has the person come back by the link in an
// e-mail, and a user of the portal take somebody back with a legal basis.
func TestOPT6_AResubscriptionClearsTheBox(t *testing.T) {
	for name, basis := range map[string]string{"by the person": "", "with a legal basis": "CONSENT_WITH_NOTICE"} {
		t.Run(name, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, people())
				c, _ := w.optPair("a@x.com")
				w.tick(core.Contact, c, true)
				w.again()
				w.wantOut("a@x.com", true)
				w.Advance(time.Minute)
				w.again()
				w.optBack("a@x.com", basis)
				w.again()
				w.again()
				w.wantBox(core.Contact, c, false)
				w.wantOut("a@x.com", false)
				w.wantLifts(c)
				w.wantStill(t)
				w.Advance(time.Minute)
				w.tick(core.Contact, c, true) // and out again
				w.again()
				w.again()
				w.wantOptOut(core.Contact, c, "a@x.com")
				w.wantStill(t)
				w.wantLifts(c)
			})
		})
	}
}
