package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tandem/internal/config"
	"tandem/internal/core"
)

// Streams are what a run of the command line reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// app is one run of the command line.
type app struct {
	Streams
	configPath string
	connection string
	json       bool
	verbose    bool
	began      bool // a verb's own work has begun: errors are no longer wrong usage
	now        func() time.Time
	env        func(string) (string, bool)
	printed    *screen
	stages     map[string]string // names of the stages by HubSpot's ids, once they are read
	objects    core.PairSet      // of the settings in force, once they are read
	lines      *bufio.Reader     // of In, once something was asked
	// interactive says that In answers questions though it is no terminal.
	interactive bool
	alone       bool // nothing else runs in the process
}

// Main is Run in a process where nothing else runs, whose memory it bounds.
func Main(ctx context.Context, args []string, s Streams) int {
	return run(ctx, args, &app{Streams: s, alone: true})
}

// Run executes one command line and returns the exit code. It ends early, but
// cleanly, when ctx ends.
func Run(ctx context.Context, args []string, s Streams) int { return run(ctx, args, &app{Streams: s}) }

func run(ctx context.Context, args []string, a *app) int {
	// --json is looked for at once: it counts for mistakes in other flags too.
	a.now, a.env, a.json = time.Now, os.LookupEnv, slices.Contains(args, "--json")
	s := a.Streams
	a.printed = newScreen(s.Out, s.Err)
	root := a.root()
	root.SetArgs(args)
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	err := root.ExecuteContext(ctx)
	a.printed.clear()
	if err == nil {
		return exitDone
	}
	return a.report(ctx, err)
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "tandem",
		Short:         "Keep a Salesforce org and a HubSpot portal in step",
		Long:          "Tandem keeps the records of a Salesforce org and a HubSpot portal in step.\nStart with tandem demo, which needs no set-up, or with tandem init.",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.configPath, "config", "tandem.yaml", "settings `FILE`")
	flags.StringVar(&a.connection, "connection", "", "`NAME` of the connection; needed where the settings have several")
	flags.BoolVar(&a.json, "json", a.json, "print JSON for programs instead of text for people")
	flags.BoolVar(&a.verbose, "verbose", false, "log what the engine does to stderr")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usage(err.Error(), "see "+c.CommandPath()+" --help") })
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(a.verbs()...)
	sayHow(root)
	return root
}

// sayHow makes a wrong number of arguments tell how the command is used.
func sayHow(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return usage("this is used as: "+strings.TrimSuffix(c.UseLine(), " [flags]"), "see "+c.CommandPath()+" --help")
			}
			return nil
		}
	}
	if c.HasParent() && c.HasSubCommands() && !c.Runnable() {
		c.RunE = needsVerb
	}
	for _, sub := range c.Commands() {
		sayHow(sub)
	}
}

// needsVerb is what a group of commands does by itself: help, or what it lacks.
func needsVerb(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return c.Help()
	}
	var verbs []string
	for _, sub := range c.Commands() {
		verbs = append(verbs, sub.Name())
	}
	return usage(c.CommandPath()+" has no command "+args[0], "say what to do: "+c.CommandPath()+" "+strings.Join(verbs, "|"))
}

// verbs are all commands, in the order that help shows them.
func (a *app) verbs() []*cobra.Command {
	cobra.EnableCommandSorting = false
	return []*cobra.Command{
		a.demo(), a.simulate(), a.init(), a.check(), a.certify(),
		a.plan(), a.apply(), a.importer(), a.sync(), a.serve(),
		a.status(), a.find(), a.explain(), a.history(), a.runs(), a.waiting(), a.issues(), a.retry(), a.conflicts(),
		a.resync(), a.backfill(), a.undo(), a.links(), a.settings(), a.connections(),
		a.pause(), a.resume(), a.cancel(), a.disconnect(), a.store(), a.token(), a.notifications(), a.version(),
	}
}

// do makes a verb's function a cobra one. Errors before it are wrong usage.
func (a *app) do(fn func(ctx context.Context, args []string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		a.began = true
		return fn(c.Context(), args)
	}
}

// load reads the settings file, and what was added to it at the console.
func (a *app) load() (*config.File, error) {
	f, err := config.Load(a.configPath)
	if err != nil {
		return nil, &problem{Code: codeSettings, Message: err.Error(), exit: exitUsage}
	}
	return a.withAdditions(f), nil
}

// chosen is the connection that the command line names, or the only one.
func (a *app) chosen(f *config.File) (config.Connection, error) {
	for _, c := range f.Connections {
		if c.Name == a.connection || a.connection == "" && len(f.Connections) == 1 {
			return c, nil
		}
	}
	if a.connection == "" {
		return config.Connection{}, usage(fmt.Sprintf("%s has %d connections", a.configPath, len(f.Connections)), "name one with --connection")
	}
	return config.Connection{}, usage(fmt.Sprintf("%s has no connection named %q", a.configPath, a.connection), "tandem connections lists them")
}

// log is the engine's log: everything with --verbose, otherwise what went wrong.
func (a *app) log() *slog.Logger {
	level := slog.LevelWarn
	if a.verbose {
		level = slog.LevelInfo
	}
	return slog.New(slog.NewTextHandler(a.printed.logger(), &slog.HandlerOptions{Level: level}))
}

// actor names who runs the command, for the audit log.
func actor() string {
	if u := os.Getenv("USER"); u != "" {
		return u
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username // of the account that the process runs as, where no session names it
	}
	return "tandem"
}
