package simtest

import (
	"tandem/internal/config"
	"tandem/internal/store"
)

// apply stores the settings with changes as their next version, which counts from now on;
// the engine works by those from before until it is opened again.
func (w *World) apply(changes ...func(*config.Connection)) {
	w.T.Helper()
	for _, change := range changes {
		change(&w.settings)
	}
	text, err := config.Export(w.settings)
	w.must(err)
	w.must(w.Store.Update(w.T.Context(), func(tx *store.Tx) error {
		_, err := tx.SettingsAppend(w.Conn.ID, text, "test")
		return err
	}))
}
