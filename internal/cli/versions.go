package cli

import (
	"bytes"
	"context"
	"fmt"

	"tandem/internal/config"
	"tandem/internal/store"
)

// byFile marks the versions of a connection's settings that came from the
// settings file.
const byFile = "settings file"

// effective gives a connection with the settings that count: the version applied
// last, unless the settings file was edited after it. An edit of the file
// becomes a version of its own.
func (w *world) effective(ctx context.Context, name string) (config.Connection, error) {
	c, err := w.file().Connection(name)
	if err != nil {
		return c, usage(err.Error(), "tandem connections lists them")
	}
	if edited, ok := w.edited.Load(name); ok {
		c = edited.(config.Connection)
	}
	mine, err := config.Export(c)
	if err != nil {
		return c, err
	}
	row, err := w.row(ctx, name)
	if err != nil {
		return c, err
	}
	var body []byte
	var replaced store.Settings // by the file, which was edited since
	err = w.store.Update(ctx, func(tx *store.Tx) error {
		body, err = w.app.countingVersion(tx, w.file(), row.ID, c, mine)
		if err == nil && body == nil {
			body = mine
			replaced, _, err = tx.SettingsLatest(row.ID)
			if err == nil {
				_, err = tx.SettingsAppend(row.ID, mine, byFile)
			}
		}
		return err
	})
	if err != nil {
		return c, err
	}
	w.tellReplaced(name, replaced)
	return config.Apply(c, body)
}

// before are the settings that counted last, though the settings file was edited since;
// bare ones where none ever counted. Nothing becomes a version.
func (w *world) before(ctx context.Context, name string) (config.Connection, error) {
	c, err := w.file().Connection(name)
	if err != nil {
		return c, usage(err.Error(), "tandem connections lists them")
	}
	var last store.Settings
	var stored bool
	err = w.store.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Connection(name)
		if err != nil {
			return err
		}
		last, stored, err = tx.SettingsLatest(row.ID)
		return err
	})
	if err != nil && store.CodeOf(err) != store.NotFound {
		return c, fmt.Errorf("read settings of %s: %w", name, err)
	}
	if !stored {
		return config.Bare(c), nil
	}
	return config.Apply(c, last.Body)
}

// tellReplaced says that the edited settings file counts instead of what was applied to
// the connection before.
func (w *world) tellReplaced(name string, v store.Settings) {
	if v.Version > 0 && v.By != byFile {
		w.app.log().Warn("the settings file was edited, and counts instead of what was applied", "connection", name, "file", w.app.configPath,
			"version", v.Version, "applied_by", v.By, "mend", fmt.Sprintf("tandem settings show %d > FILE, then tandem settings apply FILE brings it back", v.Version))
	}
}

// countingVersion is the body of the version that counts beside the file's present
// settings; nil where the file's are newer than every version. An edit of the file
// that may not be (SET-10) is refused.
func (a *app) countingVersion(tx *store.Tx, f *config.File, conn int64, c config.Connection, file []byte) ([]byte, error) {
	all, err := tx.SettingsList(conn)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	if f.Added(c.Name) {
		return all[0].Body, nil // the file says nothing of it
	}
	if bytes.Equal(all[0].Body, file) {
		return file, nil
	}
	for _, v := range all {
		if v.By == byFile && bytes.Equal(v.Body, file) {
			return all[0].Body, nil
		}
		if v.By == byFile {
			break
		}
	}
	old, err := config.Apply(c, all[0].Body)
	if err != nil {
		return nil, nil //nolint:nilerr // an earlier release wrote it and this one cannot read it: the file counts
	}
	if err := f.MayEdit(old); err != nil {
		return nil, &problem{Code: codeSettings, Message: a.configPath + ": " + err.Error(), exit: exitUsage}
	}
	return nil, nil
}

// storedSettings is effective for a store that is only read: nothing becomes a
// version.
func (a *app) storedSettings(ctx context.Context, s *store.Store, f *config.File, name string) (config.Connection, error) {
	in, err := a.inForce(ctx, s, f, name)
	return in.settings, err
}

// inForce are the settings that a connection works by.
type inForce struct {
	settings config.Connection
	// edited says that the settings file was edited since, which a running engine
	// takes up only when it is told; version is the one that it works by.
	edited  bool
	version int64
}

// inForce looks what a connection works by: while an engine runs, the version that
// it took last; otherwise what its start would take.
func (a *app) inForce(ctx context.Context, s *store.Store, f *config.File, name string) (inForce, error) {
	return a.lookForce(ctx, s, f, name, false)
}

// lookForce is inForce, or with taken what an engine works by once it has taken up what
// was edited in the settings file.
func (a *app) lookForce(ctx context.Context, s *store.Store, f *config.File, name string, taken bool) (in inForce, err error) {
	if in.settings, err = f.Connection(name); err != nil {
		return in, err
	}
	body, err := config.Export(in.settings)
	if err != nil {
		return in, err
	}
	running, err := s.EngineRuns(ctx)
	if err != nil {
		return in, err
	}
	err = s.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Connection(name)
		if err != nil {
			return err
		}
		last, stored, err := tx.SettingsLatest(row.ID)
		if err != nil {
			return err
		}
		have, err := a.countingVersion(tx, f, row.ID, in.settings, body)
		if running && stored && have == nil {
			in.edited, in.version = true, last.Version
			if !taken {
				have, err = last.Body, nil
			}
		}
		if have != nil {
			body = have
		}
		return err
	})
	if err != nil && store.CodeOf(err) != store.NotFound {
		return in, fmt.Errorf("read settings of %s: %w", name, err)
	}
	in.settings, err = config.Apply(in.settings, body)
	return in, err
}

// warning tells of an edit of the settings file that does not count yet; blank
// without one.
func (in *inForce) warning(file string) string {
	if !in.edited {
		return ""
	}
	return fmt.Sprintf("%s was edited and does not count yet: the running engine works by version %d. To make it count: tandem settings apply", file, in.version)
}
