package console

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"tandem/internal/config"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// tab is a page of settings. The last one has every block that no other names.
type tab struct {
	name, title string
	mapped      string // its list of field mappings, blank for none
	blocks      []string
}

var tabs = []tab{
	{"contacts", "Contacts", "contact", []string{"contacts"}},
	{"companies", "Companies", "company", []string{"companies"}},
	{"deals", "Deals", "deal", []string{"deals"}},
	{"activities", "Activities", "task", []string{"activities"}},
	{"tickets", "Tickets", "ticket", []string{"tickets"}},
	{"custom-objects", "Custom objects", "", []string{"custom_objects"}},
	{"products", "Line items and products", "product", []string{"products", "line_items"}},
	{"owners", "Owners", "", []string{"owners"}},
	{"lifecycle", "Lifecycle stages", "", []string{"lifecycle"}},
	{"campaigns", "Campaigns", "", []string{"campaigns"}},
	{"general", "General", "", nil},
}

func (t tab) shows() []string {
	if t.blocks != nil {
		return t.blocks
	}
	return slices.DeleteFunc(config.Blocks(), func(block string) bool {
		return slices.ContainsFunc(tabs, func(other tab) bool { return slices.Contains(other.blocks, block) })
	})
}

// settled are the settings of a connection as one version has them.
type settled struct {
	store.Settings
	conn     int64
	settings config.Connection
}

// settledAt gives a version of the settings of the page's connection; 0 for the newest.
func (c *Console) settledAt(v *visit, version int64) (s settled, err error) {
	e, conn, err := c.Stored(v.r.Context(), v.connection)
	if err != nil {
		return s, err
	}
	s.conn = conn.ID
	err = e.View(v.r.Context(), func(tx *store.Tx) (err error) {
		if version != 0 {
			s.Settings, err = tx.SettingsAt(conn.ID, version)
			return err
		}
		s.Settings, _, err = tx.SettingsLatest(conn.ID)
		return err
	})
	if store.CodeOf(err) == store.NotFound {
		return s, notFound("There is no version " + strconv.FormatInt(version, 10) + " of the settings.")
	}
	if err == nil {
		s.settings, err = config.Stored(conn.Wanted, s.Body)
	}
	return s, err
}

// settingsForm is a tab with its controls.
type settingsForm struct {
	tab      tab
	base     store.Settings // that was edited
	controls []config.Control
	trouble  *Trouble
	at       string // the key that the trouble is about, blank for none
	saved    *savedSettings
}

// savedSettings are a version that was just stored, and what may be imported since.
type savedSettings struct {
	version string
	first   []engine.FirstImport
}

// savedOf is what was just stored by the page's address, nil for nothing.
func (c *Console) savedOf(v *visit) (*savedSettings, error) {
	n := v.versionIn("saved")
	if n == 0 {
		return nil, nil
	}
	status, err := c.Status(v.r.Context(), v.connection)
	return &savedSettings{strconv.FormatInt(n, 10), status.First}, err
}

func (c *Console) settingsPage(v *visit) error {
	t, err := v.tab()
	if err != nil {
		return err
	}
	s, err := c.settledAt(v, 0)
	if err != nil {
		return err
	}
	f := formOf(t, s)
	if f.saved, err = c.savedOf(v); err != nil {
		return err
	}
	return v.show(settingsView(v, f))
}

func formOf(t tab, s settled) *settingsForm {
	f := &settingsForm{tab: t, base: s.Settings}
	for _, block := range t.shows() {
		f.controls = append(f.controls, s.settings.Controls(block)...)
	}
	return f
}

// tab is the one that the page is about, the first one where none is named.
func (v *visit) tab() (tab, error) {
	name := v.r.PathValue("tab")
	i := slices.IndexFunc(tabs, func(t tab) bool { return t.name == name })
	if name == "" {
		i = 0
	}
	if i < 0 {
		return tab{}, notFound("There is no page of settings named " + name + ".")
	}
	return tabs[i], nil
}

// lookAtForm shows what the settings of a filled-in tab would do.
func (c *Console) lookAtForm(v *visit) error {
	t, err := v.tab()
	if err != nil {
		return err
	}
	s, err := c.base(v)
	if err != nil {
		return err
	}
	f := formOf(t, s)
	values := f.filledIn(v.r)
	text, err := edited(s.settings, values)
	if err == nil {
		err = c.look(v, draft{back: t.name, base: s, text: text})
	}
	if f.refused(c, err) {
		v.w.WriteHeader(http.StatusUnprocessableEntity)
		return v.show(settingsView(v, f))
	}
	return err
}

// base is the version that a posted form was made from.
func (c *Console) base(v *visit) (s settled, err error) {
	version, err := strconv.ParseInt(v.r.PostFormValue("base"), 10, 64)
	if err != nil || version < 1 {
		return s, misused("The form does not say which version of the settings it was made from.")
	}
	return c.settledAt(v, version)
}

// filledIn are the values of a posted form that differ from those that it began with. The
// form shows them from now on.
func (f *settingsForm) filledIn(r *http.Request) map[string]string {
	_ = r.ParseForm() // what is not there was not filled in
	values := map[string]string{}
	for i := range f.controls {
		one := &f.controls[i]
		value, ok := postedValue(r, *one)
		if ok && value != one.Value {
			values[one.Path] = value
			if one.Kind != config.Entry {
				one.Value = value
			}
		}
	}
	return values
}

// postedValue is what a posted form says of a control; ok is false where it says nothing.
func postedValue(r *http.Request, one config.Control) (value string, ok bool) {
	if one.Kind == config.Map {
		return postedMap(r, one)
	}
	posted := r.PostForm[one.Path]
	if len(posted) == 0 {
		return "", false
	}
	return strings.TrimSpace(strings.ReplaceAll(posted[len(posted)-1], "\r\n", "\n")), true
}

// edited are settings, as the command line has them, with the values of a form.
func edited(s config.Connection, values map[string]string) ([]byte, error) {
	next, err := config.Edited(s, values)
	if err != nil {
		return nil, err
	}
	text, err := config.Export(next)
	if err != nil {
		return nil, err
	}
	if next, err = config.Apply(s, text); err != nil {
		return nil, err
	}
	return text, config.MayApply(s, next, text)
}

// refused reports that an error is about what was filled in, and has the form tell it.
func (f *settingsForm) refused(c *Console, err error) bool {
	var wrong *config.Error
	var unfit *refusal
	switch {
	case errors.As(err, &wrong):
		f.trouble, f.at = &Trouble{Code: "settings", Message: wrong.Message, Mend: wrong.Mend}, wrong.Key
	case errors.As(err, &unfit):
		f.trouble = &unfit.Trouble
	default:
		return false
	}
	if !slices.ContainsFunc(f.controls, func(one config.Control) bool { return one.Path == f.at }) && f.at != "" {
		f.trouble.Message = f.at + ": " + f.trouble.Message
	}
	return true
}

// invalid marks the control that was refused.
func invalid(f *settingsForm, path string) templ.Attributes {
	if f.trouble != nil && f.at == path {
		return templ.Attributes{"aria-invalid": "true"}
	}
	return nil
}
