package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"tandem/internal/config"
	"tandem/internal/connector"
	"tandem/internal/console"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/internal/store"
)

func (a *app) settings() *cobra.Command {
	c := &cobra.Command{
		Use:   "settings",
		Short: "Export, apply and look back at the settings of a connection",
		Long: `What syncs and how is kept in versions. Settings applied here count until they are
applied anew or the settings file is edited, whichever comes later. Credentials
stay in the settings file alone.`,
		Example: "  tandem settings export > settings.yaml\n  tandem settings apply settings.yaml\n  tandem settings list\n  tandem settings show 2\n  tandem settings diff 2",
	}
	c.AddCommand(a.settingsExport(), a.settingsApply(), a.settingsList(), a.settingsShow(), a.settingsDiff())
	return c
}

func (a *app) settingsExport() *cobra.Command {
	return &cobra.Command{
		Use:     "export",
		Short:   "Print the settings that count, without credentials, as YAML",
		Example: "  tandem settings export > settings.yaml",
		Args:    cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			c, err := a.currentSettings(ctx)
			if err != nil {
				return err
			}
			text, err := config.Export(c)
			if err != nil {
				return err
			}
			return a.printSettings(text)
		}),
	}
}

func (a *app) printSettings(text []byte) error {
	if a.json {
		return a.printJSON(map[string]string{"settings": string(text)})
	}
	a.printf("%s", text)
	return nil
}

// currentSettings are those that count, also where nothing was stored yet.
func (a *app) currentSettings(ctx context.Context) (config.Connection, error) {
	f, err := a.load()
	if err != nil {
		return config.Connection{}, err
	}
	c, err := a.chosen(f)
	if err != nil {
		return c, err
	}
	return a.withStored(ctx, f, c)
}

func (a *app) settingsApply() *cobra.Command {
	var how applying
	c := &cobra.Command{
		Use:   "apply [FILE] [--dry-run]",
		Short: "Check settings and make them count",
		Long: `Checks the file whole before anything changes, stores it as a new version and says
what the change means. A running tandem serve takes it over at once. Mappings of an
object can be edited only while its sync is on, or in the edit that switches it on.
Without FILE, what the settings file itself says of the connection counts again.

With --dry-run nothing changes. Where a filter or the inclusion list is another, it is
told for each object and direction how many records are in scope now, and how many
would enter and leave, with a few of each; for that all records of the object are read.
Where contacts.from_hubspot is another, it is told how many HubSpot contacts that have no
partner would become a lead, a contact or nothing, with a few of each.
On a terminal the same is told before the settings count, and a yes is asked for.

With --base N the settings are refused where somebody has stored another version since
version N, from which the file was made (tandem settings list shows the versions).`,
		Example: "  tandem settings apply settings.yaml\n  tandem settings apply settings.yaml --base 4\n  tandem settings apply settings.yaml --dry-run --json\n  tandem settings apply",
		Args:    cobra.MaximumNArgs(1),
		RunE: a.do(func(ctx context.Context, args []string) error {
			how.file = a.configPath
			if len(args) > 0 {
				text, err := config.ReadText(args[0])
				if err != nil {
					return usage("read settings: "+err.Error(), "write them with tandem settings export")
				}
				how.file, how.text = args[0], text
			}
			return a.act(ctx, func(ctx context.Context, s *session) error { return s.applySettings(ctx, how) })
		}),
	}
	c.Flags().BoolVar(&how.dry, "dry-run", false, "tell what the settings would do, and change nothing")
	c.Flags().Int64Var(&how.base, "base", 0, "refuse where this version of the settings is not the newest any more")
	c.Flags().BoolVar(&how.yes, "yes", false, "do not look at the records first, and do not ask")
	return c
}

// applying is what is to be applied and how.
type applying struct {
	file     string
	text     []byte // nil for the settings file's own
	dry, yes bool
	base     int64 // the version that it was made from; 0 for any
}

