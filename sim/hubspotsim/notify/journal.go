package notify

import (
	"math/rand/v2"
	"net/http"
	"time"
)

// JournalOptions of NewJournal. Zero values take the stated defaults.
type JournalOptions struct {
	Now       func() time.Time // required
	Rand      *rand.Rand       // required; makes offsets and the key of download URLs
	PortalID  int64
	Every     time.Duration // how often an entry is published, default 250 ms
	Retention time.Duration // default 3 days
	URLTTL    time.Duration // life of a download URL, default 5 minutes
	BaseURL   string        // of download URLs; empty means the host of the request
	Limits    bool          // 100 fetch, 50 subscription, 10 snapshot requests a second and app
	// Authorize names the app of a bearer token and its scopes. ok is false for
	// an unknown or expired token. Required.
	Authorize func(r *http.Request) (appID int64, scopes []string, ok bool)
	// Snapshot gives the current values of a record for the snapshots endpoint;
	// nil refuses snapshots.
	Snapshot func(objectTypeID string, objectID int64, properties []string) (map[string]string, bool)
}

// Journal keeps what changed, by app, for applications to fetch. Safe for
// concurrent use; it has no goroutine and no timer: entries close when somebody looks.
type Journal struct {
	opts JournalOptions
}

// NewJournal makes an empty journal.
func NewJournal(o JournalOptions) *Journal { return &Journal{opts: o} }

// Publish records changes for the apps that subscribed to them.
func (j *Journal) Publish(changes ...Change) {}

// ServeHTTP serves /webhooks-journal/….
func (j *Journal) ServeHTTP(w http.ResponseWriter, r *http.Request) {}
