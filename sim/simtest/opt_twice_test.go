package simtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/store"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// When the opt-out of a twin is said: it is known or not before the first merge, before the
// second one, or never.
const (
	optKnown   = "known before"
	optAtOnce  = "with the first merge"
	optBetween = "between"
	optSecond  = "with the second merge"
	optNever   = "never"
)

// twins are two people in step who turn out to be one, and are merged on both sides.
type twins struct {
	into   string // what the two are in Salesforce: contacts, leads, or a lead that becomes the contact
	says   core.Side
	out    int // who of them is opted out
	when   string
	keeps  [2]int // who is kept on each side
	first  core.Side
	synced bool // between the two merges

	objects  [2]core.Object
	ids      [2][2]string // by side and twin
	survivor [2]string
}

const (
	bothContacts = "contacts"
	bothLeads    = "leads"
	leadContact  = "a lead and the contact that it becomes"
)

func (p *twins) String() string {
	return fmt.Sprintf("%s, %d opted out in %s %s, Salesforce keeps %d, HubSpot %d, %s first, synced between %v", p.into, p.out, p.says, p.when, p.keeps[0], p.keeps[1], p.first, p.synced)
}

// everyTwins are all orders in which two twins are merged on both sides and one of them
// opts out.
func everyTwins() (out []*twins) {
	for _, into := range []string{bothContacts, bothLeads, leadContact} {
		for _, says := range core.Sides {
			for _, when := range []string{optKnown, optAtOnce, optBetween, optSecond, optNever} {
				for n := range 1 << 5 {
					bit := func(i int) int { return n >> i & 1 }
					p := &twins{into: into, says: says, when: when, out: bit(4), keeps: [2]int{bit(0), bit(1)}, first: core.Side(bit(2)), synced: bit(3) == 1}
					if p.happens() {
						out = append(out, p)
					}
				}
			}
		}
	}
	return out
}

// happens reports that a case is one that can be, and no other by another name.
func (p *twins) happens() bool {
	switch {
	case p.into == leadContact && p.keeps[core.Salesforce] == 0: // a contact becomes no lead
		return false
	case p.into != leadContact && p.out != 0: // the two are alike
		return false
	case p.when == optNever && p.says != core.HubSpot:
		return false
	case !p.synced && (p.first != core.HubSpot || p.when == optBetween || p.when == optSecond):
		return false
	}
	return p.says != core.Salesforce || !slices.Contains([]string{optBetween, optSecond}, p.when) ||
		p.first != core.Salesforce || p.keeps[core.Salesforce] == p.out // whose record is gone is ticked no more
}

func (p *twins) address(n, who int) string { return fmt.Sprintf("t%d-%d@x.com", n, who) }

// makeTwins makes the twins in Salesforce, and waits until they are in step.
func (w *World) makeTwins(all []*twins) {
	w.T.Helper()
	account := w.account("Edge")
	for n, p := range all {
		for who := range 2 {
			p.objects[who] = core.Lead
			if p.into == bothContacts || p.into == leadContact && who == 1 {
				p.objects[who] = core.Contact
			}
			fields := []string{"LastName", fmt.Sprintf("T%d-%d", n, who), "Email", p.address(n, who)}
			if p.objects[who] == core.Lead {
				fields = append(fields, "Company", fmt.Sprintf("Co%d-%d", n, who))
			} else {
				fields = append(fields, "AccountId", account)
			}
			p.ids[core.Salesforce][who] = w.made(p.objects[who], fields...)
		}
	}
	w.again()
	w.again()
	for _, p := range all {
		for who, id := range p.ids[core.Salesforce] {
			p.ids[core.HubSpot][who] = w.wantMate(id)
		}
	}
	w.Advance(time.Minute)
}

// sayTwins has those opt out who do at a time.
func (w *World) sayTwins(all []*twins, when string) {
	w.T.Helper()
	for n, p := range all {
		switch {
		case p.when != when:
		case p.says == core.HubSpot:
			w.optOut(p.address(n, p.out))
		default:
			w.tick(p.objects[p.out], p.ids[core.Salesforce][p.out], true)
		}
	}
}

