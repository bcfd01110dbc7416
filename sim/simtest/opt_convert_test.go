package simtest

import (
	"cmp"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/salesforcesim"
)

// TestOPT2_OPT7_WhoTakesThePlaceOfOneOptedOutStaysOptedOut: a lead is converted into, or
// merged with, a record that was there before under another address. Nobody changed an
// address, so the opt-out is that person's: the HubSpot contact has it before it is given the
// other address, and the sides say the same.
func TestOPT2_OPT7_WhoTakesThePlaceOfOneOptedOutStaysOptedOut(t *testing.T) {
	says := map[string]func(w *World, lead string){
		"ticked":                     func(w *World, lead string) { w.tick(core.Lead, lead, true); w.again(); w.again() },
		"ticked and gone at once":    func(w *World, lead string) { w.tick(core.Lead, lead, true) },
		"unsubscribed":               func(w *World, _ string) { w.optOut("a@x.com"); w.again(); w.again() },
		"unsubscribed while it goes": func(w *World, _ string) { w.optOut("a@x.com") },
	}
	inBoth(t, func(t *testing.T, profile Option) {
		for name, say := range says {
			for _, way := range []core.Object{core.Contact, core.Lead, justMade} {
				t.Run(name+", into a "+string(way), func(t *testing.T) {
					object, way := way, cmp.Or(map[core.Object]core.Object{justMade: core.Contact}[way], way)
					w := New(t, profile, people())
					lead := w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", "a@x.com")
					w.Sync()
					hs := w.wantMate(lead)
					w.Advance(time.Minute)
					say(w, lead)
					other := w.goOnAs(object, lead, "b@x.com")
					w.thrice()
					if w.mate(hs) != other {
						t.Fatalf("linked with %q, want %s", w.mate(hs), other)
					}
					w.want(core.Contacts, hs, "email", "b@x.com")
					w.wantOptOut(way, other, "b@x.com")
					w.wantOut("a@x.com", true)
					w.wantOutBefore(hs, "b@x.com")
					w.wantLifts()
					w.wantStill(t)
					w.Advance(time.Minute)
					w.optBack("b@x.com", "")
					w.thrice()
					w.wantBox(way, other, false)
					w.wantLifts(other)
				})
			}
		}
	})
}

// justMade is a contact that was made right ahead of the conversion, as code in the org does.
const justMade core.Object = "Contact of this second"

// goOnAs converts or merges a lead into a record with another address that is there before.
func (w *World) goOnAs(object core.Object, lead, email string) (other string) {
	w.T.Helper()
	if object == core.Lead {
		other = w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", email)
		w.must(w.Org.As(admin).Merge("Lead", other, lead))
		return other
	}
	account := w.account("Edge")
	other = w.made(core.Contact, "LastName", "Gray", "Email", email, "AccountId", account)
	if object != justMade {
		w.Advance(time.Minute)
	}
	_, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true, AccountID: account, ContactID: other})
	w.must(err)
	return other
}

// TestOPT7_TheContactOfAConversionIsTheLead under another id: in the original's profile, who
// gave the lead another address changed one, and that address is not opted out. Whether the
// contact was given another one since, or was there before, nothing tells: it is opted out.
func TestOPT7_TheContactOfAConversionIsTheLead(t *testing.T) {
	for when, out := range map[string]bool{"before": false, "after": true} {
		t.Run(when, func(t *testing.T) {
			w := New(t, inProfile(config.Classic), people())
			lead := w.made(core.Lead, "LastName", "Gray", "Company", "Co", "Email", "a@x.com")
			w.Sync()
			hs := w.wantMate(lead)
			w.tick(core.Lead, lead, true)
			w.again()
			w.again()
			w.Advance(time.Minute)
			if when == "before" {
				w.change(core.Lead, lead, "Email", "b@x.com")
			}
			made, err := w.Org.As(admin).ConvertLead(lead, salesforcesim.Convert{NoOpportunity: true})
			w.must(err)
			if when == "after" {
				w.change(core.Contact, made.ContactID, "Email", "b@x.com")
			}
			w.thrice()
			w.want(core.Contacts, hs, "email", "b@x.com")
			w.wantOptOut(core.Contact, made.ContactID, "a@x.com")
			w.wantOut("b@x.com", out)
			w.wantLifts()
		})
	}
}
