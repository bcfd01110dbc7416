package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"slices"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

const versionTable = "schema_version"

// migrationPoll and migrationPolls bound the wait for another process that
// migrates the same PostgreSQL store: once a second, for five minutes.
const (
	migrationPoll  = 1
	migrationPolls = 300
)

// migrations are the embedded files in order, in this database's words. File
// 0001_… is version 1. They only go up: a store is taken back from a backup.
func (d *dialect) migrations() ([]*goose.Migration, error) {
	files, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	slices.Sort(files)
	out := make([]*goose.Migration, len(files))
	for i, file := range files {
		text, err := migrationFiles.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		script := d.schema.Replace(string(text))
		out[i] = goose.NewGoMigration(int64(i+1), &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, script)
			return err
		}}, nil)
	}
	return out, nil
}

// migrate applies what is missing. The engine's lock is held, so that on SQLite
// nobody else migrates; on PostgreSQL a session lock sees to it as well.
func (s *Store) migrate(ctx context.Context) error {
	migrations, err := s.d.migrations()
	if err != nil {
		return err
	}
	version, err := s.schemaVersion(ctx)
	if err != nil {
		return err
	}
	if version > len(migrations) {
		return newerSchema(version, len(migrations))
	}
	if version == len(migrations) {
		return nil
	}
	options := []goose.ProviderOption{goose.WithTableName(versionTable), goose.WithDisableGlobalRegistry(true), goose.WithGoMigrations(migrations...)}
	if s.d.oneStatement {
		locker, err := s.migrationLock(ctx)
		if err != nil {
			return err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(goose.Dialect(s.d.name), s.write, nil, options...)
	if err != nil {
		return fmt.Errorf("prepare migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the store: %w", s.d.coded(err))
	}
	return nil
}

func (s *Store) migrationLock(ctx context.Context) (lock.SessionLocker, error) {
	var id int64
	err := s.write.QueryRowContext(ctx, `SELECT hashtextextended('tandem schema ' || current_schema(), 0)`).Scan(&id)
	if err != nil {
		return nil, fmt.Errorf("name the migration lock: %w", s.d.coded(err))
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(id), lock.WithLockTimeout(migrationPoll, migrationPolls))
	if err != nil {
		return nil, fmt.Errorf("make the migration lock: %w", err)
	}
	return locker, nil
}

// schemaVersion is 0 for a store without a schema.
func (s *Store) schemaVersion(ctx context.Context) (int, error) {
	exists, version := 0, 0
	if err := s.read.QueryRowContext(ctx, s.d.hasTable, versionTable).Scan(&exists); err != nil {
		return 0, fmt.Errorf("look for the store's schema: %w", s.d.coded(err))
	}
	if exists == 0 {
		return 0, nil
	}
	err := s.read.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM `+versionTable).Scan(&version)
	if err != nil {
		return 0, fmt.Errorf("read the store's schema version: %w", s.d.coded(err))
	}
	return version, nil
}

// checkSchema is for those who may not migrate.
func (s *Store) checkSchema(ctx context.Context) error {
	migrations, err := s.d.migrations()
	if err != nil {
		return err
	}
	version, err := s.schemaVersion(ctx)
	switch {
	case err != nil:
		return err
	case version == 0:
		return errorf(NotFound, "the store is empty: start the engine or run init first")
	case version > len(migrations):
		return newerSchema(version, len(migrations))
	case version < len(migrations):
		return errorf(OlderSchema, "the store has schema %d and this release needs %d: start the engine once to migrate it", version, len(migrations))
	}
	return nil
}

func newerSchema(version, known int) error {
	return errorf(NewerSchema, "the store has schema %d and this release knows up to %d: use the newer release, or a backup", version, known)
}
