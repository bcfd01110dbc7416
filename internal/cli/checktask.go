package cli

import (
	"context"
	"encoding/json"
	"fmt"

	"tandem/internal/config"
	"tandem/internal/console"
	"tandem/internal/store"
)

// doCheck looks at both sides by the settings that count, and keeps what it finds.
func doCheck(ctx context.Context, w *world, rq request) (any, error) {
	settings, err := w.effective(ctx, rq.Connection)
	if err != nil {
		return nil, err
	}
	p := &preflight{app: w.app, settings: settings, console: signedInAtConsole(settings)}
	p.stored("is there")
	if err := p.pins(ctx, w.store); err != nil {
		return nil, err
	}
	if err := w.preflight(ctx, p); err != nil {
		return nil, err
	}
	p.notify(ctx, w.file().Notify)
	found := console.Preflight{By: rq.By, State: console.Worst(p.findings), Findings: p.findings, Missing: p.missing}
	return found, w.keepPreflight(ctx, rq.Connection, found)
}

// preflight asks both sides by connectors of its own: those at work have read the schemas
// before.
func (w *world) preflight(ctx context.Context, p *preflight) error {
	sides, err := w.connect(ctx, p.settings)
	if err != nil && problemOf(err).Code == codeNotConnected {
		return w.unconnected(ctx, p)
	}
	if err != nil {
		return err
	}
	defer (&wired{sides: sides}).close()
	return p.look(ctx, sides)
}

// unconnected finds the sides that nobody has signed in to yet.
func (w *world) unconnected(ctx context.Context, p *preflight) error {
	k, _, err := w.keeper(ctx, p.settings.Name)
	if err == nil {
		err = k.granted(ctx, &p.settings)
	}
	p.lacking(p.settings)
	return err
}

// lacking finds the sides that settings do not say how to sign in to.
func (p *preflight) lacking(c config.Connection) {
	for _, side := range outside(c) {
		p.add(red, side, "reached", "is not connected yet", "sign in under Connect in the console, or give "+side.String()+".auth in the settings file", "")
	}
}

func (w *world) keepPreflight(ctx context.Context, name string, found console.Preflight) error {
	body, err := json.Marshal(found)
	if err != nil {
		return fmt.Errorf("keep preflight: %w", err)
	}
	row, err := w.row(ctx, name)
	if err != nil {
		return err
	}
	return w.store.Update(ctx, func(tx *store.Tx) error { return tx.PreflightSet(row.ID, body) })
}
