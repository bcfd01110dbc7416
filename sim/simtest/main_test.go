package simtest

import (
	"flag"
	"os"
	"testing"
)

// TestMain lets more worlds run at once than there are processors: most of a
// world's time is spent waiting.
func TestMain(m *testing.M) {
	flag.Parse()
	if p := flag.Lookup("test.parallel"); p != nil && p.Value.String() == p.DefValue {
		_ = flag.Set("test.parallel", "8")
	}
	os.Exit(m.Run())
}
