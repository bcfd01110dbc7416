package cli

import (
	"context"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

// simulateFlags are the flags of tandem simulate.
type simulateFlags struct {
	simOptions
	settings          simSettings
	load, limitsWord  string
	latency           time.Duration
	orgLat, portalLat string // blank: as latency
}

func (a *app) simulate() *cobra.Command {
	f := &simulateFlags{}
	c := &cobra.Command{
		Use:   "simulate",
		Short: "Run a simulated org and portal to rehearse with",
		Long: `Serves a Salesforce org and a HubSpot portal on loopback ports until it is stopped.
They speak the real protocols with the vendors' limits, and each has a page to look
at and edit records as a person would. The first line on standard output tells
addresses and tokens.

DIR may hold Salesforce exports (Account.csv, Contact.csv …) and HubSpot exports
(companies.csv, contacts.csv, deals.csv), or sub-folders salesforce and hubspot. A
User.csv needs the column Username. Without DIR and without --sample both sides are empty.`,
		Example: "  tandem simulate --sample --write-config tandem.yaml\n  tandem simulate --json --load exports/ --latency 80ms",
		Args:    cobra.NoArgs,
		RunE: a.do(func(ctx context.Context, _ []string) error {
			if err := f.complete(); err != nil {
				return err
			}
			return a.runSimulators(ctx, f)
		}),
	}
	fl := c.Flags()
	fl.StringVar(&f.load, "load", "", "load exports from this folder (`DIR`)")
	fl.StringVar(&f.settings.file, "write-config", "", "prepare both sides for Tandem and write settings for them to this `FILE`")
	fl.BoolVar(&f.settings.people, "people", false, "with --write-config: sync leads and contacts too")
	fl.BoolVar(&f.settings.replace, "replace", false, "with --write-config: write over the settings and the store of an earlier simulation")
	fl.BoolVar(&f.settings.sample, "sample", false, "begin with the sample records of tandem demo")
	fl.Uint64Var(&f.seed, "seed", 1, "number that ids and tokens follow from")
	fl.StringVar(&f.limitsWord, "limits", "on", "`on|off`: the vendors' rate limits")
	fl.DurationVar(&f.latency, "latency", 0, "time added to every API answer of both sides, such as 80ms")
	fl.StringVar(&f.orgLat, "salesforce-latency", "", "the same `DURATION` for Salesforce alone")
	fl.StringVar(&f.portalLat, "hubspot-latency", "", "the same `DURATION` for HubSpot alone")
	fl.StringVar(&f.webhooks, "webhooks", "", "deliver the portal's events to this `URL`")
	fl.StringVar(&f.listen, "salesforce-listen", "", "`ADDRESS` of the org instead of a free port")
	fl.StringVar(&f.pubsubListen, "pubsub-listen", "", "`ADDRESS` of the org's event bus")
	fl.StringVar(&f.simOptions.portal, "hubspot-listen", "", "`ADDRESS` of the portal")
	return c
}

func (f *simulateFlags) complete() error {
	switch f.limitsWord {
	case "on":
		f.limits = true
	case "off":
	default:
		return usage("--limits "+f.limitsWord+" is neither on nor off", "")
	}
	f.simOptions.latency = [2]time.Duration{f.latency, f.latency}
	for side, own := range []string{f.orgLat, f.portalLat} {
		if own == "" {
			continue
		}
		d, err := time.ParseDuration(own)
		if err != nil || d < 0 {
			return usage("latency "+own+" is no duration", "write it such as 80ms")
		}
		f.simOptions.latency[side] = d
	}
	return nil
}

// simGarbage is how much garbage may lie beside the records, in percent of them:
// both sides with a million records each are to fit in 2 GiB.
const simGarbage = 35

// boundGarbage has the collector run that often. A user's GOGC stands.
func (a *app) boundGarbage() {
	if _, set := os.LookupEnv("GOGC"); a.alone && !set {
		debug.SetGCPercent(simGarbage)
	}
}

func (a *app) runSimulators(ctx context.Context, f *simulateFlags) error {
	a.boundGarbage()
	if err := f.settings.makeRoom(); err != nil {
		return err
	}
	s, err := newSimulators(f.simOptions)
	if err != nil {
		return err
	}
	defer s.closeListeners()
	if f.settings.sample {
		s.loadSample(f.seed)
	}
	if f.load != "" {
		notes, err := s.load(f.load)
		if err != nil {
			return err
		}
		for _, n := range notes {
			a.note("%s", n)
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.serve(ctx) })
	g.Go(func() error {
		if f.settings.file != "" {
			if err := a.writeSimConfig(ctx, s, f.settings); err != nil {
				return err
			}
		}
		return a.announce(s, f)
	})
	return g.Wait()
}

func (a *app) announce(s *simulators, f *simulateFlags) error {
	info := s.info()
	if err := a.printJSON(info); err != nil || a.json {
		return err
	}
	a.note("Salesforce %s    HubSpot %s    (pages to look at and edit records)", info.Salesforce.URL, info.HubSpot.URL)
	if f.settings.file != "" {
		a.note("settings are in %s: try tandem plan company --config %s", f.settings.file, f.settings.file)
	}
	if f.load == "" && !f.settings.sample {
		a.note("both sides are empty; --sample or --load DIR gives them records")
	}
	a.note("stop with Ctrl-C")
	return nil
}
