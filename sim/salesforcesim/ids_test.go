package salesforcesim

import (
	"math/rand/v2"
	"testing"
)

func TestChecksumOfPublishedIDs(t *testing.T) {
	for _, id := range []string{"0015f00002JUXA8AAP", "0035f00002EztxDAAR", "0065f00000UloqVAAR", "001ZL000001QS6mYAG", "003ZL000001EDrPYAW", "001D000000K0fXOIAZ", "a00D0000008pQR5IAM", "750R0000000zlh9IAA"} {
		if got, ok := canonicalID(id[:15]); !ok || got != id {
			t.Errorf("%s: %s", id[:15], got)
		}
		if got, ok := canonicalID(id); !ok || got != id {
			t.Errorf("%s: %s", id, got)
		}
	}
}

func TestMangledIDsAreRefused(t *testing.T) {
	for _, id := range []string{"", "001", "0015F00002JUXA8AAP", "0015f00002juxa8aap", "0015f00002JUXA-", "0015f00002JUXA8AAQ"} {
		if got, ok := canonicalID(id); ok {
			t.Errorf("%q taken as %s", id, got)
		}
	}
}

func TestIDsRise(t *testing.T) {
	m := newIDMaker(rand.New(rand.NewPCG(1, 1)))
	last := ""
	for range 1000 {
		id := m.make("001")
		if full, ok := canonicalID(id); !ok || full != id || id[:15] <= last {
			t.Fatalf("%s after %s", id, last)
		}
		last = id[:15]
	}
}
