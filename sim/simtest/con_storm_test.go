package simtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/sim/hubspotsim"
	"tandem/sim/salesforcesim"
)

// TestI_RandomEditsOfPeopleLoseAndDoubleNobody plays random people of few addresses on
// both sides, random edits, conversions, faults of the network and crashes, heals the
// world, and judges the end by records and ledgers: DEDUP-1, LIM-6, I1, I4, I5, I7.
func TestI_RandomEditsOfPeopleLoseAndDoubleNobody(t *testing.T) {
	bySeed(t, "RandomEditsOfPeople", playCrowd)
}

// crowd is a storm whose users make and edit people.
type crowd struct {
	*storm
	people    []core.Ref          // those that users made, in order
	converted map[string][]string // by contact: the leads that became it
}

const addresses = 7

func playCrowd(t testing.TB, seed uint64) {
	s := &storm{seed: seed, rng: rand.New(rand.NewPCG(seed, 11)), met: map[string]uint64{}, fails: map[string]int{}}
	s.rate = []uint64{0, 15, 40}[seed%3]
	becomes := []string{config.BecomesLead, config.BecomesContact}[seed%2]
	s.trial = newTrial(t, people(func(c *config.Connection) {
		c.Contacts.FromHubSpot = config.PersonChoice{Object: becomes}
		c.Profile = []config.Profile{config.Classic, config.Tandem}[seed/2%2]
	}))
	conflict := []string{"conflict", "validation"}[seed%2]
	s.must(s.Portal.Configure(hubspotsim.Settings{UniqueConflict: &conflict}))
	c := &crowd{storm: s, converted: map[string][]string{}}
	s.acts = c.act
	for range 8 {
		c.newPerson()
	}
	s.Through(s.travel)
	for range 4 + s.rng.IntN(4) {
		s.round()
	}
	s.mu.Lock()
	s.rate = 0
	s.mu.Unlock()
	c.calm()
	c.nobodyTwice()
	c.nothingLost()
	s.settledAfter(2)
	t.Logf("seed %d: %d people, %d edits, faults %v", seed, len(c.people), len(s.edits), s.fails)
}

// act is what a user does next.
func (c *crowd) act() {
	switch n := c.rng.IntN(10); {
	case n < 3 || len(c.people) == 0:
		c.newPerson()
	case n == 3:
		c.convert()
	default:
		c.editPerson(c.people[c.rng.IntN(len(c.people))])
	}
}

// newPerson makes somebody of a random address; HubSpot has each address once.
func (c *crowd) newPerson() {
	address := fmt.Sprintf("p%d@x.com", c.rng.IntN(addresses))
	object := []core.Object{core.Lead, core.Contact, core.Contacts}[c.rng.IntN(3)]
	last := c.value("lastname")
	var id string
	if object == core.Contacts {
		var err error
		if id, err = c.Portal.As(admin).Create("contacts", map[string]string{"email": address, "lastname": last, "company": "Co"}); err != nil {
			return // the address is taken
		}
	} else {
		fields := []string{"Email", address, "LastName", last}
		if object == core.Lead {
			fields = append(fields, "Company", "Co")
		}
		id = c.made(object, fields...)
	}
	side := core.Salesforce
	if object == core.Contacts {
		side = core.HubSpot
	}
	c.people = append(c.people, core.Ref{Side: side, Object: object, ID: id})
	c.note(side, id, "lastname", last)
}

var personFields = map[string]string{"firstname": "FirstName", "lastname": "LastName"}

func (c *crowd) editPerson(r core.Ref) {
	field := []string{"firstname", "lastname"}[c.rng.IntN(2)]
	name := field
	if r.Side == core.Salesforce {
		name = personFields[field]
	}
	if c.isConverted(r.ID) {
		return // Salesforce shows it to nobody
	}
	v := c.value(field)
	c.change(r.Object, r.ID, name, v)
	c.note(r.Side, r.ID, field, v)
}

func (c *crowd) isConverted(lead string) bool {
	for _, leads := range c.converted {
		if slices.Contains(leads, lead) {
			return true
		}
	}
	return false
}

// convert makes a contact of a lead, as a user does at any moment of a sync.
func (c *crowd) convert() {
	for _, r := range c.people {
		if r.Object != core.Lead || c.isConverted(r.ID) {
			continue
		}
		res, err := c.Org.As(admin).ConvertLead(r.ID, salesforcesim.Convert{Status: "Closed - Converted"})
		c.must(err)
		c.converted[res.ContactID] = append(c.converted[res.ContactID], r.ID)
		c.people = append(c.people, core.Ref{Side: core.Salesforce, Object: core.Contact, ID: res.ContactID})
		return
	}
}

