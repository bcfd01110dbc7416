package consoletest

import (
	"flag"
	"os"
	"testing"
)

// TestMain lets more tests run than there are processors: a browser and a daemon wait for
// each other most of the time.
func TestMain(m *testing.M) {
	flag.Parse()
	if p := flag.Lookup("test.parallel"); p != nil && p.Value.String() == p.DefValue {
		_ = flag.Set("test.parallel", "4")
	}
	os.Exit(m.Run())
}
