package simtest

import (
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

// Who enters an address that only looks like somebody else's gets nothing of theirs:
// no link, no value, no opt-out.
func TestX18_AnAddressThatLooksAlikeIsNobodyElses(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		alike := [][2]string{
			{"ada@paypal.com", "ada@xn--pypal-4ve.com"}, // a Cyrillic letter in the domain
			{"morn@edge.com", "mom@edge.com"},
			{"bill@edge.com", "bi11@edge.com"},
			{"sam@edge.com", "sam@edge.co"},
			{"o'neil@edge.com", "oneil@edge.com"},
			{"x_y@edge.com", "x%y@edge.com"}, // a wildcard, were it a pattern
			{"eve@edge.com", "kelvin@edge.com"},
		}
		var sf, hs []string
		w := New(t, profile, people(), Before(func(w *World) {
			for _, a := range alike {
				sf, hs = append(sf, w.contact("Of Salesforce", a[0], w.account("Firm of "+a[0]))), append(hs, w.person("Of HubSpot", a[1]))
			}
			w.Advance(time.Hour)
		}))
		w.importing(core.ContactPair, core.Sides[:]...)
		for i, a := range alike {
			if w.mate(sf[i]) == hs[i] || w.mate(hs[i]) == sf[i] {
				t.Errorf("%s is taken for %s", a[1], a[0])
			}
			if got := w.lastName(core.Contact, sf[i]); got != "Of Salesforce" {
				t.Errorf("the contact %s is called %q", a[0], got)
			}
			if got := w.lastName(core.Contacts, hs[i]); got != "Of HubSpot" {
				t.Errorf("the HubSpot contact %s is called %q", a[1], got)
			}
		}
	})
}

// The Kelvin sign has k as its lower case: an address with it is another one.
func TestX18_AForeignLetterIsNotThePlainOneOfSomebodyElse(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people())
		victim := w.contact("Victim", "kelvin@edge.com", w.account("Edge"))
		stranger := w.person("Stranger", "qelvin@edge.com")
		w.must(w.Portal.Break(hubspotsim.Fault{Do: "rewrite", Find: "qelvin@", Body: "\u212aelvin@"}))
		w.Advance(time.Hour)
		w.importing(core.ContactPair, core.HubSpot)
		if got := w.mate(stranger); got == victim {
			t.Error("the Kelvin sign passes for a k")
		}
		if got := w.lastName(core.Contact, victim); got != "Victim" {
			t.Errorf("the victim is called %q", got)
		}
	})
}

func (w *World) lastName(object core.Object, id string) string {
	w.T.Helper()
	if object == core.Contacts {
		person, _ := w.Portal.As(admin).Get("contacts", id)
		return person["lastname"]
	}
	name, _ := w.Org.As(admin).Get(string(object), id)["LastName"].(string)
	return name
}
