package cli

import (
	"context"
	"encoding/json"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/console"
	"tandem/internal/engine"
	"tandem/internal/oidc"
	"tandem/internal/store"
)

// console is the console of this process.
func (w *world) console(demo bool) *console.Console {
	d := console.Desk{Store: w.store, Now: w.app.now, Log: w.app.log(), Status: w.status, Stored: w.known, Do: w.perform, Tell: troubleOf, Door: door(w.file().OIDC, w.app.now), Gate: gate{w}, Demo: demo}
	d.Connections, d.Looked = w.connectionNames, w.looked
	d.Telling, d.SettleTelling = w.telling, w.settleTelling
	return console.New(d)
}

// connectionNames are the names of the connections in the order of the settings.
func (w *world) connectionNames() (names []string) {
	for _, c := range w.file().Connections {
		names = append(names, c.Name)
	}
	return names
}

// door is the identity provider of the settings, nil for none.
func door(o *config.OIDC, now func() time.Time) *console.Door {
	if o == nil {
		return nil
	}
	d := &console.Door{Roles: map[string]store.Role{}, Provider: oidc.New(oidc.Settings{Issuer: o.Issuer, ClientID: o.ClientID, ClientSecret: o.ClientSecret.Reveal(),
		PublicURL: o.PublicURL, Scopes: o.Scopes, NameClaim: o.NameClaim, GroupsClaim: o.GroupsClaim}, now)}
	for role, groups := range map[store.Role][]string{store.Viewer: o.Viewers, store.Operator: o.Operators, store.Admin: o.Admins} {
		for _, g := range groups {
			d.Roles[g] = max(d.Roles[g], role)
		}
		if role.String() == o.Everybody {
			d.Everybody = role
		}
	}
	return d
}

func (w *world) known(ctx context.Context, connection string) (*engine.Engine, *engine.Conn, error) {
	c, err := w.stored(ctx, connection)
	if err != nil {
		return nil, nil, err
	}
	return c.engine, c.conn, nil
}

func troubleOf(err error) console.Trouble { return *problemOf(err).trouble() }

// trouble is the problem as the console tells it, nil for none.
func (p *problem) trouble() *console.Trouble {
	if p == nil {
		return nil
	}
	return &console.Trouble{Code: p.Code, Message: p.Message, Mend: p.Mend}
}

// perform carries out what somebody asks for at the console: here, where this process works
// on the connection, and otherwise by the one that does.
func (w *world) perform(ctx context.Context, verb string, o console.Order, result any) error {
	rq := request{Connection: o.Connection, By: o.By, Pair: o.Pair, IDs: o.IDs, Refs: o.Refs, Category: string(o.Category), Brakes: o.Brakes, Sides: o.Sides, Pick: o.Pick, Named: o.Named, Due: o.Due, Plan: o.Plan, Part: o.Part, Run: o.Run, Undo: o.Undo, Settings: o.Settings, Base: o.Base, DryRun: o.DryRun, List: o.List, Fields: o.Fields, Enough: o.Enough, Look: o.Look, Back: o.Back}
	var body []byte
	var err error
	if in := w.here(o.Connection); in.held == nil {
		body, err = in.carryOut(ctx, verb, rq)
	} else {
		body, err = w.leave(ctx, verb, rq)
	}
	if err != nil || result == nil {
		return err
	}
	return json.Unmarshal(body, result)
}

// leaveFor is for how long somebody at the console waits for another process.
const leaveFor = 30 * time.Second

// leave has another process of the fleet carry out a task, and waits for its end.
func (w *world) leave(ctx context.Context, verb string, rq request) ([]byte, error) {
	args, err := json.Marshal(rq)
	if err != nil {
		return nil, err
	}
	var id int64
	err = w.store.Update(ctx, func(tx *store.Tx) (err error) { id, err = tx.CommandPut(verb, args); return err })
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, leaveFor)
	defer cancel()
	for {
		c, err := command(ctx, w.store, id)
		if err == nil && !c.Done.IsZero() {
			return c.Result, failure(c, nil)
		}
		if connector.Pause(ctx, commandEvery) != nil {
			(&session{guest: w.store}).withdraw(id)
			return nil, refused("no process of the fleet has answered for connection "+rq.Connection, "it may be taken over just now; try again in a minute")
		}
	}
}

// doFind looks for records by what a person typed.
func doFind(ctx context.Context, c *wired, rq request) (any, error) {
	if len(rq.IDs) != 1 {
		return nil, usage("find needs one text", "")
	}
	return c.engine.Find(ctx, c.conn, rq.IDs[0])
}
