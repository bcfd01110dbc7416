package engine

import (
	"context"
	"errors"
	"slices"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/conn"
	"tandem/internal/engine/inclusion"
	"tandem/internal/engine/room"
	"tandem/internal/mapping"
	"tandem/internal/policy"
)

// Admission says what changed filters or another inclusion list would do to the
// records of one object: who may pass from their side now, and who would then.
type Admission struct {
	Side   string      `json:"side"`
	Object core.Object `json:"object"`
	// Keys are the settings that change it.
	Keys    []string `json:"keys"`
	Records int      `json:"records"` // looked at: all that this user sees, without Never
	Now     int      `json:"now"`     // in scope with the settings that count
	Then    int      `json:"then"`    // with the new ones
	Enter   int      `json:"enter"`
	Leave   int      `json:"leave"`
	Changed int      `json:"changed"`      // those that enter and those that leave
	Linked  int      `json:"leave_linked"` // of those that leave: they keep their partner and stop syncing
	Unknown int      `json:"unknown,omitempty"`
	// Never are converted leads and people erased on request: no setting lets them pass, so
	// that they are in none of the other counts.
	Never int `json:"never,omitempty"`
	// More says that there are more records than were looked at: of what is switched on as a
	// whole the first lookedAtMost are enough to see what it means.
	More bool `json:"more,omitempty"`
	// Entering and Leaving are the first few of each.
	Entering []Sample `json:"entering,omitempty"`
	Leaving  []Sample `json:"leaving,omitempty"`
	// Out are the first few who are not in scope then, and were not before.
	Out []Sample `json:"out,omitempty"`
	// Halts is why the brake on the scope stops the connection once the settings count, blank
	// where it does not. It stands with the first object of a direction.
	Halts string `json:"halts,omitempty"`
	// NowLinked are those of Now that have a partner.
	NowLinked int `json:"now_linked"`
}

// Sample is a record as a person knows it.
type Sample struct {
	ID   string `json:"id"`
	Name string `json:"name,omitempty"`
}

// samples is how many records of each kind are named.
const samples = 5

// lookedAtMost bounds how many records are looked at of an object that is switched on.
const lookedAtMost = 5000

// Admissions tell what a change of settings would admit and drop, for each object
// and direction whose filter or list changes or that is switched on; none where no such
// setting does. It reads every record of those objects with the fields that decide, of one
// that is switched on the first: one call for each page, and one for 250 members of a list
// that only HubSpot can evaluate. It writes nothing. The second result is the calls that took, by side.
func (e *Engine) Admissions(ctx context.Context, was, next Setup) ([]Admission, map[string]int, error) {
	c := newConn(next.Settings, next.Sides)
	before := c.spent()
	var out []Admission
	for _, a := range changedScopes(was.Settings, next.Settings) {
		if c.Defs[a.side] == nil {
			if err := c.LoadSchemas(ctx); err != nil {
				return nil, nil, err
			}
		}
		var drops drops
		one, err := e.admission(ctx, c, was.Settings, a, &drops)
		if err != nil {
			return nil, nil, err
		}
		if len(one) > 0 {
			one[0].Halts = a.haltOf(c, &drops)
		}
		out = append(out, one...)
	}
	return out, c.spent().less(before).bySide(), nil
}

// ReadsRecords reports that telling what a change of settings would do takes reading records
// of the sides, which takes its time.
func ReadsRecords(was, next config.Connection) bool {
	return len(changedScopes(was, next)) > 0 || otherPeople(was, next) || len(Rematched(was, next)) > 0
}

// changedScope is a direction of an object pair whose filter or list changes, or that is
// switched on.
type changedScope struct {
	pair core.Pair
	of   core.Object // the type of activities; blank for other pairs
	side core.Side
	keys []string
	on   bool // nobody passes yet
}

func changedScopes(was, next config.Connection) (out []changedScope) {
	for _, p := range next.Pairs().Names() {
		old, now := was.Pair(p).Filter, next.Pair(p).Filter
		for _, side := range core.Sides {
			a := changedScope{pair: p, side: side}
			if a.on = switchedOn(was, next, p, side); a.on {
				a.keys = append(a.keys, next.Pairs().Plural(p)+".sync")
			}
			if direction(old, side) != direction(now, side) {
				a.keys = append(a.keys, next.Pairs().Plural(p)+".filter.from_"+side.String())
			}
			if now := next.Inclusion(p); side == core.HubSpot && was.Inclusion(p).List != now.List {
				a.keys = append(a.keys, now.Key)
			}
			if len(a.keys) > 0 {
				out = append(out, a)
			}
		}
	}
	return append(out, changedActivities(was, next)...)
}

