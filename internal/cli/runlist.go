package cli

import (
	"context"
	"fmt"
	"os"

	"tandem/internal/engine"
)

// exportRun writes the exact list of a run's records to a CSV file, a line each.
func (s *session) exportRun(ctx context.Context, run int64, file string) error {
	f, err := os.Create(file)
	if err != nil {
		return fmt.Errorf("write list: %w", err)
	}
	err = engine.RunList{Store: s.store(), Run: run}.Export(ctx, f)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("write list of run %d to %s: %w", run, file, err)
	}
	return nil
}
