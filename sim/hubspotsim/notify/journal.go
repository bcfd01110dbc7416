package notify

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// JournalOptions of NewJournal. Zero values take the stated defaults.
type JournalOptions struct {
	Now       func() time.Time // required
	Rand      *rand.Rand       // required; the Journal's own
	PortalID  int64            // the one portal the apps are installed in
	Every     time.Duration    // how often an entry is published, default 250 ms
	Retention time.Duration    // default 3 days
	URLTTL    time.Duration    // life of a download URL, default 5 minutes
	BaseURL   string           // of download URLs; empty means the host of the request
	Limits    bool             // 100 fetch, 50 subscription, 10 snapshot requests a second and app
	// Authorize names the app of a request's bearer token and the token's scopes;
	// ok is false for an unknown or expired token. Required.
	Authorize func(r *http.Request) (appID int64, scopes []string, ok bool)
	// Snapshot gives current values of a live record; nil knows no records.
	Snapshot func(objectTypeID string, objectID int64, properties []string) (values map[string]string, ok bool)
}

// maxEntryEvents bounds one entry; a busy moment makes several entries. The
// vendor's bound is not documented.
const maxEntryEvents = 1000

// Journal keeps what changed, for each app by its subscriptions. Safe for
// concurrent use. It has no goroutine and no timer: an entry is published when
// somebody looks after its time, so a reader never waits longer than Every.
type Journal struct {
	opts JournalOptions
	ids  ids
	key  []byte // signs download URLs

	mu            sync.Mutex
	readers       []*reader // by app id
	subscriptions int64     // the last id
	faults        Faults
	luck          *rand.Rand // of the faults
	source        bool       // events name the source of a change
}

// reader is one app's journal.
type reader struct {
	appID         int64
	subscriptions []*journalSubscription // by id
	pending       []json.RawMessage      // events of one window
	window        time.Time              // end of it
	held          []heldEvent            // by a fault
	entries       []entry                // oldest first
	snapshots     map[string]time.Time   // when each was asked for, by status id
	limits        [3]limiter
}

type entry struct {
	offset      string
	publishedAt time.Time
	events      []json.RawMessage
}

// NewJournal makes an empty journal.
func NewJournal(o JournalOptions) *Journal {
	o.Every = cmp.Or(o.Every, 250*time.Millisecond)
	o.Retention = cmp.Or(o.Retention, 3*24*time.Hour)
	o.URLTTL = cmp.Or(o.URLTTL, 5*time.Minute)
	j := &Journal{opts: o, ids: ids{rng: o.Rand}}
	j.key = []byte(j.ids.uuid())
	j.luck = rand.New(rand.NewPCG(o.Rand.Uint64(), o.Rand.Uint64()))
	return j
}

// Publish records changes for the apps that subscribed to them. Changes of one
// record at one moment become one event, as far as they stand next to each other.
func (j *Journal) Publish(changes ...Change) {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := j.opts.Now()
	for _, r := range j.readers {
		for _, e := range r.events(changes, j.source) {
			j.append(r, e, now)
		}
	}
}

// TellSource has later events carry changeSource and sourceId, as webhooks do.
// The vendor's guide shows neither in the journal.
func (j *Journal) TellSource(on bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.source = on
}

// append adds an event to the entry that is published next.
func (j *Journal) append(r *reader, event any, now time.Time) {
	raw, err := json.Marshal(event)
	if err != nil {
		panic("notify: journal event cannot be encoded: " + err.Error()) // it holds strings and numbers only
	}
	j.publish(r, now)
	for range j.faults.copies(j.luck) {
		if wait, held := j.faults.held(); held {
			r.held = append(r.held, heldEvent{raw, now.Add(wait)})
			continue
		}
		j.gather(r, raw, now)
	}
}

// gather puts an event into the window that is open.
func (j *Journal) gather(r *reader, raw json.RawMessage, now time.Time) {
	if len(r.pending) == 0 {
		r.window = now.Truncate(j.opts.Every).Add(j.opts.Every)
	}
	r.pending = append(r.pending, raw)
}

// publish makes entries of a window that has ended, and forgets old entries.
func (j *Journal) publish(r *reader, now time.Time) {
	if len(r.pending) > 0 && !now.Before(r.window) {
		if j.faults.Shuffle {
			j.luck.Shuffle(len(r.pending), func(a, b int) { r.pending[a], r.pending[b] = r.pending[b], r.pending[a] })
		}
		for chunk := range slices.Chunk(r.pending, maxEntryEvents) {
			r.entries = append(r.entries, entry{j.ids.uuid(), r.window, chunk})
		}
		r.pending = nil
	}
	for _, raw := range r.release(now) {
		j.gather(r, raw, now)
	}
	oldest := now.Add(-j.opts.Retention)
	kept := slices.IndexFunc(r.entries, func(e entry) bool { return !e.publishedAt.Before(oldest) })
	if kept < 0 {
		kept = len(r.entries)
	}
	clear(r.entries[:kept])
	r.entries = r.entries[kept:]
	maps.DeleteFunc(r.snapshots, func(_ string, at time.Time) bool { return at.Before(oldest) })
}

// reader gives an app's journal, up to date.
func (j *Journal) reader(appID int64) *reader {
	i := slices.IndexFunc(j.readers, func(r *reader) bool { return r.appID == appID })
	if i < 0 {
		j.readers = append(j.readers, &reader{appID: appID, snapshots: map[string]time.Time{}, limits: newLimiters()})
		slices.SortFunc(j.readers, func(a, b *reader) int { return cmp.Compare(a.appID, b.appID) })
		return j.reader(appID)
	}
	j.publish(j.readers[i], j.opts.Now())
	return j.readers[i]
}

// find is the index of the entry with this offset; negative when it expired or never was.
// Readers mostly ask about the newest.
func (r *reader) find(offset string) int {
	for i, e := range slices.Backward(r.entries) {
		if e.offset == offset {
			return i
		}
	}
	return -1
}

// seal is the signature of a download URL.
func (j *Journal) seal(appID int64, offset, expires string) string {
	mac := hmac.New(sha256.New, j.key)
	_ = json.NewEncoder(mac).Encode([]any{appID, offset, expires}) // a hash takes every write
	return hex.EncodeToString(mac.Sum(nil))
}

// limiter counts the requests of the last second.
type limiter struct {
	most   int
	recent []time.Time
}

// Kinds of request with limits of their own (HubSpot, "Webhooks journal").
const (
	fetchLimit = iota
	subscriptionLimit
	snapshotLimit
)

func newLimiters() [3]limiter { return [3]limiter{{most: 100}, {most: 50}, {most: 10}} }

func (l *limiter) admit(now time.Time) bool {
	l.recent = slices.DeleteFunc(l.recent, func(t time.Time) bool { return now.Sub(t) >= time.Second })
	if len(l.recent) >= l.most {
		return false
	}
	l.recent = append(l.recent, now)
	return true
}
