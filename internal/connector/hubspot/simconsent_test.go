package hubspot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
)

const marketing = 39644612

func unsubscribes(addresses ...string) (ops []core.Op) {
	for _, a := range addresses {
		ops = append(ops, core.Op{Key: "u/" + a, Kind: core.OpUnsubscribe, Target: core.Ref{Side: core.HubSpot, Object: core.Contacts}, UniqueField: "email", UniqueValue: a})
	}
	return ops
}

// consentCalls are the calls to communication preferences so far.
func consentCalls(p *hubspotsim.Portal) (n int) {
	for endpoint, calls := range p.Stats().ByEndpoint {
		if strings.Contains(endpoint, "communication-preferences") {
			n += int(calls)
		}
	}
	return n
}

// TestOPT2_AddressesAreOptedOutAndAsked with batches where the tier has them, and one by
// one where its answer says that it has not.
func TestOPT2_AddressesAreOptedOutAndAsked(t *testing.T) {
	for tier, most := range map[string]int{"enterprise": 4, "professional": 14} {
		t.Run(tier, func(t *testing.T) {
			p := newPortal(t, hubspotsim.Options{Tier: tier})
			c := connect(t, p, static(p))
			door := p.As("Maria")
			addresses := []string{"a@x.com", "b+c/d@x.com", "back@x.com", "never@x.com"}
			if err := door.OptOut("back@x.com"); err != nil {
				t.Fatal(err)
			}
			outs, err := c.Write(t.Context(), unsubscribes(addresses[0], addresses[1]))
			if err != nil {
				t.Fatal(err)
			}
			for i, o := range outs {
				said := door.Consent(addresses[i])
				if o.Status != core.Applied || !said.OptedOut || o.Stamp.Before(said.At.Truncate(time.Millisecond)) || o.Stamp.Sub(said.At) > 2*time.Second {
					t.Errorf("%s: %+v, the portal says %+v", addresses[i], o, said)
				}
			}
			p.Advance(time.Minute)
			if err := door.Resubscribe("back@x.com", marketing, "CONSENT_WITH_NOTICE", "by phone"); err != nil {
				t.Fatal(err)
			}
			got, err := c.Consents(t.Context(), addresses)
			if err != nil {
				t.Fatal(err)
			}
			for i, a := range addresses {
				s := got[a]
				switch {
				case i < 2 && (!s.Out || !s.At.Equal(outs[i].Stamp)),
					i == 2 && (s.Out || s.Basis != "CONSENT_WITH_NOTICE" || s.Back.IsZero() || s.Source == ""),
					i == 3 && s != core.ConsentStatus{}:
					t.Errorf("%s: %+v", a, s)
				}
			}
			if n := consentCalls(p); n > most {
				t.Errorf("%d calls, want %d at most", n, most)
			}
		})
	}
}

// TestOPT2_AMissingScopeConcernsNothingElse: the refusal is the call's alone.
func TestOPT2_AMissingScopeConcernsNothingElse(t *testing.T) {
	p := newPortal(t, hubspotsim.Options{})
	c := connect(t, p, static(p))
	if missing, err := c.ConsentScopes(t.Context()); err != nil || len(missing) > 0 {
		t.Errorf("with all scopes: %v, %v", missing, err)
	}
	err := p.Configure(hubspotsim.Settings{RemoveScopes: []string{"communication_preferences.read_write", "communication_preferences.read", "communication_preferences.write",
		"communication_preferences.statuses.batch.read", "communication_preferences.statuses.batch.write"}})
	if err != nil {
		t.Fatal(err)
	}
	outs, err := c.Write(t.Context(), unsubscribes("a@x.com", "b@x.com"))
	if err != nil || outs[0].Status != core.Rejected || outs[1].Class != core.ClassRejected || outs[1].Code != "MISSING_SCOPES" {
		t.Errorf("write: %+v, %v", outs, err)
	}
	if _, err := c.Consents(t.Context(), []string{"a@x.com", "b@x.com"}); connector.ClassOf(err) != core.ClassRejected {
		t.Errorf("read: %v", err)
	}
	if _, err := c.ConsentScopes(t.Context()); connector.ClassOf(err) != core.ClassRejected {
		t.Errorf("scopes: %v", err)
	}
}

// TestLIM12_AScanOfWhoIsOptedOut gives nobody else, pages, and is resumed.
func TestLIM12_AScanOfWhoIsOptedOut(t *testing.T) {
	const page = 200
	p := newPortal(t, hubspotsim.Options{})
	c := connect(t, p, static(p))
	door := p.As("Maria")
	var want []string
	for i := range page + 3 {
		email := fmt.Sprintf("out%d@x.com", i)
		id, err := door.Create("contacts", map[string]string{"email": email})
		if err == nil {
			err = door.OptOut(email)
		}
		if err == nil && i < 3 {
			_, err = door.Create("contacts", map[string]string{"email": fmt.Sprintf("in%d@x.com", i)})
		}
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, id)
	}
	p.Advance(time.Minute) // the property and the index follow
	scan := connector.Scan{Object: core.Contacts, True: "hs_email_optout"}
	var got, next []string
	for range 2 {
		err := c.Scan(t.Context(), scan, func(p connector.Page) error {
			for _, r := range p.Records {
				got = append(got, r.Ref.ID)
			}
			next = append(next, p.Next)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		scan.After = next[0]
	}
	if want = append(want, want[page:]...); !slices.Equal(got, want) || len(next) != 3 || next[1] != "" {
		t.Errorf("%d records in %d pages, want %d in 3", len(got), len(next), len(want))
	}
}
