package console

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/a-h/templ"

	"tandem/internal/connector"
	"tandem/internal/store"
)

// Looks that take their time. LookScope is followed by the pair, LookPropose by the list of
// mappings, LookUndo by the run. LookPrepare makes Tandem's own fields, and is followed as a
// look is. LookHandover finds who owns what once a connection has ended, and mails it.
const (
	LookCheck    = "check"
	LookSettings = "settings"
	LookScope    = "scope "
	LookPrepare  = "prepare"
	LookPropose  = "propose "
	LookUndo     = "undo "
	LookHandover = "handover"
)

// lookFor is how long a page waits for the end of a look before it shows how far it is.
const lookFor = 2 * time.Second

// lookRoutes are those of looks under way.
func (c *Console) lookRoutes(mux *routes) {
	mux.Handle("POST /c/{connection}/looks/stop", c.as(store.Operator, c.stopLook))
}

// beginLook begins a look, or joins the one that is under way, and waits a little for its end.
func (c *Console) beginLook(v *visit, o Order) (store.Look, error) {
	l, _ := c.Looked(v.r.Context(), v.connection, o.Look) // its error is that of the one before
	if !l.Open() {
		if err := c.Do(v.r.Context(), "begin look", o, nil); err != nil {
			return l, err
		}
	}
	ctx, cancel := context.WithTimeout(v.r.Context(), lookFor)
	defer cancel()
	for {
		l, err := c.Looked(v.r.Context(), v.connection, o.Look)
		if !l.Open() || connector.Pause(ctx, lookFor/20) != nil {
			return l, err
		}
	}
}

// stopLook has a look end early.
func (c *Console) stopLook(v *visit) error {
	o := v.order()
	o.Look = v.r.PostFormValue("look")
	if err := c.Do(v.r.Context(), "stop look", o, nil); err != nil {
		return err
	}
	return v.to(v.lookAt(o.Look))
}

// lookAt is the page of a look.
func (v *visit) lookAt(what string) string {
	pair, scope := strings.CutPrefix(what, LookScope)
	list, proposes := strings.CutPrefix(what, LookPropose)
	run, undoes := strings.CutPrefix(what, LookUndo)
	switch {
	case scope:
		return v.at("inclusion", pair)
	case proposes:
		return v.at("mappings", list, "proposed")
	case undoes:
		return v.at("runs", run)
	case what == LookSettings:
		return v.at("settings", "look")
	case what == LookHandover:
		return v.at("disconnect")
	}
	return v.at("connect")
}

// followed sends how far a look is while it is under way, and then what it found.
func (c *Console) followed(v *visit, what string, found func(context.Context) (templ.Component, error)) error {
	ended := false
	c.live(v, liveEvery, func(ctx context.Context) (templ.Component, error) {
		if ended {
			return nil, nil
		}
		l, _ := c.Looked(ctx, v.connection, what) // an error is the look's own, and found shows it
		if l.Open() {
			return lookCard(v, l), nil
		}
		ended = true
		return found(ctx)
	})
	return nil
}

// far says how far a look is.
func far(l store.Look, now time.Time) string {
	if l.Stage == "" {
		return "It begins."
	}
	text := "Looks at " + l.Stage
	switch {
	case l.Done == 0 && l.Total == 0:
	case inParts(l):
		text += fmt.Sprintf(", part %d of %d", l.Done+1, l.Total)
	case l.Total > 0:
		text += fmt.Sprintf(": %s of at most %s records", number(l.Done), number(l.Total))
	default:
		text += ": " + count(l.Done, "record", "records")
	}
	text += ". It has taken " + span(now.Sub(l.Began))
	if pace := paceOf(l, now); pace > 0 {
		text += fmt.Sprintf(", at %.0f records a second", pace)
		if l.Total > l.Done {
			text += ", and takes at most " + span(time.Duration(float64(l.Total-l.Done)/pace*float64(time.Second))) + " more for these"
		}
	}
	return text + "."
}

// inParts reports that a look goes through parts, and not through records.
func inParts(l store.Look) bool { return l.What == LookCheck || l.What == LookPrepare }

// paceOf is how many records a second a look goes through; 0 where that cannot be told.
func paceOf(l store.Look, now time.Time) float64 {
	if inParts(l) || l.Done == 0 || now.Sub(l.Began) < time.Second {
		return 0
	}
	return float64(l.Done) / now.Sub(l.Began).Seconds()
}

// foundBy reads what a look has found; ok is false where none ever came to its end.
func foundBy[T any](l store.Look) (found T, ok bool, err error) {
	if l.Found.IsZero() {
		return found, false, nil
	}
	if err = json.Unmarshal(l.Body, &found); err != nil {
		return found, false, fmt.Errorf("read what was looked at: %w", err)
	}
	return found, true, nil
}