// applySettings has settings count, or tells what they would do.
func (s *session) applySettings(ctx context.Context, how applying) error {
	rq, err := s.settingsRequest(how)
	if err != nil {
		return err
	}
	rq.Base = how.base
	if rq.DryRun = how.dry; !how.dry && !how.yes && !s.app.json {
		if err := s.sureOfScope(ctx, rq, how.file); err != nil {
			return err
		}
	}
	var res console.Applied
	if err := s.do(ctx, "settings", rq, &res); err != nil {
		return inFile(how.file, err)
	}
	if s.app.json {
		return s.app.printJSON(res)
	}
	switch {
	case !res.Changed:
		s.app.printf("Nothing changes: version %d counts already.\n", res.Version)
	case how.dry && res.Version == 0:
		s.app.printf("Nothing was applied; no settings count yet. These settings would mean:\n")
	case how.dry:
		s.app.printf("Nothing was applied; version %d counts. These settings would mean:\n", res.Version)
	default:
		s.app.printf("Version %d counts now.\n", res.Version)
	}
	for _, m := range res.Meaning {
		s.app.printf("- %s\n", m)
	}
	s.app.printWhom(res)
	return nil
}

// settingsRequest is the request for what is to be applied, checked as far as the
// file alone tells.
func (s *session) settingsRequest(how applying) (request, error) {
	rq, err := s.request()
	if err != nil {
		return rq, err
	}
	f, err := s.app.load()
	if err != nil {
		return rq, err
	}
	c, err := s.app.chosen(f)
	if err != nil {
		return rq, err
	}
	text := how.text
	if text == nil {
		if rq.FromFile = true; f.Added(c.Name) {
			return rq, usage("the settings file says nothing of connection "+c.Name+", which was added at the console", "give a file: tandem settings export writes one")
		}
		if text, err = config.Export(c); err != nil {
			return rq, err
		}
	}
	if _, err := config.Apply(c, text); err != nil {
		return rq, &problem{Code: codeSettings, Message: how.file + ": " + err.Error(), exit: exitUsage}
	}
	rq.Settings = string(text)
	return rq, nil
}

// inFile names the file of settings that were refused.
func inFile(file string, err error) error {
	p := problemOf(err)
	if p.Code != codeSettings {
		return err
	}
	named := *p
	named.Message = file + ": " + p.Message
	return &named
}

// doSettings stores a version and has it take effect.
func doSettings(ctx context.Context, w *world, rq request) (any, error) {
	if err := w.store.View(ctx, func(tx *store.Tx) error { return stillBase(tx, rq) }); err != nil {
		return nil, err
	}
	known := w.effective
	if rq.FromFile { // an edit of it is what is applied
		known = w.before
	}
	old, err := known(ctx, rq.Connection)
	if err != nil {
		return nil, err
	}
	next, err := config.Apply(old, []byte(rq.Settings))
	if err != nil {
		return nil, &problem{Code: codeSettings, Message: err.Error(), exit: exitUsage}
	}
	if err := config.MayApply(old, next, []byte(rq.Settings)); err != nil {
		return nil, &problem{Code: codeSettings, Message: err.Error(), exit: exitUsage}
	}
	engine.Tell(ctx, engine.Far{Stage: "the fields of both sides"})
	held, err := w.review(ctx, next)
	if err != nil {
		return nil, err
	}
	if rq.DryRun {
		return w.wouldMean(ctx, rq, old, next, held)
	}
	if rq.FromFile {
		rq.By = byFile
	}
	res, err := w.storeVersion(ctx, rq, old, next)
	if err != nil {
		return res, err
	}
	if !res.Changed {
		res.Meaning, err = w.stillWaits(ctx, rq.Connection, next, held)
		return res, err
	}
	if rq.FromFile {
		w.edited.Store(rq.Connection, next)
	}
	n, err := w.standing(ctx, rq.Connection)
	if err != nil {
		return nil, err
	}
	res.Meaning = append(meaning(old, next, n), held...)
	err = w.exclusive(ctx, rq.Connection, func() error { w.unwire(rq.Connection); return nil })
	return res, err
}

