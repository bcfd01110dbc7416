package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
)

// TestOPT2_DEL4_WhoIsMergedTakesTheOptOutAlong although both had partners in HubSpot: they are
// one person, so that the one who is kept is opted out on both sides. Who comes back is back.
func TestOPT2_DEL4_WhoIsMergedTakesTheOptOutAlong(t *testing.T) {
	says := map[string]func(w *World, lost string){
		"ticked":       func(w *World, lost string) { w.tick(core.Contact, lost, true); w.thrice() },
		"unsubscribed": func(w *World, _ string) { w.optOut("lost@x.com"); w.thrice() },
		"at once":      func(w *World, lost string) { w.tick(core.Contact, lost, true) },
	}
	for name, say := range says {
		t.Run(name, func(t *testing.T) {
			inBoth(t, func(t *testing.T, profile Option) {
				w := New(t, profile, people())
				kept, _ := w.optPair("kept@x.com")
				lost, _ := w.optPair("lost@x.com")
				say(w, lost)
				w.wantBox(core.Contact, kept, false)
				w.Advance(time.Minute)
				w.must(w.Org.As(admin).Merge("Contact", kept, lost))
				w.thrice()
				w.wantOptOut(core.Contact, kept, "kept@x.com")
				w.wantOut("lost@x.com", true)
				w.wantLifts()
				w.wantStill(t)
				w.Advance(time.Minute)
				w.optBack("kept@x.com", "")
				w.thrice()
				w.wantBox(core.Contact, kept, false)
				w.wantOut("kept@x.com", false)
				w.wantLifts(kept)
			})
		})
	}
}
