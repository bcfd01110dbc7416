package notify

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"tandem/internal/connector"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// How often issues and failed runs are told. What keeps a connection from working is told at
// once in any case.
const (
	Instant = "instant"
	Daily   = "daily"
	Weekly  = "weekly"
)

// Teller tells.
type Teller struct {
	Store *store.Store
	Now   func() time.Time
	Log   *slog.Logger
	// Connections are the names of all connections, Status tells how one stands.
	Connections []string
	Status      func(ctx context.Context, connection string) (engine.Status, error)
	Every       string        // one of those above
	LeaveOut    []string      // KindRunFailed and KindIssues may be
	Behind      time.Duration // how late a side or due work may be until it is told
	Console     string        // address of the console, blank for not told
	Ways        []Way

	stands map[string]time.Time // since when a connection was seen to stand still, by name
}

// Way is one way to reach people.
type Way interface {
	// Name tells it from the others: mail or webhook.
	Name() string
	// To says whom it reaches, for people.
	To() string
	// Send hands a message over; nil means that it was taken. One that is sent again has the
	// same id.
	Send(ctx context.Context, m *Message) error
}

// lookEvery is how often connections are looked at, and what is due is sent.
const lookEvery = 15 * time.Second

// Run tells until ctx ends or the store fails. Where there is no way it does nothing.
func (t *Teller) Run(ctx context.Context) error {
	if len(t.Ways) == 0 {
		return nil
	}
	for ctx.Err() == nil {
		if err := t.Round(ctx); err != nil && ctx.Err() == nil {
			return err
		}
		_ = connector.Pause(ctx, lookEvery) // the loop looks at ctx itself
	}
	return nil
}

// Round looks at all connections once and sends what is due.
func (t *Teller) Round(ctx context.Context) error {
	if err := t.look(ctx); err != nil {
		return err
	}
	return t.deliver(ctx)
}

// look stores what is to be told, and that it is.
func (t *Teller) look(ctx context.Context) error {
	all := map[string]engine.Status{}
	for _, name := range t.Connections {
		s, err := t.Status(ctx, name)
		switch {
		case err == nil:
			all[name] = s
		case store.CodeOf(err) == store.NotFound: // nothing is known of it yet
		case store.CodeOf(err) != "" || ctx.Err() != nil:
			return err
		default:
			t.Log.Warn("look what to tell", "connection", name, "cause", err)
		}
	}
	return t.Store.Update(ctx, func(tx *store.Tx) error {
		told, err := readTold(tx)
		if err != nil {
			return err
		}
		news, err := t.news(tx, told, all)
		if err != nil {
			return err
		}
		return errors.Join(t.put(tx, news), told.save(tx))
	})
}

// news is what is to be told of all connections, and notes in told that it was.
func (t *Teller) news(tx *store.Tx, told *told, all map[string]engine.Status) (out []News, err error) {
	now := t.Now()
	digest := t.digestDue(told, now)
	for _, name := range t.Connections {
		s, ok := all[name]
		if !ok || s.Ended {
			continue
		}
		row, err := tx.Connection(name)
		if err != nil {
			return nil, err
		}
		k := told.of(name, now)
		stands, err := t.standstill(tx, row, s)
		if err != nil {
			return nil, err
		}
		out = append(out, k.turned(s, stands)...)
		if !digest {
			continue
		}
		for _, one := range []struct {
			kind Kind
			find func() ([]News, error)
		}{
			{KindRunFailed, func() ([]News, error) { return newFailed(tx, row.ID, name, k, now) }},
			{KindIssues, func() ([]News, error) { return newIssues(tx, row.ID, s, k, now, t.Every == Instant) }},
		} {
			more, err := one.find() // also what is left out counts as known from then on
			if err != nil {
				return nil, err
			}
			if !slices.Contains(t.LeaveOut, string(one.kind)) {
				out = append(out, more...)
			}
		}
	}
	return out, nil
}

// digestDue reports that issues and failed runs may be told now.
func (t *Teller) digestDue(told *told, now time.Time) bool {
	period := map[string]time.Duration{Daily: 24 * time.Hour, Weekly: 7 * 24 * time.Hour}[t.Every]
	if now.Sub(told.Digest) < period && !now.Before(told.Digest) {
		return false
	}
	if period > 0 {
		told.Digest = now
	}
	return true
}