// stillBase refuses settings that were made from a version that is not the newest any
// more: they would undo what somebody else has changed since.
func stillBase(tx *store.Tx, rq request) error {
	if rq.Base == 0 {
		return nil
	}
	row, err := tx.Connection(rq.Connection)
	if err != nil {
		return err
	}
	err = tx.SettingsNewest(row.ID, rq.Base)
	if store.CodeOf(err) == store.Stale {
		return &problem{Code: console.SettingsChanged, Message: err.Error(), exit: exitNot,
			Mend: fmt.Sprintf("tandem settings diff %d shows what has changed since; take it over, and give the newest version as the base", rq.Base)}
	}
	return err
}

// review refuses settings that do not work on the sides as they are. Where a side
// cannot be reached nobody can tell: then they count, and the next start tells. Held
// are the objects that would not sync for want of something.
func (w *world) review(ctx context.Context, next config.Connection) (held []string, err error) {
	sides, done, err := w.reach(ctx, next)
	if err != nil {
		return nil, nil // it is not reached
	}
	defer done()
	e, err := engine.New(ctx, w.options(), nil)
	if err != nil {
		return nil, err
	}
	held, err = e.Review(ctx, engine.Setup{Settings: next, Sides: sides})
	var misfit *engine.Error
	if errors.As(err, &misfit) {
		return nil, misfit
	}
	return held, nil
}

// reach gives the connectors of a connection, those that are at work where there are
// any; the caller calls done at the end.
func (w *world) reach(ctx context.Context, c config.Connection) (sides [2]connector.Connector, done func(), err error) {
	if live := w.live(c.Name); live != nil {
		return live.sides, func() {}, nil
	}
	sides, err = w.connect(ctx, c)
	own := &wired{sides: sides}
	return sides, own.close, err
}

func (w *world) storeVersion(ctx context.Context, rq request, old, next config.Connection) (res console.Applied, err error) {
	before, err := config.Export(old)
	if err != nil {
		return res, err
	}
	after, err := config.Export(next)
	if err != nil {
		return res, err
	}
	err = w.store.Update(ctx, func(tx *store.Tx) error {
		row, err := tx.ConnectionEnsure(rq.Connection)
		if err == nil {
			err = stillBase(tx, rq)
		}
		if err != nil {
			return err
		}
		last, stored, err := tx.SettingsLatest(row.ID)
		if res.Version, res.Changed = last.Version, !stored || !bytes.Equal(before, after); err == nil && res.Changed {
			res.Version, err = tx.SettingsAppend(row.ID, after, rq.By)
		}
		return err
	})
	return res, err
}

// stillWaits says of settings that count already what they do not do yet: the objects that
// lack something, and those whose older records wait for an import.
func (w *world) stillWaits(ctx context.Context, name string, c config.Connection, held []string) (out []string, err error) {
	var first []engine.FirstImport
	err = w.store.View(ctx, func(tx *store.Tx) error {
		row, err := tx.Connection(name)
		if err == nil {
			first, err = engine.Offered(tx, row.ID, c.Pairs())
		}
		return err
	})
	for _, f := range first {
		out = append(out, f.String())
	}
	return append(out, held...), err
}

// meaning says what a change of settings does, and what a person may do next.
func meaning(old, next config.Connection, n standing) []string {
	var out []string
	switch was, is := old.Companies.Sync, next.Companies.Sync; {
	case is && !was:
		out = append(out, "company sync is on: new and edited records sync from this moment; records that exist already stay away until they are edited or imported (ACC-4): tandem plan company, then tandem import company")
	case was && !is:
		out = append(out, "company sync is off: nothing of companies and accounts is read or written; links and mappings stay")
	}
	switch was, is := old.Contacts.Sync, next.Contacts.Sync; {
	case is && !was:
		out = append(out, "contact sync is on: new and edited people sync from this moment; those that exist already stay away until they are edited or imported (CON-1): tandem plan contact, then tandem import contact")
	case was && !is:
		out = append(out, "contact sync is off: nothing of people is written but the account of a contact; links and mappings stay")
	}
	for _, d := range next.Pairs() {
		if d.Name == core.CompanyPair || d.Name == core.ContactPair {
			continue
		}
		out = append(out, switchMeaning(d.Name, next.Pairs().Records(d.Name), old.Syncs(d.Name), next.Syncs(d.Name))...)
	}
	out = append(out, mappingsMeaning(old, next)...)
	if otherFilters(old, next) || slices.ContainsFunc(next.Pairs(), func(d core.PairDef) bool { return old.Inclusion(d.Name).List != next.Inclusion(d.Name).List }) {
		out = append(out, "filters or inclusion lists changed: records that leave the scope keep their link and stop syncing")
	}
	out = append(out, effects(old, next, n)...)
	if old.Paused != next.Paused {
		out = append(out, "the master switch is "+map[bool]string{true: "paused", false: "on"}[next.Paused])
	}
	if len(out) == 0 {
		out = append(out, "it counts from the next record on")
	}
	return out
}

