package dst

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// History is all that a run does. It holds no reference to what running it brings
// forth: things are named by the order in which users came to know of them.
type History struct {
	Seed    uint64   `json:"seed"` // draws which of the waiting requests goes on
	Shape   Shape    `json:"shape"`
	Steps   []Step   `json:"steps"`
	Strikes []Strike `json:"strikes,omitempty"`
}

// Shape is what a world is like for a whole run.
type Shape struct {
	Profile  string `json:"profile"`  // classic or tandem
	Person   string `json:"person"`   // what a HubSpot contact becomes: lead or contact
	Feed     string `json:"feed"`     // how HubSpot tells of changes: poll or journal
	Deleted  string `json:"deleted"`  // what a deletion does to the partner: nothing or archive
	Conflict string `json:"conflict"` // how the portal refuses a taken key: conflict or validation
	Workers  int    `json:"workers"`  // batches in flight
	// Cycle is the time between two syncs of an engine that is called for each; zero for
	// one that serves.
	Cycle Duration `json:"cycle"`
	// Ahead is by how much a side's clock is, in whole seconds.
	Ahead [2]Duration `json:"ahead,omitzero"`
	// Memory keeps the store in memory, where a process that dies takes it along.
	Memory bool `json:"memory,omitempty"`
	// Portals is how many portals share the org, each by a connection of its own; zero for one.
	Portals int `json:"portals,omitempty"`
	// IDs draws the records' ids; zero for those of every history.
	IDs uint64 `json:"ids,omitempty"`
}

// Step is one act of a user, or of the person who runs the engine.
type Step struct {
	Op    string `json:"op"`
	Thing int    `json:"thing,omitempty"` // which of those that the act can be done to, modulo their number
	Other int    `json:"other,omitempty"` // a second one, for acts on two
	Field string `json:"field,omitempty"`
	Value string `json:"value,omitempty"`
	// It happens once so many requests have passed, or so much time, since the step
	// before, whichever comes first.
	Calls int      `json:"calls"`
	Wait  Duration `json:"wait"`
}

// Strike is one fault: it befalls the first request or commit it can befall once so
// many have passed.
type Strike struct {
	At    int    `json:"at"`
	Fault string `json:"fault"`
}

// Duration is a time.Duration that is written as text.
type Duration time.Duration

// MarshalText writes it as Go does.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

// Save writes a history to a file.
func (h History) Save(file string) error {
	body, err := json.MarshalIndent(h, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(body, '\n'), 0o600)
}

// Read reads a history that Save wrote.
func Read(file string) (h History, err error) {
	body, err := os.ReadFile(file)
	if err != nil {
		return h, err
	}
	if err := json.Unmarshal(body, &h); err != nil {
		return h, fmt.Errorf("read history %s: %w", file, err)
	}
	return h, nil
}
