package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"tandem/internal/config"
	"tandem/internal/core"
	"tandem/internal/engine"
	"tandem/sim/hubspotsim"
)

func (a *app) demo() *cobra.Command {
	var once bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Watch a simulated org and portal come into step; nothing to set up",
		Long: `Starts a simulated org and a simulated portal with sample data in this process,
brings them into step, and keeps them there: edit a record on either side's page and
see the other follow. Nothing is written outside a temporary folder.`,
		Example: "  tandem demo\n  tandem demo --once --json",
		Args:    cobra.NoArgs,
		RunE:    a.do(func(ctx context.Context, _ []string) error { return a.runDemo(ctx, once) }),
	}
	c.Flags().BoolVar(&once, "once", false, "end after the first sync")
	return c
}

const demoSeed = 7

// raisedBurst is how many calls in ten seconds the portal of a demo answers: more than any that
// can be bought, since the demo makes all fields and syncs all objects in one go, and nobody is
// to watch it wait for the next ten seconds.
const raisedBurst = 1000

func (a *app) runDemo(ctx context.Context, once bool) error {
	s, err := newSimulators(simOptions{seed: demoSeed, limits: true})
	if err != nil {
		return err
	}
	defer s.closeListeners()
	s.loadSample(demoSeed)
	if err := s.portal.Configure(hubspotsim.Settings{Burst: new(raisedBurst)}); err != nil {
		return fmt.Errorf("raise the limit of calls: %w", err)
	}
	if err := s.sell(a.now()); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "tandem-demo-")
	if err != nil {
		return fmt.Errorf("make demo folder: %w", err)
	}
	defer os.RemoveAll(dir)
	serving, stop := context.WithCancel(ctx)
	defer stop()
	g, serving := errgroup.WithContext(serving)
	g.Go(func() error { return s.serve(serving) })
	g.Go(func() error {
		defer stop()
		return a.demoSync(serving, s, dir, once)
	})
	err = g.Wait()
	if ctx.Err() != nil {
		return nil // Ctrl-C is how a demo ends
	}
	return err
}

func (a *app) demoSync(ctx context.Context, s *simulators, dir string, once bool) error {
	c := s.connection("demo")
	showAll(&c)
	if err := a.prepareSimulators(ctx, &c); err != nil {
		return err
	}
	settleSample(c.Mappings[string(core.CompanyPair)])
	f := &config.File{Store: "sqlite://" + filepath.Join(dir, "tandem.db"), Listen: "127.0.0.1:0", Connections: []config.Connection{c}}
	file := filepath.Join(dir, "tandem.yaml")
	if err := writeSettings(f, file); err != nil {
		return err
	}
	w, err := a.openWorld(ctx, f)
	if err != nil {
		return err
	}
	defer w.Close()
	info := s.info()
	if !a.json {
		a.printf("Salesforce  %s\nHubSpot     %s\n\n", info.Salesforce.URL, info.HubSpot.URL)
	}
	res, err := a.firstImport(ctx, w, c.Name)
	if err != nil {
		return err
	}
	if err := a.printDemo(res); err != nil || once {
		return err
	}
	from := s.written() // before anyone is asked to edit
	l, err := net.Listen("tcp", f.Listen)
	if err != nil {
		return fmt.Errorf("listen for the console: %w", err)
	}
	web := w.console(true)
	welcome, err := web.Invite(ctx)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	if !a.json {
		a.printf("\nConsole     %s\n", httpURL(l)+welcome)
		a.printf("\nEdit a record on either page and watch the other side. Ctrl-C ends.\n")
		a.printWays(c.Mappings[string(core.CompanyPair)])
		a.printf("Ask of any record why it did or did not sync, from another terminal:\n")
		a.printf("  %s explain company ID --config %s\n\n", os.Args[0], file)
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return serveWeb(ctx, l, w.handler(web)) })
	g.Go(func() error { return a.follow(ctx, w, c, s, from) })
	return g.Wait()
}

// printDemo says what the first sync made of each object.
func (a *app) printDemo(r engine.Result) error {
	if a.json || !inStep(r) {
		return a.printResult(r)
	}
	a.printf("In step after %s%s.\n\n", seconds(r.Seconds), orPrefix("; ", callsWords(r.Calls)))
	var rows [][]string
	for _, object := range objectsIn(r.Objects) {
		n := r.Objects[object]
		rows = append(rows, []string{strings.ReplaceAll(object, "_", " "), fmt.Sprint(n.Created), fmt.Sprint(n.Linked), fmt.Sprint(n.Issues)})
	}
	a.printed.table([]string{"Object", "Created", "Linked", "Issues"}, rows)
	return nil
}

// firstImport says yes to the imports that a new connection offers.
func (a *app) firstImport(ctx context.Context, w *world, name string) (res engine.Result, err error) {
	live, err := w.wire(ctx, name)
	if err != nil {
		return res, err
	}
	for _, p := range live.conn.Pairs.Names() {
		if !live.conn.Syncs(p) {
			continue
		}
		if _, err := live.engine.StartImport(ctx, live.conn, "import", engine.ImportArgs{Pair: p, Sides: core.Sides[:]}); err != nil {
			return res, err
		}
	}
	s := &session{app: a, world: w}
	defer s.watch(ctx, name, 0)()
	return live.engine.Once(ctx, live.conn)
}

// settleSample answers what an admin would be asked about the proposed mapping of
// the sample records: edits count from either side where both pages are there to
// edit, and values that HubSpot lacks get the closest one it has. HubSpot has none
// for Recreation, which shows how an issue looks.
func settleSample(fields []config.Mapping) {
	for i, f := range fields {
		switch f.Salesforce {
		case "Type":
			fields[i].Rule = core.DontSync.String()
		case "Industry":
			values := maps.Clone(f.Values)
			maps.Copy(values, sampleIndustries)
			fields[i].Values = values
		case "AnnualRevenue":
		default:
			fields[i].Rule = core.TwoWay.String()
		}
	}
}

var sampleIndustries = map[string]string{"Manufacturing": "ELECTRICAL_ELECTRONIC_MANUFACTURING", "Media": "MARKETING_AND_ADVERTISING",
	"Shipping": "LOGISTICS_AND_SUPPLY_CHAIN"}

// printWays says which edits go which way.
func (a *app) printWays(fields []config.Mapping) {
	var both, one []string
	for _, f := range fields {
		switch f.Rule {
		case core.TwoWay.String():
			both = append(both, f.HubSpot)
		case core.PreferSalesforce.String():
			one = append(one, f.HubSpot)
		}
	}
	a.printf("Of companies an edit of these goes to the other side from either page: %s.\n", strings.Join(both, ", "))
	a.printf("Here Salesforce wins, and an edit in HubSpot is undone unless Salesforce is blank: %s.\n", strings.Join(one, ", "))
}