// otherFilters reports that some object or type of activities has another filter.
func otherFilters(old, next config.Connection) bool {
	for _, d := range next.Pairs() {
		if d.Name != core.ActivityPair && old.Pair(d.Name).Filter != next.Pair(d.Name).Filter {
			return true
		}
	}
	return slices.ContainsFunc(core.StandardPairs.Objects(core.ActivityPair)[core.HubSpot], func(of core.Object) bool {
		return old.Activities.Of(of).Filter != next.Activities.Of(of).Filter
	})
}

// switchMeaning says what the switch of an object pair does.
func switchMeaning(p core.Pair, records string, was, is bool) []string {
	switch {
	case is && !was:
		return []string{fmt.Sprintf("%s sync from now on where they are new or edited; those that exist already stay away until they are edited or imported: tandem plan %s, then tandem import %s", records, p, p)}
	case was && !is:
		return []string{records + " are neither read nor written; links and mappings stay"}
	}
	return nil
}

// mappingsMeaning says what changed mappings do to values that are there. Those of an object
// that is new have none to fill in.
func mappingsMeaning(old, next config.Connection) []string {
	var out []string
	for _, p := range next.Pairs().Names() {
		if next.Syncs(p) && (old.Syncs(p) || len(old.Mappings[string(p)]) > 0) && !reflect.DeepEqual(old.Mappings[string(p)], next.Mappings[string(p)]) {
			out = append(out, fmt.Sprintf("mappings changed: existing values are not filled in by themselves (TRIG-7): tandem plan %s, then tandem backfill %s --to hubspot or --to salesforce", p, p))
		}
	}
	if len(out) > 0 {
		out = append(out, "tandem check tells fields and values of them that a side does not know")
	}
	return out
}

func (a *app) settingsList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the versions of the settings",
		Example: "  tandem settings list",
		Args:    cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			return a.read(ctx, func(ctx context.Context, r *reading) error {
				var all []store.Settings
				err := r.store.View(ctx, func(tx *store.Tx) (err error) { all, err = tx.SettingsList(r.conn.ID); return err })
				if err != nil {
					return err
				}
				var rows [][]string
				for _, v := range all {
					if a.json {
						if err := a.printJSON(map[string]any{"version": v.Version, "by": v.By, "at": v.At}); err != nil {
							return err
						}
					}
					rows = append(rows, []string{fmt.Sprint(v.Version), v.By, when(v.At)})
				}
				if !a.json {
					a.printed.table([]string{"Version", "By", "When"}, rows)
				}
				return nil
			})
		}),
	}
}

func (a *app) settingsShow() *cobra.Command {
	return &cobra.Command{
		Use:     "show N",
		Short:   "Print one version of the settings",
		Example: "  tandem settings show 2 > old.yaml && tandem settings apply old.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: a.do(func(ctx context.Context, args []string) error {
			n, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil {
				return usage("a version is a number", "tandem settings list shows them")
			}
			return a.read(ctx, func(ctx context.Context, r *reading) error {
				var v store.Settings
				err := r.store.View(ctx, func(tx *store.Tx) (err error) { v, err = tx.SettingsAt(r.conn.ID, n); return err })
				if store.CodeOf(err) == store.NotFound {
					return refused("there is no version "+args[0], "tandem settings list shows them")
				}
				if err != nil {
					return err
				}
				return a.printSettings(v.Body)
			})
		}),
	}
}
