package cli

import (
	"context"
	"strings"
	"time"

	"tandem/internal/store"
)

// workerView is one worker of a fleet.
type workerView struct {
	Name    string    `json:"name"` // host/process-start
	Started time.Time `json:"started"`
	Seen    time.Time `json:"seen"`
	Silent  bool      `json:"silent,omitempty"` // for longer than the lease: others take over
	WorksOn []string  `json:"works_on"`         // connections
}

// workersOf are the workers that the store knows of; none where one process has the store.
func workersOf(ctx context.Context, s *store.Store, now time.Time, lease time.Duration) (out []workerView, err error) {
	err = s.View(ctx, func(tx *store.Tx) error {
		workers, err := tx.Workers()
		if err != nil || len(workers) == 0 {
			return err
		}
		leases, err := tx.Leases()
		for _, w := range workers {
			v := workerView{Name: w.Name, Started: w.Started, Seen: w.Seen, Silent: now.Sub(w.Seen) >= lease, WorksOn: []string{}}
			for _, l := range leases {
				if l.Worker == w.Name {
					v.WorksOn = append(v.WorksOn, l.Connections...)
				}
			}
			out = append(out, v)
		}
		return err
	})
	return out, err
}

// describeWorkers shows who works on what.
func (a *app) describeWorkers(workers []workerView) {
	if len(workers) == 0 {
		return
	}
	var rows [][]string
	for _, w := range workers {
		on := strings.Join(w.WorksOn, ", ")
		if on == "" {
			on = "stands by"
		}
		if w.Silent {
			on = "silent; another takes over " + strings.Join(w.WorksOn, ", ")
		}
		rows = append(rows, []string{w.Name, when(w.Seen), on})
	}
	a.printf("\n")
	a.printed.table([]string{"Worker", "Last seen", "Works on"}, rows)
}
