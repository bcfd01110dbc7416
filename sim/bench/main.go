// Command bench measures Tandem as a process of its own against the simulators
// as another: first import, second sync, matching, CPU, memory, store size and
// the time a change takes to reach the other side. It prints one table.
//
// The records are real organisations (folder ror-organizations of TANDEM_DATA,
// default ../shared/data); without that folder it says so and stops.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"text/tabwriter"
	"time"
)

type options struct {
	records int
	large   int
	edits   int
	linked  int
	only    string
	binary  string
	data    string
	work    string
}

func main() {
	o := options{data: dataDir()}
	flag.IntVar(&o.records, "records", 20000, "accounts of the first import")
	flag.IntVar(&o.large, "large", 0, "accounts of a second, large import for the memory figure; 0 leaves it out")
	flag.IntVar(&o.edits, "edits", 100, "edits on each side for the latency figures")
	flag.IntVar(&o.linked, "linked", 200000, "accounts that are linked when the console is read")
	flag.StringVar(&o.only, "only", "", "one scenario: empty, match, cpu, large, latency, pages, people or dedup")
	flag.StringVar(&o.binary, "tandem", "", "the binary to measure; built when blank")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func dataDir() string {
	if d := os.Getenv("TANDEM_DATA"); d != "" {
		return d
	}
	return filepath.Join("..", "shared", "data")
}

// figure is one row of the table.
type figure struct{ name, value, aim string }

func run(ctx context.Context, o options) error {
	if _, err := os.Stat(filepath.Join(o.data, "ror-organizations", "organizations.csv")); err != nil {
		return fmt.Errorf("real organisations are not there (set TANDEM_DATA): %w", err)
	}
	var err error
	if o.work, err = os.MkdirTemp("", "tandem-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(o.work)
	if o.binary == "" {
		o.binary = filepath.Join(o.work, "tandem")
		build := exec.CommandContext(ctx, "go", "build", "-o", o.binary, "./cmd/tandem")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("build tandem: %w: %s", err, out)
		}
	}
	var rows []figure
	for _, s := range scenarios {
		if o.only != "" && o.only != s.name || s.name == "large" && o.large == 0 {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s  %s …\n", time.Now().Format(time.TimeOnly), s.name)
		got, err := s.run(ctx, o)
		rows = append(rows, got...)
		if err != nil {
			return errors.Join(fmt.Errorf("scenario %s: %w", s.name, err), report(rows))
		}
	}
	return report(rows)
}

func report(rows []figure) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "figure\tmeasured\taim")
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.name, r.value, r.aim)
	}
	return w.Flush()
}

var scenarios = []struct {
	name string
	run  func(context.Context, options) ([]figure, error)
}{
	{"empty", emptyPortal}, {"match", matching}, {"cpu", unlimited}, {"large", large}, {"latency", latency}, {"pages", pages}, {"people", people}, {"dedup", dedup},
}
