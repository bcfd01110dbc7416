package capture

import (
	"time"

	"tandem/internal/core"
	"tandem/internal/engine/room"
)

// SweepRun is the kind of the runs that list all records of an object and compare.
const SweepRun = "sweep"

// SweepArgs say what a sweep lists.
type SweepArgs struct {
	Side   core.Side   `json:"side"`
	Object core.Object `json:"object"`
	// Lost says that a feed has lost events, so that changes are listed first:
	// since the poll cursor, or since Since where that is earlier.
	Lost  bool      `json:"lost,omitempty"`
	Since time.Time `json:"since,omitzero"`
}

// JSON is how a run keeps them.
func (a SweepArgs) JSON() []byte { return room.MustJSON(a) }
