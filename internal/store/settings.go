package store

import (
	"database/sql"
	"fmt"
	"time"
)

// Settings is one version of a connection's settings. Versions count from 1 and
// are never changed.
type Settings struct {
	Version int64
	Body    []byte
	By      string // who applied it
	At      time.Time
}

const settingsColumns = `version, body, by_whom, at`

// SettingsAppend stores the next version and gives its number.
func (t *Tx) SettingsAppend(conn int64, body []byte, by string) (version int64, err error) {
	if err := t.own(conn); err != nil {
		return 0, err
	}
	latest, _, err := t.SettingsLatest(conn)
	if err != nil {
		return 0, err
	}
	version = latest.Version + 1
	_, err = t.exec(`INSERT INTO settings (conn, version, at, by_whom, body) VALUES ($1, $2, $3, $4, $5)`,
		conn, version, ms(t.now), by, blob(body))
	if err != nil {
		return 0, fmt.Errorf("store settings: %w", err)
	}
	return version, nil
}

// SettingsNewest is Stale unless a version is the newest one: whoever made the next one
// from it has not seen what somebody else has stored since.
func (t *Tx) SettingsNewest(conn, version int64) error {
	latest, _, err := t.SettingsLatest(conn)
	if err == nil && latest.Version != version {
		err = errorf(Stale, "version %d of the settings counts, which %s stored, and no more version %d", latest.Version, latest.By, version)
	}
	return err
}

// SettingsLatest gives the newest version; ok is false before the first.
func (t *Tx) SettingsLatest(conn int64) (s Settings, ok bool, err error) {
	if err := t.own(conn); err != nil {
		return s, false, err
	}
	s, ok, err = only(t, scanSettings, `SELECT `+settingsColumns+` FROM settings WHERE conn = $1 ORDER BY version DESC LIMIT 1`, conn)
	if err != nil {
		return s, false, fmt.Errorf("read settings: %w", err)
	}
	return s, ok, nil
}

// SettingsAt gives one version; NotFound without it.
func (t *Tx) SettingsAt(conn, version int64) (Settings, error) {
	s, ok, err := only(t, scanSettings, `SELECT `+settingsColumns+` FROM settings WHERE conn = $1 AND version = $2`, conn, version)
	if err != nil {
		return s, fmt.Errorf("read settings version %d: %w", version, err)
	}
	if !ok {
		return s, errorf(NotFound, "the connection has no settings version %d", version)
	}
	return s, nil
}

// SettingsBack gives up to limit versions before one, the newest first; before 0 from the
// newest on.
func (t *Tx) SettingsBack(conn, before int64, limit int) ([]Settings, error) {
	out, err := list(t, scanSettings, `SELECT `+settingsColumns+` FROM settings WHERE conn = $1 AND ($2 = 0 OR version < $2) ORDER BY version DESC LIMIT CAST($3 AS BIGINT)`, conn, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list settings: %w", err)
	}
	return out, nil
}

// SettingsList gives all versions with their bodies, the newest first.
func (t *Tx) SettingsList(conn int64) ([]Settings, error) {
	out, err := list(t, scanSettings, `SELECT `+settingsColumns+` FROM settings WHERE conn = $1 ORDER BY version DESC`, conn)
	if err != nil {
		return nil, fmt.Errorf("list settings: %w", err)
	}
	return out, nil
}

func scanSettings(r *sql.Rows) (Settings, error) {
	var s Settings
	var at int64
	err := r.Scan(&s.Version, into(&s.Body), &s.By, &at)
	s.At = instant(at)
	return s, err
}
