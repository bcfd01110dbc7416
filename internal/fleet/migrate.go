package fleet

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// migrate brings River's tables up to date, one worker after the other.
func migrate(ctx context.Context, pool *pgxpool.Pool) (err error) {
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("prepare the fleet's tables: %w", err)
	}
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("make the fleet's tables: %w", err)
	}
	defer conn.Release()
	const lock = `(hashtextextended('tandem fleet ' || current_schema(), 0))`
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock`+lock); err != nil {
		return fmt.Errorf("make the fleet's tables: %w", err)
	}
	defer func() {
		_, unlocked := conn.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock`+lock)
		err = errors.Join(err, unlocked)
	}()
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("make the fleet's tables: %w", err)
	}
	return nil
}
