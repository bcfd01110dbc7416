package fleet

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"tandem/internal/store"
)

// Hold is the right to work on a group's connections while its heartbeat goes on.
type Hold struct {
	// Group are the connections.
	Group Group
	// Store is the view for the work: it commits nothing once another worker has taken over.
	Store *store.Store

	lease   store.Lease
	job     int64
	attempt int
	now     func() time.Time
	limit   time.Duration
	renewed atomic.Pointer[time.Time] // when the last beat that arrived was sent
	cancel  context.CancelCauseFunc
}

// Fresh is nil while a call to a side may begin: the last beat is so young that the call
// ends, or is given up by its server, before another worker begins. A process that stood
// still finds here that it did.
func (h *Hold) Fresh() error {
	if age := h.age(); age > h.limit {
		return fmt.Errorf("the lease of %s was last renewed %s ago", h.Group, age.Round(time.Second))
	}
	return nil
}

// age is the time since the last beat, by the clock that says more: one stands still while
// the machine is suspended, the other may be set back.
func (h *Hold) age() time.Duration {
	last, now := *h.renewed.Load(), h.now()
	return max(now.Sub(last), now.Round(0).Sub(last.Round(0)))
}

// beat says that this worker is alive; an error of code Locked, that it was taken for dead
// before.
func (h *Hold) beat(ctx context.Context, pool *pgxpool.Pool) error {
	began := h.now()
	tag, err := pool.Exec(ctx, `UPDATE river_job SET attempted_at = now() WHERE id = $1 AND attempt = $2 AND state = 'running'`, h.job, h.attempt)
	if err != nil {
		return fmt.Errorf("renew the lease of %s: %w", h.Group, err)
	}
	if tag.RowsAffected() == 0 {
		return &store.Error{Code: store.Locked, Message: "another worker has taken over " + h.Group.String() + ", since this one was silent for too long: start it again"}
	}
	h.renewed.Store(&began)
	return nil
}

// Group are connections by name, sorted, that one worker at a time works on.
type Group []string

// String names the connections.
func (g Group) String() string { return strings.Join(g, ", ") }
