package console

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

// draft are settings that somebody means to save, made from a version.
type draft struct {
	back string // the page of settings to go back to
	base settled
	text []byte
}

// looked is a draft with what it would do.
type looked struct {
	draft
	changes []config.Change
	would   Applied
	look    store.Look // that found it, where it took its time
	failed  *Trouble   // why it found nothing
}

// look shows what a draft would do, and changes nothing. Where its base does not count any
// more it shows what has changed since.
func (c *Console) look(v *visit, d draft) error {
	l := looked{draft: d}
	var err error
	if l.changes, err = config.Diff(d.base.Body, d.text); err != nil {
		return err
	}
	o := v.order()
	o.Settings, o.Base, o.DryRun, o.Back = string(d.text), d.base.Version, true, d.back
	next, err := config.Apply(d.base.settings, d.text)
	if err == nil && engine.ReadsRecords(d.base.settings, next) {
		return c.lookLong(v, l, o)
	}
	if err := c.Do(v.r.Context(), "settings", o, &l.would); err != nil {
		return c.showUnlooked(v, d, err)
	}
	return v.show(lookView(v, l))
}

// showUnlooked shows why it cannot be told what a draft would do.
func (c *Console) showUnlooked(v *visit, d draft, err error) error {
	switch c.Tell(err).Code {
	case SettingsChanged:
		return c.showOvertaken(v, d)
	case "failed":
		return err
	}
	return &refusal{status: http.StatusUnprocessableEntity, Trouble: c.Tell(err)}
}

// lookLong is look for a draft that records have to be read for. Where that takes its time
// its page says how far it is.
func (c *Console) lookLong(v *visit, l looked, o Order) error {
	o.Look = LookSettings
	begun, err := c.beginLook(v, o)
	if asked, _ := askedOf(begun); begun.Open() && (asked.Settings != o.Settings || asked.Base != o.Base) {
		return &refusal{status: http.StatusConflict, Trouble: Trouble{Code: "looked_at", Message: begun.By + " is looking at what other settings would do.",
			Mend: "wait for its end, or stop it, under " + v.origin() + v.lookAt(LookSettings)}}
	}
	if err != nil {
		return c.showUnlooked(v, l.draft, err)
	}
	if begun.Open() {
		return v.to(v.lookAt(LookSettings))
	}
	if l.would, _, err = foundBy[Applied](begun); err != nil {
		return err
	}
	return v.show(lookView(v, l))
}

// askedOf is what was asked of a look at a draft.
func askedOf(l store.Look) (asked Order, err error) {
	var o struct {
		Settings string `json:"settings"`
		Base     int64  `json:"base"`
		Back     string `json:"back"`
	}
	err = json.Unmarshal(l.Asked, &o)
	return Order{Settings: o.Settings, Base: o.Base, Back: o.Back}, err
}

// lastLooked is the last look at a draft.
func (c *Console) lastLooked(ctx context.Context, v *visit) (l looked, err error) {
	if l.look, err = c.Looked(ctx, v.connection, LookSettings); err != nil {
		t := c.Tell(err)
		l.failed = &t
	}
	if l.look.Began.IsZero() {
		return l, notFound("Nobody has looked at what other settings would do.")
	}
	asked, err := askedOf(l.look)
	if err != nil {
		return l, err
	}
	l.back, l.text = asked.Back, []byte(asked.Settings)
	if l.base, err = c.settledAt(v, asked.Base); err != nil {
		return l, err
	}
	if l.changes, err = config.Diff(l.base.Body, l.text); err != nil {
		return l, err
	}
	v.now = c.Now()
	l.would, _, err = foundBy[Applied](l.look)
	return l, err
}

// lookPage shows how far a look at a draft is, and what it found.
func (c *Console) lookPage(v *visit) error {
	l, err := c.lastLooked(v.r.Context(), v)
	if err != nil {
		return err
	}
	return v.show(lookPageView(v, l))
}

func (c *Console) lookLive(v *visit) error {
	return c.followed(v, LookSettings, func(ctx context.Context) (templ.Component, error) {
		l, err := c.lastLooked(ctx, v)
		return lookFound(v, l), err
	})
}

// lookAgain shows what a draft would do that was made anew of what counts now.
func (c *Console) lookAgain(v *visit) error {
	d, err := c.posted(v)
	if err != nil {
		return err
	}
	return c.look(v, d)
}

