package hubspot

import (
	"testing"

	"tandem/sim/hubspotsim"
)

func TestConsentIsKeptByAddress(t *testing.T) {
	w := serve(t, hubspotsim.Options{ConsentLag: -1})
	var found struct {
		Contact, Type string
		All, One      *string
	}
	w.run("consent.mjs", &found)
	if found.All != nil || found.One != nil {
		t.Errorf("after one type was taken up again: all %v, the type %v; want neither", found.All, found.One)
	}
	w.want("contacts", found.Contact, "hs_email_optout_39644613", "true") // the others stay opted out
}
