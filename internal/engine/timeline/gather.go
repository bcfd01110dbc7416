package timeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/core"
	"tandem/internal/engine/room"
	"tandem/internal/store"
)

// overlap is how far behind its cursor a list is read again: HubSpot names no time by
// which it has told of everything, and a happening that is told twice is stored once.
const overlap = time.Hour

// span is how much of a list is read before its cursor moves, so that one that was not
// read for long is not begun anew after every stop.
const span = 6 * time.Hour

// gather reads every kind up to now. One that HubSpot refuses is an issue, and the others
// go on.
func (w *worker) gather(ctx context.Context) error {
	for _, x := range w.kinds {
		var err error
		if x.of.Kind == connector.FormHappening {
			err = w.gatherForms(ctx, x)
		} else {
			err = w.gatherKind(ctx, x)
		}
		if connector.ClassOf(err) == core.ClassRejected {
			err = w.raiseRefusal(ctx, x, err)
		} else if err == nil {
			err = w.closeRefusal(ctx, x)
		}
		if err != nil {
			return err
		}
	}
	return w.Update(ctx, func(tx *store.Tx) error { return tx.HappeningsPrune(w.c.ID, w.Now().Add(-keepFor)) })
}

// keepFor is how long what ended is shown, where it cannot be told again.
const keepFor = 30 * 24 * time.Hour

func (w *worker) readingOf(ctx context.Context, x *kind) (r reading, err error) {
	err = w.View(ctx, func(tx *store.Tx) (err error) { r, err = w.reading(tx, x); return err })
	return r, err
}

func (w *worker) gatherKind(ctx context.Context, x *kind) error {
	r, err := w.readingOf(ctx, x)
	if err != nil {
		return err
	}
	for end := w.Now().Add(w.c.Offsets[core.HubSpot]); r.Covered.Before(end); {
		until := r.Covered.Add(span)
		if until.After(end) {
			until = end
		}
		since := r.Covered.Add(-overlap)
		err := w.portal.Happenings(ctx, x.of, since, until, func(page []connector.Happening) error {
			return w.take(ctx, x, r.On, page, connector.Form{})
		})
		if err != nil {
			return err
		}
		r.Covered = until
		if err := w.Update(ctx, func(tx *store.Tx) error { return w.move(tx, x, r) }); err != nil {
			return err
		}
	}
	return nil
}

// gatherForms reads each form back to the last submission that was read of it.
func (w *worker) gatherForms(ctx context.Context, x *kind) error {
	if w.Now().Sub(w.formsAt) < w.settings().FormsEvery.D() {
		return nil
	}
	began := w.Now()
	forms, err := w.portal.Forms(ctx)
	if err != nil {
		return err
	}
	r, err := w.readingOf(ctx, x)
	if err != nil {
		return err
	}
	for _, f := range forms {
		last, read := r.Forms[f.ID]
		if !read {
			last = r.Covered
		}
		newest := last
		of := connector.HappeningSource{Kind: connector.FormHappening, Of: f.ID}
		err := w.portal.Happenings(ctx, of, last.Add(-overlap), time.Time{}, func(page []connector.Happening) error {
			for i := range page {
				newest = room.Latest(newest, page[i].At)
			}
			return w.take(ctx, x, r.On, page, f)
		})
		if err != nil {
			return err
		}
		if newest.Equal(last) {
			continue
		}
		if r.Forms == nil {
			r.Forms = map[string]time.Time{}
		}
		r.Forms[f.ID] = newest
		if err := w.Update(ctx, func(tx *store.Tx) error { return w.move(tx, x, r) }); err != nil {
			return err
		}
	}
	w.formsAt, r.Covered = began, room.Latest(r.Covered, began.Add(w.c.Offsets[core.HubSpot]))
	return w.Update(ctx, func(tx *store.Tx) error { return w.move(tx, x, r) })
}

// stored is what a task is made of.
type stored struct {
	Address string            `json:"address,omitempty"`
	Mailing string            `json:"mailing,omitempty"`
	Form    connector.Form    `json:"form,omitzero"`
	Values  map[string]string `json:"values,omitempty"`
}

// take stores what is new of a page and happened since the kind was switched on. Of
// several of one key on a page the earliest counts.
func (w *worker) take(ctx context.Context, x *kind, on time.Time, page []connector.Happening, form connector.Form) error {
	var rows []store.Happening
	for i := range page {
		h := &page[i]
		if h.At.Before(on) || h.Person == "" && h.Address == "" || x.reader && h.Bot && w.settings().Bots == config.BotsLeaveOut {
			continue
		}
		row := store.Happening{Key: w.keyOf(x, h), Kind: x.name, At: h.At, State: store.HappeningDue, Due: w.Now(), Lasting: w.lasting(x),
			Body: room.MustJSON(stored{Address: h.Address, Mailing: h.Mailing, Form: form, Values: h.Values})}
		if h.Person != "" {
			row.Person = core.Ref{Side: core.HubSpot, Object: core.Contacts, ID: h.Person}
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil
	}
	slices.SortStableFunc(rows, func(a, b store.Happening) int { return b.At.Compare(a.At) })
	return w.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.HappeningsAdd(w.c.ID, rows)
		return err
	})
}

// lasting reports that the key of a kind may be told again at any time.
func (w *worker) lasting(x *kind) bool {
	return x.reader && w.settings().Repeats == config.RepeatsOnce || len(x.same) > 0
}

// keyOf is the key of a happening: what has the same makes one task (ACT-3, LIM-8). Whoever
// opens an e-mail that was forwarded is told as the one whom it was sent to.
func (w *worker) keyOf(x *kind, h *connector.Happening) string {
	parts := []string{x.name, h.ID, h.Address}
	switch {
	case x.reader && w.settings().Repeats == config.RepeatsOnce:
		parts = []string{x.name, h.Mailing, h.Address}
	case len(x.same) > 0:
		parts = []string{x.name, h.Person}
		for _, name := range x.same {
			parts = append(parts, name, h.Values[name])
		}
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return x.sort + "-" + hex.EncodeToString(sum[:20])
}

// raiseRefusal tells that HubSpot does not let the app read a kind; everything else goes on.
func (w *worker) raiseRefusal(ctx context.Context, x *kind, cause error) error {
	mend := "grant the app the scope content"
	switch x.of.Kind {
	case connector.FormHappening:
		mend = "grant the app the scope forms"
	case connector.EventHappening:
		mend = "the events API needs an Enterprise subscription, and the type must be one that tandem check lists"
	}
	w.refused[x.name] = true
	return w.Update(ctx, func(tx *store.Tx) error {
		return tx.IssueOpen(w.c.ID, core.Issue{Pair: core.ContactPair, Ref: feedRef(x.name), Category: core.CategoryPermissions, Code: "timeline_unreadable", Rule: "ACT-1",
			Message: "HubSpot does not tell of " + x.name + ", so that no tasks are made of it: " + cause.Error(), Mend: mend + "; or switch activities.timeline." + x.name + " off"})
	})
}

// closeRefusal ends the issue of a kind that could be read.
func (w *worker) closeRefusal(ctx context.Context, x *kind) error {
	if was, told := w.refused[x.name]; told && !was {
		return nil
	}
	w.refused[x.name] = false
	return w.Update(ctx, func(tx *store.Tx) error { return tx.IssueClose(w.c.ID, feedRef(x.name), "") })
}
