package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"tandem/internal/config"
	"tandem/internal/core"
)

// simSettings are the settings file that tandem simulate writes, and the store
// beside it.
type simSettings struct {
	file    string
	replace bool // those of an earlier simulation make way
	sample  bool // the mapping is settled for the sample records
	people  bool // people sync as well
}

// store is where the engine of these settings keeps its state.
func (o simSettings) store() (string, error) {
	full, err := filepath.Abs(o.file)
	if err != nil {
		return "", fmt.Errorf("write settings: %w", err)
	}
	return filepath.Join(filepath.Dir(full), "tandem.db"), nil
}

// makeRoom refuses to write over settings, and to leave them beside the store of
// another simulation: its records would pass for those of this one.
func (o simSettings) makeRoom() error {
	if o.file == "" {
		return nil
	}
	db, err := o.store()
	if err != nil {
		return err
	}
	settings, state := exists(o.file), exists(db)
	switch {
	case !settings && !state:
		return nil
	case !o.replace && settings:
		return usage(o.file+" exists already", "name another file, or add --replace where it is of an earlier simulation")
	case !o.replace:
		return usage(db+" exists already; it knows the records of another run", "work in an empty folder, or add --replace where it is of an earlier simulation")
	case settings && !simulated(o.file):
		return usage(o.file+" is not of a simulation, so --replace leaves it alone", "name another file")
	case !settings:
		return usage(db+" has no settings of a simulation beside it, so --replace leaves it alone", "work in an empty folder")
	}
	for _, f := range []string{o.file, db, db + "-wal", db + "-shm"} {
		if err := os.Remove(f); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("make room for settings: %w", err)
		}
	}
	return nil
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// simulated reports that all connections of a settings file lead to this machine.
func simulated(file string) bool {
	f, err := config.Load(file)
	if err != nil {
		return false
	}
	for _, c := range f.Connections {
		if !strings.HasPrefix(c.Salesforce.LoginURL, "http://127.0.0.1:") || !strings.HasPrefix(c.HubSpot.BaseURL, "http://127.0.0.1:") {
			return false
		}
	}
	return true
}

// writeSimConfig prepares both simulators as init prepares real sides, and
// writes settings that every verb can use as they are.
func (a *app) writeSimConfig(ctx context.Context, s *simulators, o simSettings) error {
	c := s.connection("simulated")
	c.Contacts.Sync = o.people
	if err := a.prepareSimulators(ctx, &c); err != nil {
		return err
	}
	if o.sample {
		settleSample(c.Mappings[string(core.CompanyPair)])
	}
	db, err := o.store()
	if err != nil {
		return err
	}
	f := &config.File{Store: "sqlite://" + db, Listen: "127.0.0.1:0", SecretsKey: config.Secret(rand.Text()), Connections: []config.Connection{c}}
	return writeSettings(f, o.file)
}
