package simtest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"tandem/internal/core"
	"tandem/internal/engine"
)

// TestIMP1_DEDUP9_APlanPromisesThePeopleThatAreMade, however many of them share an address,
// also as a further one of a HubSpot contact, with an inclusion list and without: as many of
// each object as its import makes, and as applying it does.
func TestIMP1_DEDUP9_APlanPromisesThePeopleThatAreMade(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for name, settings := range map[string]Option{"everybody": people(), "a list": members(nil, "Oslo")} {
			for _, seed := range []uint64{2, 6, 9} {
				for _, how := range []string{"imported", "applied"} {
					t.Run(fmt.Sprint(name, " ", seed, " ", how), func(t *testing.T) {
						w := New(t, profile, settings, existed(func(w *World) { w.sharing(rand.New(rand.NewPCG(seed, 16))) }))
						w.Sync()
						id, counts, err := w.Engine.Plan(t.Context(), w.Conn, engine.PlanMeta{Connection: "acme", Pair: core.ContactPair}, nil)
						w.must(err)
						before := w.peopleThere()
						if how == "applied" {
							_, err = w.Engine.Apply(t.Context(), w.Conn, id)
							w.must(err)
						} else {
							w.importing(core.ContactPair, core.Sides[:]...)
						}
						w.wantPromised(counts, before)
					})
				}
			}
		}
	})
}

// wantPromised wants as many people of each object made as a plan has promised.
func (w *World) wantPromised(counts engine.PlanCounts, before map[string]int) {
	w.T.Helper()
	made := map[string]int{}
	for object, n := range w.peopleThere() {
		if n -= before[object]; n > 0 {
			made["create "+object] = n
		}
	}
	promised := maps.Clone(counts.Ops)
	maps.DeleteFunc(promised, func(op string, _ int) bool { return !strings.HasPrefix(op, "create ") })
	if !maps.Equal(made, promised) {
		w.T.Errorf("the plan promises %v, and %v are made; issues foretold %v", counts.Ops, made, counts.Issues)
	}
}

// sharing makes people of both sides, of whom many have the address of somebody else.
func (w *World) sharing(r *rand.Rand) {
	w.T.Helper()
	for i := range 14 {
		object, name := oneObject(r), fmt.Sprint("Person ", i)
		address := fmt.Sprintf("p%d@x.com", r.IntN(10))
		switch object {
		case core.Contacts:
			id, err := w.Portal.As(admin).Create("contacts", map[string]string{"lastname": name, "email": address, "company": "Co", "city": []string{"Oslo", "Rome"}[r.IntN(2)]})
			if err == nil && r.IntN(2) == 0 { // an address that somebody has is refused
				_ = w.Portal.As(admin).Update("contacts", id, map[string]string{"hs_additional_emails": fmt.Sprintf("p%d@x.com", r.IntN(10))})
			}
		case core.Lead:
			w.made(core.Lead, "LastName", name, "Email", address, "Company", "Co")
		default:
			w.made(core.Contact, "LastName", name, "Email", address)
		}
		w.Advance(time.Minute)
	}
}

// peopleThere counts the people of both sides by object.
func (w *World) peopleThere() map[string]int {
	w.T.Helper()
	n := map[string]int{string(core.Contacts): w.Portal.Stats().Records["contacts"]}
	for _, object := range []core.Object{core.Lead, core.Contact} {
		rows, err := w.Org.As(admin).Query("SELECT Id FROM " + string(object))
		w.must(err)
		n[string(object)] = len(rows)
	}
	return n
}
