package cli

import (
	"context"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Tell the version of this program",
		Example: "  tandem version --json",
		Args:    cobra.NoArgs,
		RunE: a.do(func(context.Context, []string) error {
			v := buildVersion()
			if a.json {
				return a.printJSON(v)
			}
			a.printf("tandem %s (%s%s)\n", v["version"], v["go"], orPrefix(", revision ", v["revision"]))
			return nil
		}),
	}
}

// buildVersion is what the Go tool noted when it built the program.
func buildVersion() map[string]string {
	out := map[string]string{"version": "unknown", "go": "unknown"}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return out
	}
	out["version"], out["go"] = orElse(info.Main.Version, "(devel)"), info.GoVersion
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			out["revision"] = s.Value
		}
	}
	return out
}
