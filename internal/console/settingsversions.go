package console

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	"tandem/internal/config"
	"tandem/internal/store"
)

// versionsShown is how many versions of settings a page lists.
const versionsShown = 25

// versions is a page of the versions of a connection's settings, the newest first.
type versions struct {
	all      []store.Settings
	newest   int64
	next     int64 // the version to go on before; 0 at the end
	from, to int64 // that are compared; 0 for none
	changes  []config.Change
	saved    *savedSettings
}

func (c *Console) versionsPage(v *visit) error {
	s, err := c.settledAt(v, 0)
	if err != nil {
		return err
	}
	p := versions{newest: s.Version, from: v.versionIn("from"), to: v.versionIn("to")}
	err = c.Store.View(v.r.Context(), func(tx *store.Tx) (err error) {
		p.all, err = tx.SettingsBack(s.conn, v.versionIn("before"), versionsShown+1)
		return err
	})
	if err != nil {
		return err
	}
	if len(p.all) > versionsShown {
		p.all = p.all[:versionsShown]
		p.next = p.all[versionsShown-1].Version
	}
	if p.saved, err = c.savedOf(v); err != nil {
		return err
	}
	if p.from > 0 && p.to > 0 {
		if p.changes, err = c.compared(v, p.from, p.to); err != nil {
			return err
		}
	}
	return v.show(versionsView(v, p))
}

// versionIn is a version that the address names, 0 for none.
func (v *visit) versionIn(key string) int64 {
	n, err := strconv.ParseInt(v.r.URL.Query().Get(key), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// compared are the settings that differ between two versions.
func (c *Console) compared(v *visit, from, to int64) ([]config.Change, error) {
	before, err := c.settledAt(v, from)
	if err != nil {
		return nil, err
	}
	after, err := c.settledAt(v, to)
	if err != nil {
		return nil, err
	}
	return config.Diff(before.Body, after.Body)
}

// settingsFile is a version as the command line reads it, the newest where none is named.
func (c *Console) settingsFile(v *visit) error {
	s, err := c.settledAt(v, v.versionIn("version"))
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/yaml; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", fmt.Sprintf("%s-settings-%d.yaml", v.connection, s.Version)))
	_, _ = v.w.Write(s.Body) // a browser that went away gets nothing
	return nil
}

// lookAtVersion shows what it would do to put an older version back.
func (c *Console) lookAtVersion(v *visit) error {
	s, err := c.base(v)
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(v.r.PostFormValue("version"), 10, 64)
	if err != nil || version < 1 {
		return misused("Choose the version to put back.")
	}
	old, err := c.settledAt(v, version)
	if err != nil {
		return err
	}
	return c.look(v, draft{back: "versions", base: s, text: old.Body})
}

func (c *Console) importSettingsPage(v *visit) error { return c.showImport(v, "", nil) }

func (c *Console) showImport(v *visit, text string, trouble *Trouble) error {
	s, err := c.settledAt(v, 0)
	if err != nil {
		return err
	}
	if trouble != nil {
		v.w.WriteHeader(http.StatusUnprocessableEntity)
	}
	return v.show(importSettingsView(v, s.Version, text, trouble))
}

// lookAtFile shows what settings would do that were written elsewhere.
func (c *Console) lookAtFile(v *visit) error {
	text, err := v.postedFile()
	if err != nil {
		return err
	}
	s, err := c.base(v)
	if err != nil {
		return err
	}
	next, err := config.Apply(s.settings, text)
	if err == nil {
		err = config.MayApply(s.settings, next, text)
	}
	if err != nil {
		return c.showImport(v, string(text), &Trouble{Code: "settings", Message: err.Error()})
	}
	whole, err := config.Export(next)
	if err != nil {
		return err
	}
	var unfit *refusal
	if err = c.look(v, draft{back: "versions", base: s, text: whole}); errors.As(err, &unfit) {
		return c.showImport(v, string(text), &unfit.Trouble)
	}
	return err
}

// postedFile is the text of a chosen file, or else what was written into the form.
func (v *visit) postedFile() ([]byte, error) {
	text := []byte(v.r.PostFormValue("settings"))
	f, head, err := v.r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) || err == nil && head.Size == 0 {
		return text, nil
	}
	if err != nil {
		return nil, misused("The file could not be read.")
	}
	defer f.Close()
	return io.ReadAll(f)
}