// saveSettings has a draft count that was looked at.
func (c *Console) saveSettings(v *visit) error {
	d, err := c.posted(v)
	if err != nil {
		return err
	}
	o, done := v.order(), Applied{}
	o.Settings, o.Base = string(d.text), d.base.Version
	switch err := c.Do(v.r.Context(), "settings", o, &done); {
	case err != nil && c.Tell(err).Code == SettingsChanged:
		return c.showOvertaken(v, d)
	case err != nil:
		return err
	}
	version := strconv.FormatInt(done.Version, 10)
	if err := c.note(v, v.who.Name, "save settings", map[string]string{"connection": v.connection, "version": version, "made from": v.r.PostFormValue("base")}); err != nil {
		return err
	}
	return v.to(v.backAt(d.back) + "?saved=" + version)
}

// posted is the draft that a form carries.
func (c *Console) posted(v *visit) (d draft, err error) {
	if d.back = v.r.PostFormValue("back"); d.back != "versions" && !strings.HasPrefix(d.back, mappingsBack) {
		v.r.SetPathValue("tab", d.back)
		if _, err = v.tab(); err != nil {
			return d, err
		}
	}
	d.text = []byte(v.r.PostFormValue("settings"))
	if d.base, err = c.base(v); err != nil {
		return d, err
	}
	if _, err := config.Apply(d.base.settings, d.text); err != nil {
		return d, &refusal{status: http.StatusUnprocessableEntity, Trouble: Trouble{Code: "settings", Message: err.Error()}}
	}
	return d, nil
}

// overtaken is a draft whose base does not count any more.
type overtaken struct {
	draft
	newest  store.Settings
	theirs  []config.Change // since the base
	mine    []config.Change
	both    map[string]bool // keys that both changed
	rebased []byte          // the draft's changes on what counts by now
}

func (c *Console) showOvertaken(v *visit, d draft) error {
	o := overtaken{draft: d, both: map[string]bool{}}
	now, err := c.settledAt(v, 0)
	if err != nil {
		return err
	}
	o.newest = now.Settings
	if o.theirs, err = config.Diff(d.base.Body, now.Body); err != nil {
		return err
	}
	if o.mine, err = config.Diff(d.base.Body, d.text); err != nil {
		return err
	}
	if o.rebased, err = config.Rebase(d.base.Body, d.text, now.Body); err != nil {
		return err
	}
	changed := map[string]bool{}
	for _, one := range o.theirs {
		changed[one.Key] = true
	}
	for _, one := range o.mine {
		o.both[one.Key] = changed[one.Key]
	}
	v.w.WriteHeader(http.StatusConflict)
	return v.show(overtakenView(v, o))
}

// meant is what a change of settings means, without the commands that a terminal is told.
func meant(all []string) (out []string) {
	for _, m := range all {
		if m, _, _ = strings.Cut(m, ": tandem "); !strings.HasPrefix(m, "tandem ") {
			out = append(out, strings.ToUpper(m[:1])+m[1:]+".")
		}
	}
	return out
}

// scopeWords say whose scope changes.
func scopeWords(s engine.Admission) string {
	words := string(s.Object)
	if of, typed := strings.CutPrefix(s.Keys[0], "activities."); typed && s.Object == core.Task {
		of, _, _ = strings.Cut(of, ".") // a task of Salesforce may be one of several types
		words += " (" + of + ")"
	}
	return words + " of " + sideNamed(s.Side).Label()
}

// ChoiceNote says for whom a choice counts.
const ChoiceNote = "The others become that once they are edited or imported; who is found in Salesforce then is linked with, and nobody is made."

// BecomingWords say what becomes of HubSpot contacts without a partner.
func BecomingWords(what string) string {
	switch what {
	case config.BecomesLead:
		return "a lead"
	case config.BecomesContact:
		return "a contact"
	case config.BecomesPerson:
		return "a person account"
	case engine.BecomesNoRule:
		return "nothing: no rule holds"
	case engine.BecomesNoAnswer:
		return "nothing yet: a rule or the filter has no answer"
	}
	return "nothing: not in scope, or without an e-mail address"
}

// named are some records of several.
func named(n int, some []engine.Sample) string {
	names := make([]string, 0, len(some)+1)
	for _, one := range some {
		names = append(names, strings.TrimSpace(one.Name+" "+one.ID))
	}
	if n > len(some) {
		names = append(names, number(n-len(some))+" more")
	}
	return strings.Join(names, ", ")
}
