package cli

import (
	"strings"
	"testing"

	"tandem/internal/config"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// TestOPT2_CheckNamesWhatAnOptOutLacks, and says nothing where people do not sync.
func TestOPT2_CheckNamesWhatAnOptOutLacks(t *testing.T) {
	t.Parallel()
	const hs, sf = "e-mail opt-out", "Contact.HasOptedOutOfEmail"
	r := newRig(t)
	if _, _, found := r.checked(); found[hs].What != "" {
		t.Errorf("people do not sync: %+v", found[hs])
	}
	r.edit(func(f *config.File) { f.Connections[0].Contacts.Sync = true })
	if _, _, found := r.checked(); found[hs].State != green || found[sf].State != green {
		t.Errorf("with all rights: %+v, %+v", found[hs], found[sf])
	}
	for _, tt := range []struct {
		what, mend string
		take       func() error
	}{
		{sf, "Email Opt Out", func() error {
			return r.sims.org.SetRight(salesforcesim.Right{Object: "Contact", Field: "HasOptedOutOfEmail", Read: true})
		}},
		{hs, "communication_preferences.write", func() error {
			return r.sims.portal.Configure(hubspotsim.Settings{RemoveScopes: []string{"communication_preferences.read_write", "communication_preferences.write"}})
		}},
		{hs, "communication_preferences.read", func() error {
			return r.sims.portal.Configure(hubspotsim.Settings{RemoveScopes: []string{"communication_preferences.read"}})
		}},
	} {
		if err := tt.take(); err != nil {
			t.Fatal(err)
		}
		code, _, found := r.checked()
		if f := found[tt.what]; code != exitNot || f.State != red || !strings.Contains(f.Mend, tt.mend) {
			t.Errorf("exit %d, %s: %+v", code, tt.what, f)
		}
	}
}
