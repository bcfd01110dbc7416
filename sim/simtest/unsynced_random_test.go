package simtest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// crowdLife is a random life of people: who is there, and who they are.
type crowdLife struct {
	*World
	r *rand.Rand
	n int // who was made so far
}

// TestERR1_StatusCountsPeopleAsExplainDoes: after a random life of people the status counts
// each living one without an active link once, under the rule that its explanation names, and
// nobody else.
func TestERR1_StatusCountsPeopleAsExplainDoes(t *testing.T) {
	inBoth(t, func(t *testing.T, profile Option) {
		for seed := range uint64(6) {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				l := &crowdLife{World: New(t, profile, people()), r: rand.New(rand.NewPCG(seed, 7))}
				l.crowd()
				l.Sync()
				for range 14 {
					l.grow()
				}
				l.rest()
				for range 5 {
					for range 4 {
						l.live()
					}
					l.rest()
				}
				l.sweepAll() // polls tell of nobody whom HubSpot archives
				l.rest()
				l.wantCounted()
				l.lookAtAll() // nobody announces that an address became another one's
				l.wantTold()
			})
		}
	})
}

// rest lets everything that happened be looked at.
func (l *crowdLife) rest() {
	for range 3 {
		l.again()
	}
}

// grow makes somebody on either side, at times with the address of somebody else.
func (l *crowdLife) grow() {
	l.n++
	object := oneObject(l.r)
	switch address, name := l.address(), fmt.Sprint("Person ", l.n); object {
	case core.Contacts:
		_, _ = l.Portal.As(admin).Create("contacts", map[string]string{"lastname": name, "email": address})
	default:
		f := map[string]any{"LastName": name, "Email": address}
		if object == core.Lead {
			f["Company"] = "Co"
		}
		_, _ = l.Org.As(admin).Create(string(object), f)
	}
}

func (l *crowdLife) address() string { return fmt.Sprintf("p%d@x.com", l.r.IntN(12)) }

func oneObject(r *rand.Rand) core.Object {
	return []core.Object{core.Contact, core.Lead, core.Contacts}[r.IntN(3)]
}

// live lets one thing happen to people. What a side refuses, as an address that somebody has,
// does not happen.
func (l *crowdLife) live() {
	object := oneObject(l.r)
	all := l.people(object)
	if len(all) < 2 {
		l.grow()
		return
	}
	l.r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	org, portal := l.Org.As(admin), l.Portal.As(admin)
	switch what := l.r.IntN(5); {
	case what == 0 && object == core.Contacts:
		_ = portal.Archive("contacts", all[0])
	case what == 0:
		_ = org.Delete(string(object), all[0])
	case what == 1 && object == core.Contacts:
		_, _ = portal.Merge("contacts", all[0], all[1])
	case what == 1:
		_ = org.Merge(string(object), all[0], all[1])
	case what == 2 && object == core.Contacts:
		_ = portal.Update("contacts", all[0], map[string]string{"email": l.address()})
	case what == 2:
		_ = org.Update(string(object), all[0], map[string]any{"Email": l.address()})
	default:
		l.grow()
	}
}

// people are the living ones of an object, whoever made them.
func (l *crowdLife) people(object core.Object) (out []string) {
	if object != core.Contacts {
		rows, err := l.Org.As(admin).Query("SELECT Id FROM " + string(object))
		l.must(err)
		for _, r := range rows {
			out = append(out, r["Id"].(string))
		}
	} else {
		for _, e := range l.Portal.Ledger() {
			if v, lives := l.Portal.As(admin).Get("contacts", e.ID); e.Object == "contacts" && lives && v["hs_object_id"] == e.ID {
				out = append(out, e.ID)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// lookAtAll has everybody looked at as a sweep does that finds another version.
func (l *crowdLife) lookAtAll() {
	l.T.Helper()
	var all []core.Dirty
	for _, object := range everyPerson {
		for _, id := range l.people(object) {
			all = append(all, core.Dirty{Ref: core.Ref{Side: sideOf(object), Object: object, ID: id}, Pair: core.ContactPair, Reasons: core.ReasonSweep, NotBefore: l.Now()})
		}
	}
	l.must(l.Store.Update(l.T.Context(), func(tx *store.Tx) error { return tx.Mark(l.Conn.ID, all) }))
	l.rest()
}

var everyPerson = []core.Object{core.Contact, core.Lead, core.Contacts}

// wantTold compares the counts by rule with the explanation of everybody who lives.
func (l *crowdLife) wantTold() {
	l.T.Helper()
	told, who := l.told()
	if got := l.counted(); !maps.Equal(got, told) {
		l.T.Errorf("the status counts\n%v, and the explanations say\n%v:\n%q", got, told, who)
	}
	if len(told) == 0 {
		l.T.Error("nobody is kept out, so nothing is compared")
	}
}

// wantCounted compares them by object alone.
func (l *crowdLife) wantCounted() {
	l.T.Helper()
	byObject := func(all map[[2]string]int) map[string]int {
		out := map[string]int{}
		for at, n := range all {
			out[at[0]] += n
		}
		return out
	}
	told, who := l.told()
	if got := l.counted(); !maps.Equal(byObject(got), byObject(told)) {
		l.T.Errorf("as of the last look at each the status counts\n%v, and the explanations say\n%v:\n%q", got, told, who)
	}
}

// told are how many of an object the explanations keep out by each rule, and who they are.
func (l *crowdLife) told() (count map[[2]string]int, who []string) {
	l.T.Helper()
	count = map[[2]string]int{}
	for _, object := range everyPerson {
		for _, id := range l.people(object) {
			x := l.explainPerson(id)
			if rule := keptOutBy(x); rule != "" {
				count[[2]string{string(object), rule}]++
				who = append(who, fmt.Sprint(object, " ", id, " ", rule, " ", x.Verdict, " ", x.Record.Name))
			}
		}
	}
	return count, who
}

// counted are the counts of the status.
func (l *crowdLife) counted() map[[2]string]int {
	l.T.Helper()
	st, err := l.Engine.Status(l.T.Context(), l.Conn)
	l.must(err)
	out := map[[2]string]int{}
	for _, n := range st.Unsynced {
		out[[2]string{string(n.Object), n.Rule}] = n.Count
	}
	return out
}

// keptOutBy is the rule that an explanation gives for a record that does not sync; blank for a
// linked one whose other fields do. A pair is counted under its HubSpot record.
func keptOutBy(x *engine.Explanation) string {
	linked := x.Link != nil && x.Link.State == core.LinkActive
	if linked && (x.Record.Side != core.HubSpot.String() || x.Verdict == engine.InSync || x.Verdict == engine.Pending && len(x.Issues) == 0 || x.FieldsLeft() > 0) {
		return ""
	}
	for _, i := range x.Issues {
		if i.Rule != "" && (i.Field == "" || !linked) {
			return i.Rule
		}
	}
	return x.Rules[len(x.Rules)-1].Rule
}
