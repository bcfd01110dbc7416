package cli

import (
	"cmp"
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"tandem/internal/config"
	"tandem/internal/store"
)

func (a *app) settingsDiff() *cobra.Command {
	return &cobra.Command{
		Use:   "diff [N [M] | FILE]",
		Short: "Show which settings differ between two versions, or from a file",
		Long: `Without a word, what the newest version changed; with N, what changed since that
version; with N and M, what lies between the two; with FILE, what tandem settings apply
FILE would change. Each key is a line. An old version counts again by
tandem settings show N > FILE and tandem settings apply FILE.`,
		Example: "  tandem settings diff\n  tandem settings diff 2\n  tandem settings diff 2 4 --json\n  tandem settings diff settings.yaml",
		Args:    cobra.MaximumNArgs(2),
		RunE: a.do(func(ctx context.Context, args []string) error {
			if len(args) == 1 && !isNumber(args[0]) {
				return a.diffFile(ctx, args[0])
			}
			return a.read(ctx, func(ctx context.Context, r *reading) error { return r.diffVersions(ctx, args) })
		}),
	}
}

// diffFile shows what a file would change of the settings that count.
func (a *app) diffFile(ctx context.Context, file string) error {
	text, err := config.ReadText(file)
	if err != nil {
		return usage("read settings: "+err.Error(), "write them with tandem settings export")
	}
	now, err := a.currentSettings(ctx)
	if err != nil {
		return err
	}
	next, err := config.Apply(now, text)
	if err != nil {
		return &problem{Code: codeSettings, Message: file + ": " + err.Error(), exit: exitUsage}
	}
	before, err := config.Export(now)
	if err != nil {
		return err
	}
	after, err := config.Export(next)
	if err != nil {
		return err
	}
	return a.printDiff(before, after)
}

// diffVersions shows what lies between two stored versions.
func (r *reading) diffVersions(ctx context.Context, args []string) error {
	var from, to store.Settings
	err := r.store.View(ctx, func(tx *store.Tx) error {
		last, found, err := tx.SettingsLatest(r.conn.ID)
		if err != nil || !found {
			return cmp.Or(err, refused("no settings are stored yet", "the first run stores them"))
		}
		numbers := [2]int64{max(last.Version-1, 1), last.Version}
		for i, text := range args {
			if numbers[i], err = strconv.ParseInt(text, 10, 64); err != nil {
				return usage("a version is a number", "tandem settings list shows them")
			}
		}
		if from, err = settingsAt(tx, r.conn.ID, numbers[0]); err != nil {
			return err
		}
		to, err = settingsAt(tx, r.conn.ID, numbers[1])
		return err
	})
	if err != nil {
		return err
	}
	return r.app.printDiff(from.Body, to.Body)
}

// settingsAt is a stored version of the settings.
func settingsAt(tx *store.Tx, connection, version int64) (store.Settings, error) {
	v, err := tx.SettingsAt(connection, version)
	if store.CodeOf(err) == store.NotFound {
		return v, refused(fmt.Sprintf("there is no version %d", version), "tandem settings list shows them")
	}
	return v, err
}

func (a *app) printDiff(before, after []byte) error {
	changes, err := config.Diff(before, after)
	if err != nil {
		return err
	}
	if a.json {
		for _, c := range changes {
			if err := a.printJSON(c); err != nil {
				return err
			}
		}
		return nil
	}
	if len(changes) == 0 {
		a.printf("Nothing differs.\n")
	}
	for _, c := range changes {
		switch {
		case c.Before == "":
			a.printf("+ %s: %s\n", c.Key, printable(c.After))
		case c.After == "":
			a.printf("- %s: %s\n", c.Key, printable(c.Before))
		default:
			a.printf("~ %s: %s → %s\n", c.Key, printable(c.Before), printable(c.After))
		}
	}
	return nil
}
