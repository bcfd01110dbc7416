package console

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"tandem/internal/engine"
	"tandem/internal/store"
)

// undoing is what the undo of a run would put back, and what it would leave alone.
type undoing struct {
	run    *runState
	args   engine.UndoArgs
	look   store.Look
	failed *Trouble // why it found nothing
	plan   engine.UndoView
	found  bool
}

// undoPage has looked what an undo would do, and shows it, or how far the look is.
func (c *Console) undoPage(v *visit) error {
	s, err := c.runOf(v.r.Context(), v)
	if err != nil {
		return err
	}
	o := v.order()
	if o.Undo, err = narrowed(v.r.URL.Query(), s.ID); err != nil {
		return err
	}
	o.Look = LookUndo + strconv.FormatInt(s.ID, 10)
	l, err := c.beginLook(v, o)
	if err != nil && l.Error == "" {
		return err
	}
	if l.Open() && undoAsked(l) != o.Undo {
		return &refusal{status: http.StatusConflict, Trouble: Trouble{Code: "looked_at", Message: l.By + " is looking at what another undo in this run would do.",
			Mend: "wait for its end, and look again"}}
	}
	u, err := c.undoing(v.r.Context(), v)
	if err != nil {
		return err
	}
	return v.show(undoView(v, u))
}

// undoAsked is the undo that a look is at.
func undoAsked(l store.Look) engine.UndoArgs {
	var o struct {
		Undo engine.UndoArgs `json:"undo"`
	}
	if json.Unmarshal(l.Asked, &o) != nil {
		return engine.UndoArgs{}
	}
	return o.Undo
}

// undoing is the undo that a request asks for, as it was looked at last.
func (c *Console) undoing(ctx context.Context, v *visit) (u undoing, err error) {
	if u.run, err = c.runOf(ctx, v); err != nil {
		return u, err
	}
	if u.args, err = narrowed(v.r.URL.Query(), u.run.ID); err != nil {
		return u, err
	}
	if u.look, err = c.Looked(ctx, v.connection, LookUndo+v.r.PathValue("run")); err != nil {
		t := c.Tell(err)
		u.failed = &t
	}
	v.now = c.Now()
	if undoAsked(u.look) != u.args {
		u.failed = &Trouble{Message: "somebody has looked at another undo in this run since.", Mend: "load this page again"}
	}
	u.plan, u.found, err = foundBy[engine.UndoView](u.look)
	return u, err
}

func (c *Console) undoLive(v *visit) error {
	return c.followed(v, LookUndo+v.r.PathValue("run"), func(ctx context.Context) (templ.Component, error) {
		u, err := c.undoing(ctx, v)
		return undoFound(v, u), err
	})
}

func (c *Console) undo(v *visit) error {
	s, err := c.runOf(v.r.Context(), v)
	if err != nil {
		return err
	}
	if err := v.r.ParseForm(); err != nil {
		return misused("The form cannot be read.")
	}
	o := v.order()
	if o.Undo, err = narrowed(v.r.PostForm, s.ID); err != nil {
		return err
	}
	return c.startRun(v, "undo", o, map[string]string{"connection": v.connection, "undoes": v.r.PathValue("run")})
}

// narrowed reads how far a run is to be undone.
func narrowed(q url.Values, run int64) (a engine.UndoArgs, err error) {
	a = engine.UndoArgs{Run: run, Field: q.Get("field"), Pass: q.Get("pass") != "", Unlink: q.Get("unlink") != "", DeleteCreated: q.Get("created") != ""}
	if text := q.Get("entry"); text != "" {
		if a.Entry, err = strconv.ParseInt(text, 10, 64); err != nil || a.Entry <= 0 {
			return a, misused("An entry of the history is a number.")
		}
	}
	return a, nil
}

// undoQuery is what narrowed reads.
func undoQuery(a engine.UndoArgs) url.Values {
	q := url.Values{}
	if a.Entry != 0 {
		q.Set("entry", strconv.FormatInt(a.Entry, 10))
	}
	if a.Field != "" {
		q.Set("field", a.Field)
	}
	for key, on := range map[string]bool{"pass": a.Pass, "unlink": a.Unlink, "created": a.DeleteCreated} {
		if on {
			q.Set(key, "yes")
		}
	}
	return q
}

// undoAt is the address where the undo of one entry is looked at before it is done: of all
// that it wrote, or of one field, whose value then counts on both sides.
func (v *visit) undoAt(run, entry int64, field string) string {
	a := engine.UndoArgs{Entry: entry, Field: field, Pass: field != ""}
	return v.at("runs", strconv.FormatInt(run, 10), "undo") + query(undoQuery(a))
}

// does reports that an undo changes anything.
func (u *undoing) does() bool { return len(u.plan.PutBack) > 0 }