// nobodyTwice checks what the integration made: one record for each person of the other
// side, and one for each address.
func (c *crowd) nobodyTwice() {
	c.T.Helper()
	made := map[string][]string{}
	for _, e := range c.Org.Ledger() {
		if e.Op == "create" && e.Client == c.client() && (e.Object == "Lead" || e.Object == "Contact") && (e.Field == c.orgKey() || e.Field == "Email") {
			what := "Salesforce " + fmt.Sprint(e.After)
			made[what] = append(made[what], e.ID)
		}
	}
	for _, e := range c.Portal.Ledger() {
		if e.Op == "create" && e.Source == "INTEGRATION" && e.Object == "contacts" && (strings.Contains(e.Property, "_key_") || e.Property == "email") {
			made["HubSpot "+e.After] = append(made["HubSpot "+e.After], e.ID)
		}
	}
	for what, ids := range made {
		if len(ids) > 1 {
			c.T.Errorf("%s was made %d times: %v", what, len(ids), ids)
		}
	}
}

// calm ends all faults and syncs over virtual hours until a sync writes nothing and nothing
// waits that a fault put off, which would be written later: people whose address another one
// has wait with an issue for as long as that is so.
func (c *crowd) calm() {
	c.T.Helper()
	c.mend()
	for range 12 {
		before := len(c.writes())
		res, err := c.syncFor(time.Hour)
		if err == nil && res.Converged && res.PutOff+res.Unsettled == 0 && len(c.writes()) == before {
			return
		}
		if errors.Is(err, errCrash) {
			c.revive(err)
		}
		time.Sleep(11 * time.Minute)
	}
	c.T.Fatalf("not calm after two hours; open: %v", c.openIssues())
}

// couples are the linked people, each once, as the links of those whom users made tell.
func (c *crowd) couples() (out []core.Link) {
	seen := map[int64]bool{}
	for _, r := range c.people {
		if l, _ := c.personLink(r.ID); l != nil && l.State == core.LinkActive && !seen[l.ID] {
			seen[l.ID] = true
			out = append(out, *l)
		}
	}
	return out
}

// nothingLost checks that linked people agree, and what happened to every value that a
// user wrote on one of them.
func (c *crowd) nothingLost() {
	c.T.Helper()
	lost, couples := c.lostValues(), c.couples()
	if len(couples) == 0 {
		c.T.Error("nobody is linked")
	}
	for _, l := range couples {
		sf, hs := l.Refs[core.Salesforce], l.Refs[core.HubSpot]
		ids := [2][]string{append([]string{sf.ID}, c.converted[sf.ID]...), {hs.ID}}
		for field, name := range personFields {
			final := c.trial.World.shown(core.Contacts, hs.ID, field)
			if here := c.trial.World.shown(sf.Object, sf.ID, name); here != final {
				c.T.Errorf("%s is %q on %s and %q on its partner %s", field, here, sf, final, hs)
			}
			c.judgeField(ids, field, final, lost)
		}
	}
}

func (c *crowd) judgeField(ids [2][]string, field, final string, lost map[string]bool) {
	c.T.Helper()
	known := final == ""
	last := [2]string{}
	for _, e := range c.edits {
		if e.field == field && slices.Contains(ids[e.side], e.id) {
			last[e.side] = e.value
			known = known || e.value == final
		}
	}
	if !known {
		c.T.Errorf("%s of %v is %q, which no user wrote on one of them (I5)", field, ids, final)
	}
	for side, v := range last {
		other := core.Side(side).Other()
		if v == "" || v == final || lost[v] || c.wasShown(other, ids[other], v) {
			continue
		}
		c.T.Errorf("the user's %s %q on %s of %v is neither kept nor in the conflict log; final %q (I4)", field, v, core.Side(side), ids, final)
	}
}

// wasShown reports that one of the records had the value at some time.
func (c *crowd) wasShown(side core.Side, ids []string, value string) bool {
	if side == core.Salesforce {
		return slices.ContainsFunc(c.Org.Ledger(), func(e ledgerOrg) bool { return slices.Contains(ids, e.ID) && e.After == any(value) })
	}
	return slices.ContainsFunc(c.Portal.Ledger(), func(e ledgerPortal) bool { return slices.Contains(ids, e.ID) && e.After == value })
}
