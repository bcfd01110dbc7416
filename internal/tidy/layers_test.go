package tidy

import (
	"slices"
	"strings"
)

// layer says what the packages of one folder may import of ours.
type layer struct {
	// folder is relative to the module; "/..." includes the folders below.
	folder string
	// imports are folders, with "/..." for those below too.
	imports []string
	// tests are what its test files may import besides.
	tests []string
	// pure forbids everything that does I/O, tells the time or rolls dice.
	pure bool
}

// layers are all packages, lowest first. A package belongs to the longest
// folder that names it; one that no folder names fails the test.
var layers = []layer{
	{folder: "internal/core", pure: true},
	{folder: "internal/fuzzseed"},
	{folder: "internal/policy", pure: true, imports: []string{"internal/core"}, tests: []string{"internal/fuzzseed"}},
	{folder: "internal/mapping", pure: true, imports: []string{"internal/core"}, tests: []string{"internal/fuzzseed"}},
	{folder: "internal/likeness", pure: true},
	{folder: "internal/mail"},
	{folder: "internal/oidc", tests: []string{"sim/idp"}},
	{folder: "internal/connector", imports: []string{"internal/core"}},
	{folder: "internal/connector/pace", imports: []string{"internal/core", "internal/connector"}},
	{folder: "internal/connector/salesforce/...",
		imports: []string{"internal/core", "internal/connector", "internal/connector/pace", "internal/connector/salesforce/..."},
		tests:   []string{"internal/connector/connectortest", "internal/fuzzseed", "sim/salesforcesim/..."}},
	{folder: "internal/connector/hubspot/...",
		imports: []string{"internal/core", "internal/connector", "internal/connector/pace", "internal/connector/hubspot/..."},
		tests:   []string{"internal/connector/connectortest", "internal/fuzzseed", "sim/hubspotsim/..."}},
	{folder: "internal/connector/connectortest", imports: []string{"internal/core", "internal/connector"}},
	{folder: "internal/certify", imports: []string{"internal/core", "internal/connector"},
		tests: []string{"internal/connector/salesforce", "internal/connector/hubspot", "sim/salesforcesim", "sim/hubspotsim"}},
	{folder: "internal/store", imports: []string{"internal/core"}, tests: []string{"internal/fuzzseed", "internal/store/storetest/..."}},
	{folder: "internal/store/storetest/...", imports: []string{"internal/core", "internal/store", "internal/store/storetest/..."}},
	{folder: "internal/fleet", imports: []string{"internal/store"}, tests: []string{"internal/store/storetest/..."}},
	{folder: "internal/config", imports: []string{"internal/core", "internal/policy", "internal/mapping"}, tests: []string{"internal/fuzzseed"}},
	{folder: "internal/engine/room", imports: []string{"internal/core", "internal/connector", "internal/store"}},
	{folder: "internal/engine/owners", imports: []string{"internal/core", "internal/mapping", "internal/connector", "internal/store", "internal/config", "internal/engine/room"}},
	{folder: "internal/engine/inclusion", imports: []string{"internal/core", "internal/policy", "internal/connector", "internal/store", "internal/config", "internal/engine/room"}},
	{folder: "internal/engine/conn", imports: []string{"internal/core", "internal/policy", "internal/mapping", "internal/likeness", "internal/connector", "internal/config", "internal/engine/room", "internal/engine/owners", "internal/engine/inclusion"}},
	{folder: "internal/engine/gate", imports: []string{"internal/core", "internal/connector", "internal/store", "internal/engine/room", "internal/engine/conn"}},
	{folder: "internal/engine/capture", imports: []string{"internal/core", "internal/connector", "internal/store", "internal/engine/room", "internal/engine/conn", "internal/engine/gate"}},
	{folder: "internal/engine/campaigns", imports: []string{"internal/core", "internal/connector", "internal/store", "internal/engine/room", "internal/engine/conn"}},
	{folder: "internal/engine/catalogue", imports: []string{"internal/core", "internal/connector", "internal/store", "internal/engine/room", "internal/engine/conn", "internal/engine/capture"}},
	{folder: "internal/engine/lifecycle", imports: []string{"internal/core", "internal/policy", "internal/connector", "internal/store", "internal/engine/room", "internal/engine/conn"}},
	{folder: "internal/engine/timeline", imports: []string{"internal/core", "internal/policy", "internal/mapping", "internal/connector", "internal/store", "internal/config", "internal/engine/room", "internal/engine/owners", "internal/engine/conn", "internal/engine/gate"}},
	{folder: "internal/engine",
		imports: []string{"internal/core", "internal/policy", "internal/mapping", "internal/likeness", "internal/connector", "internal/store", "internal/config",
			"internal/engine/room", "internal/engine/owners", "internal/engine/inclusion", "internal/engine/conn", "internal/engine/gate", "internal/engine/capture", "internal/engine/campaigns", "internal/engine/catalogue", "internal/engine/lifecycle", "internal/engine/timeline"},
		tests: []string{"internal/store/storetest/..."}},
	{folder: "internal/notify", imports: []string{"internal/core", "internal/connector", "internal/store", "internal/mail", "internal/engine"}, tests: []string{"internal/store/storetest/..."}},
	{folder: "internal/console/...",
		imports: []string{"internal/notify", "internal/core", "internal/policy", "internal/mapping", "internal/connector", "internal/store", "internal/config", "internal/engine", "internal/engine/conn", "internal/oidc", "internal/console/..."},
		tests:   []string{"internal/store/storetest/..."}},
	{folder: "internal/api", imports: []string{"internal/config", "internal/core", "internal/store", "internal/engine", "internal/console"}},
	{folder: "internal/metrics", imports: []string{"internal/engine"}, tests: []string{"internal/core", "internal/connector", "internal/store"}},
	{folder: "internal/cli/...",
		imports: []string{"internal/core", "internal/policy", "internal/mapping", "internal/connector", "internal/connector/pace",
			"internal/connector/salesforce", "internal/connector/hubspot", "internal/certify", "internal/store", "internal/config", "internal/mail", "internal/notify", "internal/oidc", "internal/engine", "internal/engine/conn", "internal/engine/owners",
			"internal/fleet", "internal/console", "internal/api", "internal/metrics", "internal/cli/...", "sim/salesforcesim", "sim/hubspotsim"},
		tests: []string{"internal/fuzzseed", "internal/store/storetest/..."}},
	{folder: "internal/tidy"},
	{folder: "scripts/..."},
	{folder: "cmd/tandem", imports: []string{"internal/cli"}},
	{folder: "sim/salesforcesim/...", imports: []string{"sim/salesforcesim/..."}},
	{folder: "sim/hubspotsim/...", imports: []string{"sim/hubspotsim/..."}},
	{folder: "sim/idp"},
	{folder: "sim/clients/...", imports: []string{"sim/clients/...", "sim/salesforcesim/...", "sim/hubspotsim/..."}},
	{folder: "sim/killtest", tests: []string{"internal/cli", "internal/store/storetest/pgtest"}},
	{folder: "sim/bench/...", imports: []string{"internal/...", "sim/bench/...", "sim/salesforcesim/...", "sim/hubspotsim/..."}},
	{folder: "sim/consoletest", imports: []string{"internal/...", "sim/..."}},
	{folder: "sim/simtest/...", imports: []string{"internal/...", "sim/..."}},
}

// impure are packages of the standard library that do I/O, tell the time zone
// of the machine, or are random.
var impure = []string{"crypto/rand", "database/sql", "io/fs", "io/ioutil", "log", "log/slog", "math/rand", "math/rand/v2",
	"net", "net/http", "net/rpc", "net/smtp", "os", "os/exec", "os/signal", "os/user", "path/filepath", "plugin", "syscall"}

// covers reports that a pattern of the table names the folder.
func covers(pattern, folder string) bool {
	below, tree := strings.CutSuffix(pattern, "/...")
	return folder == below || tree && strings.HasPrefix(folder, below+"/")
}

// layerOf is the layer of a package's folder.
func layerOf(folder string) (best layer, ok bool) {
	for _, l := range layers {
		if covers(l.folder, folder) && len(l.folder) >= len(best.folder) {
			best, ok = l, true
		}
	}
	return best, ok
}

// allows reports that a package of the layer, at folder, may import target.
func (l layer) allows(folder, target string, test bool) bool {
	if test && target == folder {
		return true // an external test package
	}
	may := l.imports
	if test {
		may = slices.Concat(may, l.tests)
	}
	return slices.ContainsFunc(may, func(p string) bool { return covers(p, target) })
}
