package inclusion

import (
	"cmp"
	"context"
	"maps"
	"sync/atomic"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// Keepers are those of a connection.
type Keepers []*Keeper

// Of is the list of a HubSpot object as read last, nil where all its records are in scope.
func (ks Keepers) Of(o core.Object) *List {
	for _, k := range ks {
		if k.object == o {
			return k.List()
		}
	}
	return nil
}

// Keeper keeps the inclusion list of an object pair.
type Keeper struct {
	conn     int64
	portal   connector.Connector
	settings *config.Connection
	pair     core.Pair
	object   core.Object
	// offset is HubSpot's clock less ours.
	offset     time.Duration
	sweepEvery time.Duration
	list       atomic.Pointer[List] // nil where everybody is in scope
	mu         connector.CallMutex  // one look at the list at a time
}

// Keep reads the lists that the settings of a connection name. Offset is the portal's
// clock less ours; all members are listed every sweepEvery at least.
func Keep(ctx context.Context, conn int64, portal connector.Connector, settings *config.Connection, offset, sweepEvery time.Duration) (Keepers, error) {
	var out Keepers
	for _, named := range settings.Inclusions() {
		if settings.Pairs().Def(named.Pair).Carried && !settings.Syncs(named.Pair) {
			continue // what is off or held back has no list that anybody could miss
		}
		k := &Keeper{conn: conn, portal: portal, settings: settings, pair: named.Pair, object: named.Object, offset: offset, sweepEvery: sweepEvery}
		in, err := Open(ctx, portal, named)
		if err != nil {
			return nil, err
		}
		k.list.Store(in)
		out = append(out, k)
	}
	return out, nil
}

// named is the list as the settings name it.
func (k *Keeper) named() config.Inclusion { return k.settings.Inclusion(k.pair) }

// Pair is the object pair whose records the list lets pass.
func (k *Keeper) Pair() core.Pair { return k.pair }

// Object is the HubSpot object of the list's members.
func (k *Keeper) Object() core.Object { return k.object }

// List is its definition as read last, nil where everybody is in scope.
func (k *Keeper) List() *List { return k.list.Load() }

// Every is how often it is looked who joined and who left.
func (k *Keeper) Every() time.Duration {
	return cmp.Or(k.named().Every, 10*time.Minute)
}

// Evaluated asks when HubSpot put records into the list, by their ids, where that is
// not known here; nil where the list is evaluated here. At is the moment of asking.
func (k *Keeper) Evaluated(ctx context.Context, e *room.Env, at time.Time, recs []*core.Record) (map[string]time.Time, error) {
	in := k.List()
	if in == nil || in.filter != nil || len(recs) == 0 {
		return nil, nil
	}
	out, ask, err := k.stored(ctx, e, at, in, recs)
	if err != nil || len(ask) == 0 {
		return out, err
	}
	told, err := k.portal.Members(ctx, in.ID(), ask)
	maps.Copy(out, told)
	return out, err
}

// stored answers from the last look at the list for who had settled when it was made,
// or has joined since the record changed, and gives the rest.
func (k *Keeper) stored(ctx context.Context, e *room.Env, at time.Time, in *List, recs []*core.Record) (out map[string]time.Time, ask []string, err error) {
	out = map[string]time.Time{}
	var look standing
	var members map[core.Ref]store.Member
	refs := make([]core.Ref, len(recs))
	for i, rec := range recs {
		refs[i], ask = rec.Ref, append(ask, rec.Ref.ID)
	}
	err = e.View(ctx, func(tx *store.Tx) (err error) {
		if look, _, err = k.standingOf(tx); err != nil {
			return err
		}
		members, err = tx.MembersOf(k.conn, refs)
		return err
	})
	if err != nil || look.List != in.ID() || look.Filters != in.digest() {
		return out, ask, err
	}
	ask = nil
	settled := k.settled(look, at) // before it, the stored members are the answer
	now, fresh := at.Add(k.offset), 2*k.Every()
	for _, rec := range recs {
		m, stored := members[rec.Ref]
		joined := stored && !m.Joined.Before(rec.Stamp) && now.Sub(m.Joined) < fresh
		switch {
		case joined, stored && rec.Stamp.Before(settled):
			out[rec.Ref.ID] = m.Joined
		case !rec.Stamp.Before(settled):
			ask = append(ask, rec.Ref.ID)
		}
	}
	return out, ask, nil
}

// settled is up to when the stored members are all and only those of the list, in
// HubSpot's clock; zero where that is not sure.
func (k *Keeper) settled(look standing, at time.Time) time.Time {
	if look.Open || look.Doubt || at.Sub(look.At) >= 2*k.Every() {
		return time.Time{}
	}
	return look.At.Add(k.offset - settles)
}