// mergeTwins merges two twins on one side.
func (w *World) mergeTwins(p *twins, side core.Side) {
	w.T.Helper()
	ids, keeps := p.ids[side], p.keeps[side]
	p.survivor[side] = ids[keeps]
	switch {
	case side == core.HubSpot:
		id, err := w.Portal.As(admin).Merge("contacts", ids[keeps], ids[1-keeps])
		w.must(err)
		p.survivor[side] = id
	case p.into == leadContact:
		account := w.shown(core.Contact, ids[1], "AccountId")
		_, err := w.Org.As(admin).ConvertLead(ids[0], salesforcesim.Convert{NoOpportunity: true, AccountID: account, ContactID: ids[1]})
		w.must(err)
	default:
		w.must(w.Org.As(admin).Merge(string(p.objects[keeps]), ids[keeps], ids[1-keeps]))
	}
}

// addressesOf are all that a HubSpot contact has.
func (w *World) addressesOf(contact string) []string {
	w.T.Helper()
	return strings.FieldsFunc(w.shown(core.Contacts, contact, "email")+";"+w.shown(core.Contacts, contact, "hs_additional_emails"), func(r rune) bool { return r == ';' })
}

// wantTwins fails unless the twins are one person on both sides, of whom both say the same.
func (w *World) wantTwins(p *twins, out bool) {
	w.T.Helper()
	sf, hs := p.survivor[core.Salesforce], p.survivor[core.HubSpot]
	if mate := w.mate(sf); mate != hs {
		w.T.Errorf("%v: linked with %q, want %s", p, mate, hs)
	}
	if got := w.box(p.objects[p.keeps[core.Salesforce]], sf); got != out {
		w.T.Errorf("%v: the box is %v, want %v", p, got, out)
	}
	addresses := w.addressesOf(hs)
	if len(addresses) != 2 {
		w.T.Errorf("%v: the HubSpot contact has the addresses %v, want 2", p, addresses)
	}
	for _, address := range addresses {
		if got := w.Portal.As(admin).Consent(address).OptedOut; got != out {
			w.T.Errorf("%v: %s of %v is opted out in HubSpot: %v, want %v", p, address, addresses, got, out)
		}
	}
}

// wantTwinsBack has all come back under every address they have, and wants their boxes cleared.
func (w *World) wantTwinsBack(all []*twins) {
	w.T.Helper()
	w.Advance(time.Minute)
	var lifted []string
	for _, p := range all {
		if p.when == optNever {
			continue
		}
		lifted = append(lifted, p.survivor[core.Salesforce])
		for _, address := range w.addressesOf(p.survivor[core.HubSpot]) {
			w.optBack(address, "CONSENT_WITH_NOTICE")
		}
	}
	w.thrice()
	w.Advance(25 * time.Hour) // further addresses are asked once a day
	w.thrice()
	for _, p := range all {
		w.wantTwins(p, false)
	}
	w.wantLifts(lifted...)
}

// TestOPT2_LIM7_AnOptOutSurvivesEveryOrderOfMerges of two people on both sides, whoever is kept
// on each, wherever and whenever one of them opts out: whom both sides keep is opted out,
// under every address, and who comes back under them all is back.
func TestOPT2_LIM7_AnOptOutSurvivesEveryOrderOfMerges(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for _, mode := range []string{"new_id", "keep_primary"} {
			t.Run(mode, func(t *testing.T) {
				w := New(t, profile, people(), Settings(func(c *config.Connection) { c.Brakes.Changed.Share = 10 }), Portal(func(o *hubspotsim.Options) { o.MergeMode = mode }))
				all := everyTwins()
				w.makeTwins(all)
				w.sayTwins(all, optKnown)
				w.thrice()
				w.Advance(time.Minute)
				w.sayTwins(all, optAtOnce)
				for _, p := range all {
					w.mergeTwins(p, p.first)
					if !p.synced {
						w.mergeTwins(p, p.first.Other())
					}
				}
				w.thrice()
				w.Advance(time.Minute)
				w.sayTwins(all, optBetween)
				w.thrice()
				w.Advance(time.Minute)
				w.sayTwins(all, optSecond)
				for _, p := range all {
					if p.synced {
						w.mergeTwins(p, p.first.Other())
					}
				}
				w.thrice()
				w.Advance(time.Minute)
				w.thrice()
				for _, p := range all {
					w.wantTwins(p, p.when != optNever)
				}
				w.wantLifts()
				w.wantNoIssues()
				w.wantTwinsBack(all)
			})
		}
	})
}