// put stores news for each way.
func (t *Teller) put(tx *store.Tx, news []News) error {
	if len(news) == 0 {
		return nil
	}
	m := t.message(news)
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	for _, w := range t.Ways {
		if err := tx.NoticePut(m.ID, w.Name(), body); err != nil {
			return err
		}
	}
	return nil
}

func (t *Teller) message(news []News) *Message {
	return &Message{ID: "msg_" + rand.Text(), At: t.Now().UTC().Truncate(time.Second), Console: t.Console, News: news}
}

// Tried is what became of a test.
type Tried struct {
	Way   string
	To    string
	Error error // nil for taken
}

// Test sends a message that says so by every way, at once and once, and notes who asked.
func (t *Teller) Test(ctx context.Context, by string) ([]Tried, error) {
	m := t.message([]News{{Kind: KindTest, Message: "This is a test that " + by + " asked for. Notifications arrive"}})
	var out []Tried
	taken := map[string]bool{}
	for _, w := range t.Ways {
		one := Tried{Way: w.Name(), To: w.To(), Error: w.Send(ctx, m)}
		out, taken[one.Way] = append(out, one), one.Error == nil
	}
	details, err := json.Marshal(map[string]any{"taken": taken})
	if err != nil {
		return nil, err
	}
	return out, t.Store.Update(ctx, func(tx *store.Tx) error { return tx.AuditAppend(by, "test notifications", details) })
}

// Bounds of trying again: the first pause, the longest, and for how long in all. What was
// told is listed for noticesKept.
const (
	tryFirst    = time.Minute
	tryMost     = time.Hour
	tryFor      = 3 * 24 * time.Hour
	noticesKept = 30 * 24 * time.Hour
	atOnce      = 50
)

// deliver tries what is due.
func (t *Teller) deliver(ctx context.Context) error {
	var due []store.Notice
	err := t.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if due, err = tx.NoticesDue(atOnce); err != nil {
			return err
		}
		return tx.NoticesForget(t.Now().Add(-noticesKept))
	})
	if err != nil {
		return err
	}
	for _, n := range due {
		err := t.try(ctx, &n)
		if ctx.Err() != nil {
			return ctx.Err() // whether it was taken is not known: the next process tries again
		}
		t.outcome(&n, err)
		if err := t.Store.Update(ctx, func(tx *store.Tx) error { return t.save(tx, n) }); err != nil {
			return err
		}
	}
	return nil
}

// try sends one notice by its way.
func (t *Teller) try(ctx context.Context, n *store.Notice) error {
	at := slices.IndexFunc(t.Ways, func(w Way) bool { return w.Name() == n.Way })
	if at < 0 {
		return errNoWay
	}
	var m Message
	if err := json.Unmarshal(n.Body, &m); err != nil {
		return fmt.Errorf("read notice %d: %w", n.ID, err)
	}
	return t.Ways[at].Send(ctx, &m)
}

// errNoWay says that the settings name the way of a notice no more.
var errNoWay = errors.New("the settings do not name this way any more")

// outcome writes what became of a try into a notice.
func (t *Teller) outcome(n *store.Notice, err error) {
	now := t.Now()
	n.Tries++
	n.Due, n.Error = time.Time{}, ""
	if err == nil {
		n.Sent = now
		return
	}
	n.Error = err.Error()
	pause := min(tryFirst<<min(n.Tries-1, 10), tryMost)
	if !errors.Is(err, errNoWay) && now.Add(pause).Before(n.Made.Add(tryFor)) {
		n.Due = now.Add(pause)
	}
	t.Log.Warn("tell people", "way", n.Way, "notice", n.Key, "tries", n.Tries, "again", !n.Due.IsZero(), "cause", err)
}

// save stores what became of a try. That nobody will be told stands in the audit log.
func (t *Teller) save(tx *store.Tx, n store.Notice) error {
	if err := tx.NoticeSave(n); err != nil || !n.Due.IsZero() || !n.Sent.IsZero() {
		return err
	}
	details, err := json.Marshal(map[string]any{"way": n.Way, "notice": n.Key, "tries": n.Tries})
	if err != nil {
		return err
	}
	return tx.AuditAppend("tandem", "notification given up", details)
}