// switchedOn reports that the records of a side begin to pass. Line items and products go
// with the deals, and activities are switched on by type.
func switchedOn(was, next config.Connection, p core.Pair, side core.Side) bool {
	switch p {
	case core.ActivityPair, core.LineItemPair, core.ProductPair:
		return false
	}
	return next.Syncs(p) && !was.Syncs(p) && next.Pair(p).Passes(side)
}

// changedActivities are the types of activities whose filters change, or that are switched on.
func changedActivities(was, next config.Connection) (out []changedScope) {
	for _, of := range core.StandardPairs.Objects(core.ActivityPair)[core.HubSpot] {
		for _, side := range core.Sides {
			a := changedScope{pair: core.ActivityPair, side: side, of: of, keys: []string{"activities." + string(of) + ".filter.from_" + side.String()}}
			if next.Activities.Of(of).From(side) && !was.Activities.Of(of).From(side) {
				a.on, a.keys = true, []string{"activities." + string(of) + ".from_" + side.String()}
				out = append(out, a)
			} else if next.Activities.Of(of).From(side) && direction(a.filter(was), side) != direction(a.filter(next), side) {
				out = append(out, a)
			}
		}
	}
	return out
}

// filter is the one that settings have for the scope.
func (a changedScope) filter(s config.Connection) config.Filter {
	if a.of != "" {
		return s.Activities.Of(a.of).Filter
	}
	return s.Pair(a.pair).Filter
}

// objects are those whose records the scope holds.
func (a changedScope) objects(c *Conn) []core.Object {
	switch {
	case a.of == "":
		return c.Pairs.Objects(a.pair)[a.side]
	case a.side == core.HubSpot:
		return []core.Object{a.of}
	case a.of == core.Meetings:
		return []core.Object{core.Event}
	}
	return []core.Object{core.Task}
}

// most is how many records are looked at at most, 0 for all.
func (a changedScope) most() int {
	if a.on {
		return lookedAtMost
	}
	return 0
}

// holds reports that a record is one of the scope's: a task of Salesforce may be one of
// several types.
func (a changedScope) holds(rec *core.Record) bool {
	return a.of == "" || a.side == core.HubSpot || conn.ActivityOf(rec) == a.of
}

func direction(f config.Filter, side core.Side) string {
	return [2]string{core.Salesforce: f.FromSalesforce, core.HubSpot: f.FromHubSpot}[side]
}