// TestOPT6_LIM7_TheBoxOfTheMergedStaysWhileItsAddressIsOptedOut, whoever else of them comes
// back and whoever was kept where, and goes with the word of that address.
func TestOPT6_LIM7_TheBoxOfTheMergedStaysWhileItsAddressIsOptedOut(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(), Portal(func(o *hubspotsim.Options) { o.MergeMode = "new_id" }))
		var all []*twins
		for n := range 8 { // each way of keeping, in either order of merges
			all = append(all, &twins{into: bothContacts, says: core.HubSpot, when: optKnown, keeps: [2]int{n & 1, n >> 1 & 1}, first: core.Side(n >> 2)})
		}
		w.makeTwins(all)
		w.sayTwins(all, optKnown)
		w.thrice()
		w.Advance(time.Minute)
		for _, p := range all {
			w.mergeTwins(p, p.first)
			w.mergeTwins(p, p.first.Other())
		}
		w.thrice()
		w.Advance(time.Minute)
		w.thrice()
		for _, own := range []bool{false, true} {
			for _, p := range all {
				w.wantTwinsBox(p, true)
				address := w.shown(core.Contact, p.survivor[core.Salesforce], "Email")
				for _, a := range w.addressesOf(p.survivor[core.HubSpot]) {
					if (a == address) == own {
						w.optBack(a, "CONSENT_WITH_NOTICE")
					}
				}
			}
			w.thrice()
			w.Advance(25 * time.Hour) // further addresses are asked once a day
			w.thrice()
		}
		for _, p := range all {
			w.wantTwins(p, false)
		}
	})
}

// wantTwinsBox fails unless the box of the one whom Salesforce keeps is as wanted.
func (w *World) wantTwinsBox(p *twins, want bool) {
	w.T.Helper()
	if got := w.box(p.objects[p.keeps[core.Salesforce]], p.survivor[core.Salesforce]); got != want {
		w.T.Errorf("%v: the box is %v, want %v", p, got, want)
	}
}

// TestOPT2_LIM7_ATickOnALinkThatGivesWay: a contact is ticked whose link ends, since the elder
// link of a crossed pair takes both survivors, in the batch that looks at both. The tick counts
// for the link that stays.
func TestOPT2_LIM7_ATickOnALinkThatGivesWay(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		w := New(t, profile, people(), Portal(func(o *hubspotsim.Options) { o.MergeMode = "keep_primary" }))
		p := &twins{into: bothContacts, says: core.Salesforce, when: optSecond, out: 1, keeps: [2]int{core.Salesforce: 1, core.HubSpot: 0}}
		all := []*twins{p}
		w.makeTwins(all)
		w.mergeTwins(p, core.Salesforce)
		w.thrice()
		w.Advance(time.Minute)
		w.mergeTwins(p, core.HubSpot)
		w.sayTwins(all, optSecond)
		for side, object := range map[core.Side]core.Object{core.HubSpot: core.Contacts, core.Salesforce: core.Contact} { // before a poll brings one alone
			ref := core.Ref{Side: side, Object: object, ID: p.survivor[side]}
			due := core.Dirty{Ref: ref, Pair: core.ContactPair, Reasons: core.ReasonEdit, NotBefore: w.Now().Add(-time.Duration(side) * time.Second)}
			w.must(w.Store.Update(t.Context(), func(tx *store.Tx) error { return tx.Mark(w.Conn.ID, []core.Dirty{due}) }))
		}
		w.thrice()
		w.wantTwins(p, true)
		w.wantNoIssues()
	})
}