func (e *Engine) admission(ctx context.Context, c *Conn, was config.Connection, a changedScope, by *drops) ([]Admission, error) {
	var out []Admission
	for _, object := range a.objects(c) {
		if _, visible := c.Schemas[a.side][object]; !visible {
			continue
		}
		now, err := e.entrance(ctx, c, was, a, object)
		if a.on || isMisfit(err) {
			now, err = &entrance{closed: true}, nil // nothing syncs that is off, or with what cannot be read
		}
		if err != nil {
			return nil, err
		}
		then, err := e.entrance(ctx, c, c.Settings, a, object)
		if err != nil {
			return nil, err
		}
		one := Admission{Side: a.side.String(), Object: object, Keys: a.keys}
		if err := e.compareEntrances(ctx, c, a, &one, by, now, then); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

func isMisfit(err error) bool {
	misfit := (*room.Error)(nil)
	return errors.As(err, &misfit)
}

// entrance is what a record must pass to be in scope.
type entrance struct {
	filter *mapping.Predicate
	list   *inclusion.List
	// members are those of a list that only HubSpot evaluates.
	members map[string]bool
	closed  bool // nobody passes
}

func (e *Engine) entrance(ctx context.Context, c *Conn, s config.Connection, a changedScope, object core.Object) (*entrance, error) {
	text := direction(a.filter(s), a.side)
	in := &entrance{}
	var err error
	if in.filter, err = c.formerFilter(text, a.side, object); err != nil {
		return nil, conn.Misfit(a.keys[0], a.side, object, err)
	}
	if a.side != core.HubSpot {
		return in, nil
	}
	if in.list, err = inclusion.Open(ctx, c.Sides[core.HubSpot], s.Inclusion(a.pair)); err != nil || in.list == nil || in.list.Local() {
		return in, err
	}
	in.members = map[string]bool{}
	return in, c.Sides[a.side].Memberships(ctx, in.list.ID(), "", func(p connector.MemberPage) error {
		for _, m := range p.Members {
			in.members[m.ID] = true
		}
		return nil
	})
}

// fields are those that decide.
func (in *entrance) fields() []string {
	out := slices.Clone(in.list.Properties())
	if in.filter != nil {
		out = append(out, in.filter.Fields()...)
	}
	return out
}

// passes and listed are the parts of it that brakes count by.
func (in *entrance) passes(rec *core.Record) bool { return !leaves(in.filter, rec) }

func (in *entrance) listed(rec *core.Record) bool {
	if in.members != nil {
		return in.members[rec.Ref.ID]
	}
	return !in.list.Local() || in.list.Eval(rec) != policy.NotMember
}

func (in *entrance) admits(rec *core.Record) policy.Membership {
	answer := policy.Member
	switch {
	case in.closed:
		return policy.NotMember
	case in.members != nil && !in.members[rec.Ref.ID]:
		answer = policy.NotMember
	case in.list.Local():
		answer = in.list.Eval(rec)
	}
	if in.filter == nil || answer == policy.NotMember {
		return answer
	}
	if m, _ := membership(in.filter.Match(rec.Values)); m != policy.Member {
		return m
	}
	return answer
}

func (e *Engine) compareEntrances(ctx context.Context, c *Conn, s changedScope, a *Admission, by *drops, now, then *entrance) error {
	fields := slices.Concat(now.fields(), then.fields(), c.NameFields(s.side, a.Object), neverFields(a.Object))
	if s.of != "" {
		fields = append(fields, mapping.SubtypeField)
	}
	slices.Sort(fields)
	scan := connector.Scan{Object: a.Object, Fields: c.Present(s.side, a.Object, slices.Compact(fields))}
	far := Far{Stage: s.side.Label() + " " + string(a.Object), Total: s.most()}
	Tell(ctx, far)
	err := c.Sides[s.side].Scan(connector.WithPriority(ctx, connector.Backfill), scan, func(p connector.Page) error {
		if s.on && a.Records+a.Never >= lookedAtMost {
			return errEnough
		}
		links, erased, err := e.standingOf(ctx, c, p.Records)
		for i := range p.Records {
			rec := &p.Records[i]
			if !s.holds(rec) {
				continue
			}
			if erased[rec.Ref] || conn.ConvertedTo(rec) != "" {
				a.Never++
				continue
			}
			linked := links[rec.Ref] == core.LinkActive
			a.count(rec, c.NameOf(rec), now.admits(rec), then.admits(rec), linked)
			if linked {
				by.filter.Count(now.passes(rec), then.passes(rec))
				by.list.Count(now.listed(rec), then.listed(rec))
			}
		}
		far.Done = a.Records
		Tell(ctx, far)
		return err
	})
	if a.More = errors.Is(err, errEnough); a.More {
		return nil
	}
	return err
}

func (a *Admission) count(rec *core.Record, name string, now, then policy.Membership, linked bool) {
	a.Records++
	if now == policy.UnknownMembership || then == policy.UnknownMembership {
		a.Unknown++
		return
	}
	was, is := now == policy.Member, then == policy.Member
	if was {
		a.Now++
	}
	if was && linked {
		a.NowLinked++
	}
	if is {
		a.Then++
	}
	switch {
	case is && !was:
		a.Enter++
		a.Entering = sample(a.Entering, rec, name)
	case was && !is:
		a.Leave++
		if linked {
			a.Linked++
		}
		a.Leaving = sample(a.Leaving, rec, name)
	case !is:
		a.Out = sample(a.Out, rec, name)
	}
	a.Changed = a.Enter + a.Leave
}

// InScope tells who of an object pair is in scope with the settings that count, by object
// and direction: of each the first lookedAtMost records are looked at. It writes nothing.
// The second result is the calls that took, by side.
func (e *Engine) InScope(ctx context.Context, c *Conn, p core.Pair) (out []Admission, calls map[string]int, err error) {
	before := c.spent()
	for _, a := range scopesOf(c, p) {
		one, err := e.admission(ctx, c, c.Settings, a, &drops{})
		if err != nil {
			return nil, nil, err
		}
		out = append(out, one...)
	}
	return out, c.spent().less(before).bySide(), nil
}

// scopesOf are the directions of a pair whose records pass, of activities by type.
func scopesOf(c *Conn, p core.Pair) (out []changedScope) {
	s := c.Settings
	for _, side := range core.Sides {
		if p != core.ActivityPair {
			if s.Syncs(p) && s.Pair(p).Passes(side) {
				out = append(out, changedScope{pair: p, side: side, on: true, keys: []string{s.Pairs().Plural(p) + ".filter.from_" + side.String()}})
			}
			continue
		}
		for _, of := range core.StandardPairs.Objects(p)[core.HubSpot] {
			if s.Activities.Of(of).From(side) {
				out = append(out, changedScope{pair: p, side: side, of: of, on: true, keys: []string{"activities." + string(of) + ".filter.from_" + side.String()}})
			}
		}
	}
	return out
}

func sample(have []Sample, rec *core.Record, name string) []Sample {
	if len(have) == samples {
		return have
	}
	return append(have, Sample{rec.Ref.ID, name})
}
